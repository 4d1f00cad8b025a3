"""The list of contacts."""

import string
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from agenda.colleagues import colleagues_found
from agenda.models import Contact, Favourite, NumberType
from agenda.search import BOOK, COMPANY, KEYS, LAST_NAME, NAME, NUMBER, Asked, Found
from portal.access import SubscriberRequest, subscriber_required
from portal.models import Subscriber

CONTACTS_A_PAGE = 25
LONGEST_SEARCH, MOST_COLLEAGUES, LONGEST_PAGE_NUMBER = 80, 5, 9
BOOKS = {"personal": Contact.Book.PERSONAL, "corporativa": Contact.Book.CORPORATE}
TYPES = {"fijo": NumberType.LANDLINE, "movil": NumberType.MOBILE}
DESCENDING = "-"


@subscriber_required
@require_GET
@vary_on_headers("HX-Request")
def agenda(request: SubscriberRequest) -> HttpResponse:
    """The contacts that the address asks for; of the page alone where htmx asks for them."""
    template = "agenda/_contacts.html" if request.htmx else "agenda/agenda.html"
    return render(request, template, _context(request))


def _context(request: SubscriberRequest) -> dict[str, Any]:
    query = _query(request)
    asked = _asked(query)
    found: Any = Found(request.subscriber, asked)
    number = query["pagina"] if len(query["pagina"]) <= LONGEST_PAGE_NUMBER else ""
    page: Page[Contact] = Paginator(found, CONTACTS_A_PAGE).get_page(number)
    rows = list(page)
    return {
        "query": query,
        "asked": asked,
        "page": page,
        "rows": rows,
        "favourites": _favourites(request.subscriber, rows),
        "columns": _columns(query, asked),
        "books": _choices(query, "agenda", _("Todas"), {k: b.label for k, b in BOOKS.items()}),
        "types": _choices(query, "tipo", _("Todos"), {k: t.label for k, t in TYPES.items()}),
        "favourites_url": _address(query, favoritos="" if asked.favourites else "si"),
        "letters": _letters(query),
        "here": reverse("agenda:agenda") + _address(query, pagina=query["pagina"]),
        "first_page": _address(query),
        "unfiltered": _address({"orden": query["orden"]}),
        "export_query": _address(query).removeprefix("?"),
        "kept": [
            (name, query[name]) for name in ("agenda", "tipo", "favoritos", "orden") if query[name]
        ],
        "colleagues": colleagues_found(request.subscriber, asked.text, MOST_COLLEAGUES)
        if page.number == 1
        else [],
    }


def _query(request: SubscriberRequest) -> dict[str, str]:
    """What the address asks for, without what is unknown or goes without saying."""
    given = {name: str(value).strip() for name, value in request.GET.items()}
    known = {
        "agenda": given.get("agenda", "") in BOOKS,
        "tipo": given.get("tipo", "") in TYPES,
        "favoritos": given.get("favoritos") == "si",
        "letra": given.get("letra", "") in set(string.ascii_lowercase),
        "orden": given.get("orden", "").removeprefix(DESCENDING) in KEYS,
    }
    kept = {name: given.get(name, "") if is_known else "" for name, is_known in known.items()}
    kept["orden"] = "" if kept["orden"] == NAME else kept["orden"]
    text = given.get("buscar", "").replace("\0", "")[:LONGEST_SEARCH]
    return {"buscar": text, **kept, "pagina": given.get("pagina", "")}


def asked_in(request: SubscriberRequest) -> Asked:
    """What the address asks for."""
    return _asked(_query(request))


def _asked(query: dict[str, str]) -> Asked:
    return Asked(
        text=query["buscar"],
        book=BOOKS[query["agenda"]] if query["agenda"] else "",
        number_type=TYPES[query["tipo"]] if query["tipo"] else "",
        favourites=bool(query["favoritos"]),
        letter=query["letra"],
        sort=query["orden"].removeprefix(DESCENDING) or NAME,
        descending=query["orden"].startswith(DESCENDING),
    )


def _address(query: dict[str, str], **other: str) -> str:
    """The query of a list like this one, on its first page unless another is named."""
    kept = {name: value for name, value in ({**query, "pagina": "", **other}).items() if value}
    return f"?{urlencode(kept)}"


def _columns(query: dict[str, str], asked: Asked) -> list[dict[str, Any]]:
    """The headings: where each sorts by its column, and whether it is the one in force."""
    names = [
        (NAME, _("Nombre"), "first"),
        (LAST_NAME, _("Apellido"), "last"),
        (COMPANY, _("Empresa"), "company"),
        (BOOK, _("Tipo agenda"), "book"),
        (NUMBER, _("Teléfono"), "tel"),
    ]
    columns = []
    for sort, name, place in names:
        is_open = asked.sort == sort
        turned = f"{DESCENDING}{sort}" if is_open and not asked.descending else sort
        state = ("descending" if asked.descending else "ascending") if is_open else ""
        url = _address(query, orden=turned)
        columns.append({"name": name, "url": url, "state": state, "place": place})
    return columns


def _choices(
    query: dict[str, str], field: str, every: str, names: dict[str, Any]
) -> list[dict[str, Any]]:
    return [
        {"name": name, "url": _address(query, **{field: slug}), "open": query[field] == slug}
        for slug, name in {"": every, **names}.items()
    ]


def _letters(query: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "name": letter.upper(),
            "url": _address(query, letra="" if query["letra"] == letter else letter),
            "open": query["letra"] == letter,
        }
        for letter in string.ascii_lowercase
    ]


def _favourites(subscriber: Subscriber, rows: list[Contact]) -> set[int]:
    own = Favourite.objects.filter(subscriber=subscriber, contact__in=[row.pk for row in rows])
    return set(own.values_list("contact_id", flat=True))
