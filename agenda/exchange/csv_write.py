"""Contacts as a CSV file; the import takes off again what makes its cells safe. Pure."""

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from agenda.exchange.record import Record
from portal.csv_cells import BOM, written

NUMBERS = 5
"""Columns for telephone numbers; further ones share the last."""


def lines(records: Iterable[Record]) -> Iterator[str]:
    """The file, line by line."""
    yield BOM + written([headings()])
    yield from map(line, records)


def line(record: Record) -> str:
    """One contact."""
    return written([cells(record)])


def headings() -> list[str]:
    """The first line: the fields of the form, in its order."""
    return [
        pgettext("de pila", "Nombre"),
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
