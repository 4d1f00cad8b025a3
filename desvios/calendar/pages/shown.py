"""What takes place in a stretch of time, and which of it the calls obey: for the pages."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from desvios.calendar import series
from desvios.calendar.compile import claim_of, holidays_of, zone_of
from desvios.calendar.series import Occurrence
from desvios.calendar.windows import Claim, Won, resolve
from desvios.models import CalendarEvent
from portal.models import Subscriber


class Fate(StrEnum):
    """How much of an occurrence calls obey."""

    WINS = "wins"
    IN_PART = "in-part"
    LOSES = "loses"
    OFF = "off"  # the event is switched off


class Taking(NamedTuple):
    """One occurrence with its event and what it asks for."""

    event: CalendarEvent
    occurrence: Occurrence
    claim: Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One occurrence as a page shows it, and the stretches of time in which calls obey it."""

    event: CalendarEvent
    occurrence: Occurrence
    won: tuple[Won, ...] = ()

    @property
    def fate(self) -> Fate:
        """How much of it calls obey."""
        if not self.event.enabled:
            return Fate.OFF
        got = sum(each.end - each.start for each in self.won)
        length = (self.occurrence.end - self.occurrence.start).total_seconds()
        return Fate.LOSES if not got else Fate.WINS if got >= length else Fate.IN_PART

    def is_in_force(self, now: datetime) -> bool:
        """Whether calls obey it at this moment."""
        return any(each.start <= now.timestamp() < each.end for each in self.won)

    @property
    def name(self) -> str:
        """The occurrence's name for an address."""
        return name_of(self.occurrence.original)


def takings(
    subscriber: Subscriber, events: Iterable[CalendarEvent], first: datetime, last: datetime
) -> list[Taking]:
    """All that takes place, also of events that are switched off, by start."""
    zone, holidays = zone_of(subscriber), holidays_of(subscriber)
    found = [
        Taking(event, each, claim_of(event, each))
        for event in events
        for each in series.occurrences(event.ical, first, last, zone)
        if not (event.skip_holidays and each.start.astimezone(zone).date() in holidays)
    ]
    return sorted(found, key=lambda taking: taking.claim)


def shown_between(subscriber: Subscriber, first: datetime, last: datetime) -> list[Shown]:
    """What a page shows of a stretch of time, by start. Winners are told over whole occurrences."""
    found = takings(subscriber, subscriber.events.all(), first, last)
    won: dict[Claim, list[Won]] = {}
    for each in resolve(taking.claim for taking in found if taking.event.enabled):
        won.setdefault(each.claim, []).append(each)
    return [
        Shown(
            event=taking.event,
            occurrence=taking.occurrence,
            won=tuple(won.get(taking.claim, ())) if taking.event.enabled else (),
        )
        for taking in found
    ]


def name_of(original: date) -> str:
    """``2026-11-24T15:00`` in the series' own zone, or ``2026-11-24``."""
    if isinstance(original, datetime):
        return original.replace(tzinfo=None).isoformat()
    return original.isoformat()


def original_of(event: CalendarEvent, name: str) -> date | None:
    """The start that names an occurrence, as the series writes it; ``None`` for nonsense."""
    start = series.read(event.ical).start
    try:
        if isinstance(start, datetime):
            return datetime.fromisoformat(name).replace(tzinfo=start.tzinfo)
        return date.fromisoformat(name)
    except ValueError:
        return None
