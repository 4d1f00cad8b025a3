"""What a preview shows of an import, and how its choices are kept."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agenda.exchange.arriving import counts
from agenda.exchange.checking import NUMBERS
from agenda.exchange.models import ContactImport, ImportRow
from agenda.models import Contact
from portal.templatetags.portal import telefono

ROWS_A_PAGE = 50
Outcome = ImportRow.Outcome
OUTCOMES = {
    "nuevos": (Outcome.NEW, gettext_lazy("Nuevos")),
    "cambian": (Outcome.CHANGED, gettext_lazy("Cambian")),
    "iguales": (Outcome.SAME, gettext_lazy("Iguales")),
    "rechazados": (Outcome.REFUSED, gettext_lazy("Rechazados")),
}
CHOOSABLE = (Outcome.NEW, Outcome.CHANGED)


def context(batch: ContactImport, asked: str, page: str) -> dict[str, Any]:
    """One page of the rows of an outcome, and how many there are of each."""
    number_of = counts(batch)
    kind = asked if asked in OUTCOMES else _first_with_rows(number_of)
    outcome = OUTCOMES[kind][0]
    rows = batch.rows.filter(outcome=outcome).select_related("contact")
    shown = Paginator(rows, ROWS_A_PAGE).get_page(page)
    return {
        "kind": kind,
        "kinds": [
            {"slug": slug, "name": name, "count": number_of[each], "open": slug == kind}
            for slug, (each, name) in OUTCOMES.items()
        ],
        "page": shown,
        "rows": [_shown(row) for row in shown],
        "chosen": number_of["chosen"],
        "can_choose": outcome in CHOOSABLE,
        "is_empty": not any(number_of[each] for each in Outcome),
    }


def _first_with_rows(number_of: dict[str, Any]) -> str:
    order = ("nuevos", "cambian", "rechazados", "iguales")
    return next((slug for slug in order if number_of[OUTCOMES[slug][0]]), "nuevos")


def _shown(row: ImportRow) -> dict[str, Any]:
    """A row in the words of a person."""
    changed = row.outcome == Outcome.CHANGED
    name = row.contact.display_name if changed and row.contact else row.data.get("display_name")
    numbers = [number for number, _kind in row.data.get(NUMBERS, [])]
    fills = [(_label(field), _value(field, value)) for field, value in row.fills.items()]
    differs = [(_label(field), own, its) for field, (own, its) in row.differs.items()]
    return {
        "row": row,
        "name": name or _("Sin nombre"),
        "company": row.data.get("company", ""),
        "numbers": [telefono(number) for number in [row.data.get("number"), *numbers] if number],
        "email": row.data.get("email", ""),
        "fills": fills,
        "differs": differs,
    }


def _label(field: str) -> str:
    if field == NUMBERS:
        return _("Otro número")
    return str(Contact._meta.get_field(field).verbose_name).capitalize()  # type: ignore[union-attr]


def _value(field: str, value: Any) -> str:
    if field == NUMBERS:
        return ", ".join(telefono(number) for number, _kind in value)
    return str(value)


def keep_choices(batch: ContactImport, post: Any) -> None:
    """Remember what was ticked on a page, and what was not."""
    shown = _keys(post.getlist("shown"))
    rows = batch.rows.filter(pk__in=shown, outcome__in=CHOOSABLE)
    _tick(rows, "is_chosen", _keys(post.getlist("chosen")))
    _tick(rows, "replaces", _keys(post.getlist("replaces")))


def _tick(rows: QuerySet[ImportRow], field: str, ticked: list[int]) -> None:
    rows.filter(~Q(pk__in=ticked)).update(**{field: False})
    rows.filter(pk__in=ticked).update(**{field: True})


def _keys(texts: list[str]) -> list[int]:
    return [int(text) for text in texts[:ROWS_A_PAGE] if text.isascii() and text.isdigit()]


def choose_all(batch: ContactImport, asked: str, *, chosen: bool) -> None:
    """Tick all rows of an outcome, on all pages, or none of them."""
    outcome = OUTCOMES.get(asked, OUTCOMES["nuevos"])[0]
    if outcome in CHOOSABLE:
        batch.rows.filter(outcome=outcome).update(is_chosen=chosen)
