"""The list of calls."""

from typing import Any

from django.db import DatabaseError
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from historial.asked import KINDS, PERIODS, Asked
from historial.listing import Waiting, page_of, rows_of
from historial.returning import of_request
from portal.access import SubscriberRequest, subscriber_required
from portal.pbx.errors import NotFound

CALLS_A_PAGE = 25
WAITING_FIRST, WAITING_MOST = 3, 20
"""Missed calls to return that are shown at once, and with those that unfold."""


@subscriber_required
@require_GET
@vary_on_headers("HX-Request")
def historial(request: SubscriberRequest) -> HttpResponse:
    """Calls, the newest first; the list alone where htmx asks for it."""
    template = "historial/_calls.html" if request.htmx else "historial/historial.html"
    asked = Asked.read(request.GET)
    return render(request, template, _frame(asked) | _calls(request, asked))


def _frame(asked: Asked) -> dict[str, Any]:
    """What surrounds the list, whether or not there is one."""
    return {
        "asked": asked,
        "again": asked.address(before=asked.before),
        "export": asked.address(),
        "newest": asked.address() if asked.before else "",
        "kinds": [
            {"name": name, "url": asked.address(kind=kind), "open": kind == asked.kind}
            for kind, (_kind, name) in KINDS.items()
        ],
        "periods": [
            {
                "name": name,
                "url": asked.address(period=period, first=None, last=None),
                "open": period == asked.period and not asked.has_days,
            }
            for period, name in PERIODS.items()
        ],
        "unfiltered": Asked().address(),
        "everything": asked.address(period="todo", first=None, last=None),
    }


def _calls(request: SubscriberRequest, asked: Asked) -> dict[str, Any]:
    """The page of calls; on top of the first those to return, unless somebody is looked for."""
    remarks = list(asked.remarks)
    try:
        try:
            page = page_of(request.subscriber, asked, CALLS_A_PAGE)
        except NotFound:
            remarks.append(_("Esa página no existe: se ven las llamadas más recientes."))
            page = page_of(request.subscriber, Asked.read({}), CALLS_A_PAGE)
        missed = () if asked.before or asked.text else of_request(request) or ()
    except DatabaseError:
        return {"problem": True, "remarks": remarks}
    shown = missed[:WAITING_MOST]
    rows = rows_of(request.subscriber, [*page.calls, *(each.call for each in shown)])
    waiting = [
        Waiting(row, each.times) for row, each in zip(rows[len(page.calls) :], shown, strict=True)
    ]
    return {
        "rows": rows[: len(page.calls)],
        "waiting_first": waiting[:WAITING_FIRST],
        "waiting_more": waiting[WAITING_FIRST:],
        "waiting_count": len(missed),
        "waiting_rest": len(missed) - len(shown),
        "older": asked.address(before=page.next) if page.next else "",
        "remarks": remarks,
    }
