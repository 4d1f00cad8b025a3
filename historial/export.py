"""Calls as a CSV file, line by line, as Spanish spreadsheets read it."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from agenda.lookup import names_for
from historial.listing import numbers_in
from historial.wording import REASONS, label
from portal.csv_cells import BOM, written
from portal.models import Subscriber
from portal.pbx.types import VOICEMAIL, Call
from portal.templatetags.portal import telefono

BATCH = 500
"""Calls whose names are looked up at once."""


def lines(subscriber: Subscriber, calls: Iterator[Call]) -> Iterator[str]:
    """The file in parts of some hundred lines; what is in memory does not grow with their number.

    The language is that of whoever asks for the first part.
    """
    language = translation.get_language()
    with translation.override(language):
        head = BOM + written([_heading()])
    yield head
    while batch := list(islice(calls, BATCH)):
        with translation.override(language):
            part = written(_lines(subscriber, batch))
        yield part


def _heading() -> list[str]:
    return [
        _("Fecha"),
        _("Hora"),
        _("Tipo"),
        _("Nombre"),
        _("Número"),
        _("Duración (s)"),
        _("Desviada a"),
        _("Motivo"),
    ]


def _lines(subscriber: Subscriber, calls: list[Call]) -> Iterator[list[Any]]:
    names = names_for(subscriber, numbers_in(calls))
    for call in calls:
        at = timezone.localtime(call.started_at, subscriber.zone)
        yield [
            at.strftime("%Y-%m-%d"),
            at.strftime("%H:%M:%S"),
            str(label(call).word),
            names.get(call.other) or (call.caller_name if not call.outgoing else ""),
            _number(call.other),
            call.seconds,
            _("Buzón de voz") if call.forwarded_to == VOICEMAIL else _number(call.forwarded_to),
            str(REASONS.get(call.reason, "")),
        ]


def _number(number: str) -> str:
    """The number grouped, ``00`` in place of ``+``: a spreadsheet keeps it as a text."""
    shown = telefono(number) if number else ""
    return f"00 {shown[1:]}" if shown.startswith("+") else shown
