"""The list of messages."""

from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from buzon import listing
from buzon.listing import BIN, FOLDERS, HEARD, NEW, RECEIVED, Row
from buzon.views.telling import why_not
from portal.access import SubscriberRequest, subscriber_required
from portal.pbx.errors import PBXError

MESSAGES_A_PAGE = 25
LONGEST_SEARCH = 60


@subscriber_required
@require_GET
@vary_on_headers("HX-Request")
def buzon(request: SubscriberRequest) -> HttpResponse:
    """The messages of a folder; of the page alone where htmx asks for them."""
    template = "buzon/_messages.html" if request.htmx else "buzon/buzon.html"
    return render(request, template, _context(request))


@subscriber_required
@require_GET
def nuevos(request: SubscriberRequest) -> HttpResponse:
    """How many messages nobody has heard, for the tab."""
    return render(request, "_unheard.html")


def _context(request: SubscriberRequest) -> dict[str, Any]:
    asked = _asked(request)
    here = _address(asked)
    context: dict[str, Any] = {
        "asked": asked,
        "states": _states(asked),
        "here": here,
        "again": here,
    }
    try:
        counts = listing.folder_counts(request.subscriber)
        rows = listing.rows(
            request.subscriber,
            folder=asked["carpeta"],
            state=asked["estado"],
            search=asked["buscar"],
        )
    except PBXError as error:
        return context | {"problem": why_not(error)}
    shown = Paginator(rows, MESSAGES_A_PAGE).get_page(request.GET.get("pagina"))
    return context | {
        "page": shown,
        "again": _address(asked, pagina=str(shown.number) if shown.number > 1 else ""),
        "rows": [_shown(row) for row in shown],
        "folders": _folders(asked, counts),
        "targets": [
            (slug, name) for slug, name in FOLDERS.items() if slug not in (BIN, asked["carpeta"])
        ],
        "is_bin": asked["carpeta"] == BIN,
        "is_filtered": bool(asked["estado"] or asked["buscar"]),
        "is_empty_mailbox": not any(total for total, _new in counts.values()),
        "unfiltered": _address({"carpeta": asked["carpeta"]}),
    }


def _asked(request: SubscriberRequest) -> dict[str, str]:
    """Folder, state and search, each one that exists."""
    folder, state = request.GET.get("carpeta", ""), request.GET.get("estado", "")
    return {
        "carpeta": folder if folder in FOLDERS else RECEIVED,
        "estado": state if state in (NEW, HEARD) else "",
        "buscar": request.GET.get("buscar", "").strip()[:LONGEST_SEARCH],
    }


def _address(asked: dict[str, str], **other: str) -> str:
    """The query of a list like this one, without what goes without saying."""
    query = {**asked, **other}
    kept = {name: value for name, value in query.items() if value and value != RECEIVED}
    return f"?{urlencode(kept)}"


def _states(asked: dict[str, str]) -> list[dict[str, Any]]:
    every, new = pgettext("mensajes", "Todos"), pgettext("mensajes", "Nuevos")
    names = [("", every), (NEW, new), (HEARD, _("Oídos"))]
    return [
        {"name": name, "url": _address(asked, estado=state), "open": asked["estado"] == state}
        for state, name in names
    ]


def _folders(asked: dict[str, str], counts: dict[str, tuple[int, int]]) -> list[dict[str, Any]]:
    """Those that hold something, the open one, the received ones and the bin."""
    always = {RECEIVED, BIN, asked["carpeta"]}
    return [
        {
            "name": name,
            "count": counts[slug][0],
            "url": _address({"carpeta": slug}),
            "open": slug == asked["carpeta"],
            "is_bin": slug == BIN,
        }
        for slug, name in FOLDERS.items()
        if slug in always or counts[slug][0]
    ]


def _shown(row: Row) -> dict[str, Any]:
    """A row, and how many days the bin still keeps it."""
    days = None
    if row.binned_at:
        days = max(0, settings.BIN_DAYS - (timezone.now() - row.binned_at).days)
    return {"row": row, "message": row.message, "days": days}
