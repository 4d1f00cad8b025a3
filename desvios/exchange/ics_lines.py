"""A calendar file taken apart into its components, line by line, before anything interprets it.

Only what is needed of each component is kept, so that neither an attachment nor a made-up property
costs anything, and a fault in one event is a fault of that event alone. Pure.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

MAX_BYTES = 2 * 1024 * 1024
MAX_EVENTS = 2_000
DEEPEST = 5
"""VCALENDAR, VEVENT, VALARM, and what some producers put inside."""

ENABLED, SKIP_HOLIDAYS = "X-WEBFON-ENABLED", "X-WEBFON-SKIP-HOLIDAYS"
PAUSED = "X-WEBFON-PAUSED"
"""Of a series, the name of an occurrence that is an exception only because of a holiday."""
WHOLLY = "TRUE"
"""Of what takes place once: a holiday keeps it from that."""

KEPT = {
    "UID",
    "SUMMARY",
    "DTSTART",
    "DTEND",
    "DURATION",
    "RRULE",
    "RDATE",
    "EXDATE",
    "EXRULE",
    "RECURRENCE-ID",
    "SEQUENCE",
    "STATUS",
    "TRANSP",
    "FREEBUSY",
    "X-WEBFON-DESTINATION",
    ENABLED,
    SKIP_HOLIDAYS,
    PAUSED,
}
"""The properties of an event that say when it takes place, and whereto calls go."""


COMPRESSED = (b"PK\x03\x04", b"\x1f\x8b")
"""How a zip and a gzip begin. They are not opened: a small one can hold any amount."""

NO_CALENDAR = gettext_lazy("No es un calendario: no empieza como un archivo .ics.")


class NotReadable(Exception):
    """The whole file is refused; the message says why, in words."""


@dataclass(slots=True)
class Components:
    """The texts of a file's components; those of events have the needed properties only."""

    events: list[str] = field(default_factory=list)
    busy: list[str] = field(default_factory=list)
    zones: list[str] = field(default_factory=list)

    def kind(self, name: str) -> list[str] | None:
        """Where a component of that name belongs, if anywhere."""
        return {"VEVENT": self.events, "VFREEBUSY": self.busy, "VTIMEZONE": self.zones}.get(name)


def split(data: bytes) -> Components:
    """Take a file apart. Raises ``NotReadable``, also when the end is missing."""
    if len(data) > MAX_BYTES:
        raise NotReadable(_("El calendario pasa de 2 MB."))
    if data.upper().count(b"BEGIN:VEVENT") > MAX_EVENTS:
        raise NotReadable(_("El calendario trae más de 2000 eventos."))
    found, path = Components(), list[str]()
    current: list[str] = []
    for name, value, line in _lines(data):
        _enter(path, name, value)
        if _wanted(name, path):
            current.append(line)
        if name == "END":
            _leave(path, value)
            if len(path) == 1:
                _put(found, value, current)
                current = []
    if path:
        raise NotReadable(_("El calendario está cortado: le falta el final."))
    return found


def _enter(path: list[str], name: str, value: str) -> None:
    """Refuse what is outside a calendar, or too deep inside one."""
    if not path and (name, value) != ("BEGIN", "VCALENDAR"):
        raise NotReadable(str(NO_CALENDAR))
    if name == "BEGIN":
        path.append(value)
    if len(path) > DEEPEST:
        raise NotReadable(_("El calendario está mal formado."))


def _wanted(name: str, path: list[str]) -> bool:
    """Everything of a zone, little of an event, nothing of what is inside an event."""
    if len(path) < 2 or path[0] != "VCALENDAR":
        return False
    if path[1] == "VTIMEZONE":
        return True
    return len(path) == 2 and (name in KEPT or name in {"BEGIN", "END"})


def _leave(path: list[str], name: str) -> None:
    if not path or path.pop() != name:
        raise NotReadable(_("El calendario está mal formado."))


def _put(found: Components, name: str, lines: list[str]) -> None:
    kind = found.kind(name)
    if kind is not None:
        kind.append("\r\n".join([*lines, ""]))


def _lines(data: bytes) -> Iterator[tuple[str, str, str]]:
    """Each line unfolded: its name, what follows the colon where it opens or closes, the line.

    Unfolding comes before decoding, as some producers fold inside a character.
    """
    if not data.strip():
        raise NotReadable(_("El archivo está vacío."))
    whole = re.sub(rb"\r\n?", b"\n", data)
    for line in _decode(re.sub(rb"\n[ \t]", b"", whole)).split("\n"):
        if not line.strip():
            continue
        name = re.split("[;:]", line, maxsplit=1)[0].strip().upper()
        bound = name in {"BEGIN", "END"}
        yield name, line.partition(":")[2].strip().upper() if bound else "", line


def _decode(data: bytes) -> str:
    """UTF-8, as the standard has it, or what old Outlooks wrote."""
    if data.startswith(COMPRESSED):
        raise NotReadable(
            _("No es un calendario, sino un archivo comprimido: ábrelo y elige el .ics de dentro.")
        )
    if b"\0" in data:
        raise NotReadable(str(NO_CALENDAR))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")
