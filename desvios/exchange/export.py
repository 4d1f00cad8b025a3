"""The own calendar as other calendars read it: one file, with the zones that it names. Pure."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import lru_cache
from typing import Any

import icalendar

from desvios.calendar.series import PRODUCT
from desvios.models import CalendarEvent

FIRST, LAST = date(1990, 1, 1), date(2040, 1, 1)
"""For what years the zones are written out; readers know them by name and rarely look."""


def write(name: str, events: Iterable[CalendarEvent], describe: Callable[[str], str]) -> bytes:
    """All events as one calendar; ``describe`` says where calls go, for the reader's eyes.

    They leave the reader free: an event is about calls, not an appointment.
    """
    calendar = icalendar.Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", PRODUCT)
    calendar.add("x-wr-calname", name)
    parts = [part for event in events for part in _parts(event, describe)]
    for zone in sorted({zone for part in parts for zone in _zones(part)}):
        calendar.add_component(_timezone(zone))
    for part in parts:
        calendar.add_component(part)
    text: bytes = calendar.to_ical()
    return text


def _parts(event: CalendarEvent, describe: Callable[[str], str]) -> Iterator[Any]:
    parsed: Any = icalendar.Calendar.from_ical(event.ical)
    for part in parsed.walk("VEVENT"):
        part.pop("DTSTAMP", None)
        part.add("dtstamp", event.edited_at)
        part.add("description", describe(str(part.get("X-WEBFON-DESTINATION", ""))))
        part.add("transp", "TRANSPARENT")
        yield part


def _zones(part: Any) -> Iterator[str]:
    for _name, value in part.property_items(recursive=False):
        zone = getattr(value, "params", {}).get("TZID")
        if zone:
            yield str(zone)


@lru_cache(maxsize=64)
def _timezone(name: str) -> Any:
    return icalendar.Timezone.from_tzid(name, first_date=FIRST, last_date=LAST)
