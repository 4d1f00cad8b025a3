"""What a table would do: who is new, who changes, who stays the same, who is refused and why."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from portal.importing.headings import DEVICES, EMAIL, NUMBER, USERNAME
from portal.importing.lines import CLASSES, Line
from portal.models import Device, Subscriber, check_digits_login

NEEDED = ("display_name", *CLASSES)
"""Without which nobody new is taken."""

CELLS = 500
"""Values that one query asks for."""


class Outcome(StrEnum):
    """What the import would do with a line."""

    NEW = "nuevos"
    CHANGED = "cambian"
    SAME = "iguales"
    REFUSED = "rechazados"


@dataclass(slots=True)
class Row:
    """One line with its outcome. ``before`` and ``after`` hold what differs, by kind."""

    line: Line
    outcome: Outcome
    subscriber: Subscriber | None = None
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)


def compared(lines: list[Line]) -> list[Row]:
    """Every line with what it would do. Adds problems to lines that contradict others."""
    known = _Known(lines)
    for kind, why in _ONCE.items():
        _refuse_doubles(lines, kind, why)
    for line in lines:
        if not line.problems:
            line.problems += known.problems(line)
    return [known.row(line) for line in lines]


class _Known:
    """What is stored of everybody and everything that the lines name."""

    def __init__(self, lines: list[Line]) -> None:
        people = Subscriber.objects.select_related("user", *CLASSES).prefetch_related("devices")
        self.people = {row.number: row for row in _found(people, NUMBER, _said(lines, NUMBER))}
        pins = Subscriber.objects.only("number", "access_pin")
        self.pins = {
            str(row.access_pin): row.number
            for row in _found(pins, "access_pin", _said(lines, "access_pin"))
        }
        devices = Device.objects.select_related("owner")
        names = [name for names in _said(lines, DEVICES) for name in names]
        self.devices = {row.name: row.owner.number for row in _found(devices, "name", names)}
        users = User.objects.select_related("subscriber")
        self.users = {
            row.get_username(): row for row in _found(users, USERNAME, _said(lines, USERNAME))
        }

    def problems(self, line: Line) -> list[str]:
        """Why a line that is right by itself cannot be taken."""
        found = [
            _("El PIN de acceso ya es de %s.") % owner
            for owner in [self.pins.get(line.values.get("access_pin", ""))]
            if owner not in (None, line.number)
        ]
        found += [
            _("El teléfono %(name)s ya es de %(owner)s.") % {"name": name, "owner": owner}
            for name in line.values.get(DEVICES, [])
            if (owner := self.devices.get(name)) not in (None, line.number)
        ]
        return [*found, *self._problems_of_login(line), *self._missing(line)]

    def _problems_of_login(self, line: Line) -> list[str]:
        person, name = self.people.get(line.number), line.values.get(USERNAME)
        user = self.users.get(name) if name else (person.user if person else None)
        if name:
            try:
                check_digits_login(name, Subscriber(number=line.number))
            except ValidationError as error:
                return error.messages
        owner = getattr(user, "subscriber", None)
        if owner and owner.number != line.number:
            return [
                _("El usuario %(name)s ya es de %(owner)s.") % {"name": name, "owner": owner.number}
            ]
        if (
            user
            and user.is_staff
            and (person is None or person.user != user or EMAIL in line.values)
        ):
            same = person and person.user == user and user.email == line.values.get(EMAIL)
            return [] if same else [_("Ese usuario administra el portal: cámbialo en «Usuarios».")]
        if EMAIL in line.values and not user and not name:
            return [_("No tiene usuario del portal en el que poner el correo.")]
        return []

    def _missing(self, line: Line) -> list[str]:
        if line.number in self.people:
            return []
        missing = [kind for kind in NEEDED if kind not in line.values]
        words = {"display_name": _("Falta el nombre."), "call_class": _("Falta la categoría.")}
        words["forward_class"] = _("Falta la categoría para desvíos.")
        return [words[kind] for kind in missing]

    def row(self, line: Line) -> Row:
        """The line with its outcome."""
        if line.problems:
            return Row(line, Outcome.REFUSED)
        person = self.people.get(line.number)
        now = content(person) if person else {}
        after = {kind: value for kind, value in line.values.items() if kind != NUMBER}
        if person:
            after[DEVICES] = sorted({*now[DEVICES], *after.get(DEVICES, [])})
            after = {kind: value for kind, value in after.items() if now[kind] != value}
            outcome = Outcome.CHANGED if after else Outcome.SAME
            return Row(line, outcome, person, {kind: now[kind] for kind in after}, after)
        return Row(line, Outcome.NEW, None, {}, after)


def content(person: Subscriber) -> dict[str, Any]:
    """What a table can change of somebody, by kind, from a row whose devices were fetched."""
    names = ("display_name", "access_pin", "mailbox", "department", "mobile", *CLASSES)
    return {
        **{name: getattr(person, name) for name in names},
        DEVICES: sorted(device.name for device in person.devices.all()),
        USERNAME: person.user.get_username() if person.user else "",
        EMAIL: person.user.email if person.user else "",
    }


_ONCE: dict[str, Callable[[int], str]] = {
    NUMBER: lambda place: _("Tiene el mismo número que la línea %d.") % place,
    "access_pin": lambda place: _("Tiene el mismo PIN de acceso que la línea %d.") % place,
    USERNAME: lambda place: _("Tiene el mismo usuario que la línea %d.") % place,
    DEVICES: lambda place: _("Tiene un teléfono que también está en la línea %d.") % place,
}
"""What only one line may have, and how it is said of the second."""


def _refuse_doubles(lines: Iterable[Line], kind: str, why: Callable[[int], str]) -> None:
    first: dict[str, int] = {}
    for line in lines:
        value = line.values.get(kind, [])
        for each in value if isinstance(value, list) else [value]:
            if each in first:
                line.problems.append(why(first[each]))
                break
            first[each] = line.place


def _said(lines: Iterable[Line], kind: str) -> list[Any]:
    return [line.values[kind] for line in lines if kind in line.values]


def _found(rows: QuerySet[Any], name: str, values: list[Any]) -> Iterable[Any]:
    """The rows that have one of the values; databases take only so many at once."""
    for start in range(0, len(values), CELLS):
        yield from rows.filter(**{f"{name}__in": values[start : start + CELLS]})
