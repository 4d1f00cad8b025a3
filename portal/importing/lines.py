"""The lines of a table: what somebody wants each subscriber to be, and what is wrong with it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from portal import csv_table, phone
from portal.csv_cells import unprotected
from portal.csv_table import NotReadable
from portal.folding import fold
from portal.importing.headings import DEVICES, EMAIL, LABELS, NUMBER, USERNAME, ignored, kinds
from portal.models import Device, ServiceClass, Subscriber, clean_display_name

MOST_LINES = 10_000
"""A page works on so many within a second or two."""
CLASSES = ("call_class", "forward_class")


@dataclass(slots=True)
class Line:
    """One line: what its cells say, by kind, and why it cannot be taken. Empty cells say nothing.

    ``place`` is its number in the file; a class is the row, ``devices`` a list of names.
    """

    place: int
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def number(self) -> str:
        """Whom it is about; ``""`` where that cannot be said."""
        return str(self.values.get(NUMBER, ""))


@dataclass(frozen=True, slots=True)
class File:
    """The lines of a file, and the headings that mean nothing here."""

    lines: list[Line]
    ignored: list[str]


def read(content: bytes) -> File:
    """The file. Raises ``NotReadable`` with what is wrong with it as a whole."""
    table = csv_table.read(content)
    columns = kinds(table.headings)
    cleaners = _cleaners()
    lines: list[Line] = []
    for place, cells in table.rows():
        if len(lines) == MOST_LINES:
            raise NotReadable(
                _("El archivo trae más de %d personas. Pártelo en varios.") % MOST_LINES
            )
        lines.append(_line(place, zip(columns, cells, strict=False), cleaners))
    if not lines:
        raise NotReadable(_("En el archivo no hay ninguna persona: solo la primera línea."))
    return File(lines, ignored(table.headings))


def _line(place: int, cells: Any, cleaners: dict[str, Callable[[str], Any]]) -> Line:
    line = Line(place)
    for kind, cell in cells:
        text = unprotected(cell).strip() if kind else ""
        if not text:
            continue
        try:
            line.values[kind] = cleaners[kind](text)
        except ValidationError as error:
            line.problems += [f"{LABELS[kind]}: {message}" for message in error.messages]
    if NUMBER not in line.values and not line.problems:
        line.problems.append(_("Falta el número."))
    return line


def _cleaners() -> dict[str, Callable[[str], Any]]:
    """How each kind of cell is read; each raises ``ValidationError``."""
    rows: list[ServiceClass] = list(ServiceClass.objects.all())
    classes = {key: row for row in rows for key in (fold(row.name), fold(row.code))}

    def service_class(text: str) -> ServiceClass:
        if found := classes.get(fold(text)):
            return found
        raise ValidationError(_("No hay ninguna categoría «%s».") % text[:60])

    return {
        NUMBER: _number,
        "display_name": clean_display_name,
        "access_pin": _of(Subscriber, "access_pin"),
        "mailbox": _of(Subscriber, "mailbox"),
        "department": _of(Subscriber, "department"),
        "mobile": _mobile,
        USERNAME: _of(User, "username"),
        EMAIL: _of(User, "email"),
        DEVICES: _devices,
        **dict.fromkeys(CLASSES, service_class),
    }


def _of(model: Any, name: str) -> Callable[[str], Any]:
    """As the model's field checks it, on one line."""
    model_field = model._meta.get_field(name)

    def cleaned(text: str) -> Any:
        return model_field.clean(text, None)

    return cleaned


def _number(text: str) -> str:
    number = str(_of(Subscriber, NUMBER)(text))
    Subscriber(number=number).clean()
    return number


def _mobile(text: str) -> str:
    try:
        return phone.normalise(text, settings.PHONE_REGION)
    except phone.InvalidNumber as error:
        raise ValidationError(str(error)) from error


def _devices(text: str) -> list[str]:
    name = _of(Device, "name")
    return list(dict.fromkeys(name(each) for each in _separated(text)))


def _separated(text: str) -> Iterator[str]:
    return (each for each in re.split(r"[\s,;|+]+", text) if each)
