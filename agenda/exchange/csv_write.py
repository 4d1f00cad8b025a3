"""Writing CSV as spreadsheets in Spain open it: semicolons, UTF-8 with its mark. Pure.

No cell is read as a formula: what begins like one gets an apostrophe, which the import takes off
again. A telephone number is left as it is.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from agenda.exchange.record import Record

BOM = "\ufeff"
NUMBER = re.compile(r"\+?[0-9][0-9 ]*")
DANGEROUS = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
NUMBERS = 5
"""Columns for telephone numbers; further ones share the last."""


def lines(records: Iterable[Record]) -> Iterator[str]:
    """The file, line by line."""
    yield BOM + _joined(headings())
    yield from map(line, records)


def line(record: Record) -> str:
    """One contact."""
    return _joined(cells(record))


def headings() -> list[str]:
    """The first line: the fields of the form, in its order."""
    return [
        _("Nombre"),
        _("Apellido 1"),
        _("Apellido 2"),
        _("Nombre en pantalla"),
        _("Empresa"),
        _("Dirección"),
        _("Código postal"),
        _("Localidad"),
        _("Provincia"),
        _("Número de teléfono"),
        *(_("Teléfono %d") % each for each in range(2, NUMBERS + 1)),
        _("Correo electrónico"),
    ]


def cells(record: Record) -> list[str]:
    """One line, not yet made safe."""
    return [
        record.first_name,
        record.last_name,
        record.second_last_name,
        record.display_name,
        record.company,
        record.address,
        record.postcode,
        record.city,
        record.province,
        *_spread(record.numbers, NUMBERS),
        *_spread(record.emails, 1),
    ]


def _spread(values: tuple[str, ...], columns: int) -> list[str]:
    """The values over so many columns; the last one takes all that are left."""
    shown = [*values[: columns - 1], " ::: ".join(values[columns - 1 :])]
    return shown + [""] * (columns - len(shown))


def _joined(values: list[str]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerow(map(safe, values))
    return text.getvalue()


def safe(text: str) -> str:
    """The text so that no spreadsheet calculates with it."""
    if NUMBER.fullmatch(text) or not DANGEROUS.match(text):
        return text
    return f"'{text}"
