"""Events in the one form that ``series.write`` gives them, read without the general parser. Pure.

The parser takes a millisecond an event, and a calendar has hundreds. Whatever is written in another
way, even if it says the same, is left to it; a property test holds both together.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DESTINATION = "X-WEBFON-DESTINATION"

NEEDED = frozenset({"SUMMARY", "DTSTART", "DTEND", DESTINATION})
KNOWN = NEEDED | {"DTSTAMP", "UID", "RRULE"}

FRAME = re.compile(
    r"BEGIN:VCALENDAR\r\nVERSION:2\.0\r\nPRODID:[^\r\n]*\r\nBEGIN:VEVENT\r\n"
    r"(.*)\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    re.DOTALL,
)
ZONE = re.compile(r"TZID=([A-Za-z0-9_+\-/]+)")
MOMENT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:T([0-9]{2})([0-9]{2})([0-9]{2})(Z?))?")
ESCAPE = re.compile(r"\\(.?)", re.DOTALL)
ESCAPED = {"n": "\n", "N": "\n", ",": ",", ";": ";", "\\": "\\"}


@dataclass(frozen=True, slots=True)
class Written:
    """An event, or a series none of whose occurrences was changed. ``without`` are the removed."""

    title: str
    start: date
    end: date
    destination: str
    rule: str
    without: frozenset[date]


@lru_cache(maxsize=2048)
def read(text: str) -> Written | None:
    """What the text says; ``None`` where it is of another form."""
    frame = FRAME.fullmatch(text.replace("\r\n ", ""))
    try:
        return _event(frame[1].split("\r\n")) if frame else None
    except (ValueError, KeyError, ZoneInfoNotFoundError):
        return None


def _event(lines: Iterable[str]) -> Written:
    """Raises ``ValueError`` or ``KeyError`` for what is of another form."""
    said: dict[str, tuple[str, str]] = {}
    without = set()
    for line in lines:
        before, value = line.split(":", 1)
        name, _semicolon, parameters = before.partition(";")
        if name == "EXDATE":
            without.add(_moment(parameters, value))
        elif name in said or name not in KNOWN or (parameters and name[:2] != "DT"):
            raise ValueError(line)
        else:
            said[name] = parameters, value
    return Written(
        title=ESCAPE.sub(lambda found: ESCAPED[found[1]], said["SUMMARY"][1]),
        start=_moment(*said["DTSTART"]),
        end=_moment(*said["DTEND"]),
        destination=ESCAPE.sub(lambda found: ESCAPED[found[1]], said[DESTINATION][1]),
        rule=said["RRULE"][1] if "RRULE" in said else "",
        without=frozenset(without),
    )


def _moment(parameters: str, value: str) -> date:
    """A day, or a time of a zone, of UTC or of none, as the parameters say."""
    read = moment(value)
    if (parameters == "VALUE=DATE") is isinstance(read, datetime):
        raise ValueError(value)
    if not isinstance(read, datetime) or not parameters:
        return read
    named = ZONE.fullmatch(parameters)
    if not named or read.tzinfo:
        raise ValueError(parameters)
    return read.replace(tzinfo=ZoneInfo(named[1]))


def moment(value: str) -> date:
    """A day, a time of UTC, or one without a zone. Raises ``ValueError``."""
    found = MOMENT.fullmatch(value)
    if not found:
        raise ValueError(value)
    year, month, day, *clock = (int(each) for each in found.groups()[:6] if each)
    if not clock:
        return date(year, month, day)
    hour, minute, second = clock
    zone = ZoneInfo("UTC") if found[7] else None
    return datetime(year, month, day, hour, minute, second, tzinfo=zone)
