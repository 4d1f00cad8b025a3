"""The own calendar as other calendars read it: one file, with the zones that it names. Pure."""

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import icalendar

from desvios.calendar import series
from desvios.calendar.series import PRODUCT
from desvios.exchange.ics_lines import ENABLED, PAUSED, SKIP_HOLIDAYS, WHOLLY
from desvios.models import CalendarEvent

FIRST, LAST = date(1990, 1, 1), date(2040, 1, 1)
"""For what years the zones are written out; readers know them by name and rarely look."""


BEHIND, AHEAD = timedelta(days=31), timedelta(days=400)
"""For what days holidays are written out as exceptions, which is all that other readers know."""


def paused(
    event: CalendarEvent, holidays: Collection[date], zone: ZoneInfo, now: datetime
) -> list[date]:
    """The occurrences, by their original starts, that holidays keep from taking place."""
    if not (event.skip_holidays and holidays):
        return []
    found = series.occurrences(event.ical, now - BEHIND, now + AHEAD, zone)
    on_holidays = (each for each in found if each.start.astimezone(zone).date() in holidays)
    return [each.original for each in on_holidays]


def write(
    name: str,
    events: Iterable[CalendarEvent],
    describe: Callable[[str], str],
    pauses: Callable[[CalendarEvent], Collection[date]] = lambda event: (),
) -> bytes:
    """All events as one calendar; ``describe`` says where calls go, for the reader's eyes.

    They leave the reader free: an event is about calls, not an appointment. One that is switched
    off is cancelled, and an occurrence of ``pauses`` is an exception or cancelled, so that no
    other calendar shows it; properties of our own tell the import what is meant.
    """
    calendar = icalendar.Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", PRODUCT)
    calendar.add("x-wr-calname", name)
    parts = [part for event in events for part in _parts(event, describe, pauses(event))]
    for zone in sorted({zone for part in parts for zone in _zones(part)}):
        calendar.add_component(_timezone(zone))
    for part in parts:
        calendar.add_component(part)
    text: bytes = calendar.to_ical()
    return text


def _parts(
    event: CalendarEvent, describe: Callable[[str], str], pauses: Collection[date]
) -> Iterator[Any]:
    parsed: Any = icalendar.Calendar.from_ical(event.ical)
    parts = parsed.walk("VEVENT")
    overrides = {part["RECURRENCE-ID"].dt for part in parts if "RECURRENCE-ID" in part}
    for part in parts:
        part.pop("DTSTAMP", None)
        part.add("dtstamp", event.edited_at)
        part.add("description", describe(str(part.get("X-WEBFON-DESTINATION", ""))))
        part.add("transp", "TRANSPARENT")
        part.add(ENABLED, str(event.enabled).upper())
        if "RECURRENCE-ID" not in part:
            part.add(SKIP_HOLIDAYS, str(event.skip_holidays).upper())
            _except(part, [each for each in pauses if each not in overrides])
        elif part["RECURRENCE-ID"].dt in pauses:
            part.add(PAUSED, WHOLLY)
        if not event.enabled or part.get(PAUSED) == WHOLLY:
            part.add("status", "CANCELLED")
        yield part


def _except(master: Any, pauses: Collection[date]) -> None:
    """Of a series an exception for each; what takes place once is cancelled."""
    if pauses and not ("RRULE" in master or "RDATE" in master):
        master.add(PAUSED, WHOLLY)
        return
    for each in pauses:
        master.add("exdate", each)
        master.add(PAUSED, each.isoformat())


def _zones(part: Any) -> Iterator[str]:
    for _name, value in part.property_items(recursive=False):
        zone = getattr(value, "params", {}).get("TZID")
        if zone:
            yield str(zone)


@lru_cache(maxsize=64)
def _timezone(name: str) -> Any:
    return icalendar.Timezone.from_tzid(name, first_date=FIRST, last_date=LAST)
