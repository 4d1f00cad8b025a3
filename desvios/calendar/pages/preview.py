"""What an event that is about to be saved will do: its next dates, and what it overlaps."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b
from zoneinfo import ZoneInfo

from desvios.calendar import series
from desvios.calendar.clock import clock_note
from desvios.calendar.compile import holidays_of, zone_of
from desvios.calendar.editing import Edit
from desvios.calendar.pages.shown import Taking, takings
from desvios.calendar.series import Content, Occurrence
from desvios.calendar.starts import first_starts
from desvios.models import CalendarEvent
from portal.models import Subscriber

NEXT_DATES = 5
MOST_OVERLAPS = 5
LOOKED_AHEAD = timedelta(days=75)
"""How far overlaps are looked for, as far as calendars are compiled."""

REACHES = [timedelta(days=40), timedelta(days=400), timedelta(days=366 * 9)]
"""How far to look for the next dates: rare ones are looked for further away."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two occurrences that want the same time. ``wins``: the one that is being saved does."""

    mine: Taking
    other: Taking

    @property
    def wins(self) -> bool:
        """Whether the one that is being saved gets the calls."""
        return self.mine.claim > self.other.claim

    @property
    def same_start(self) -> bool:
        """Whether only the edit decides."""
        return self.mine.claim.start == self.other.claim.start


def edited(subscriber: Subscriber, edit: Edit, now: datetime) -> list[CalendarEvent]:
    """The events as the edit leaves them, not stored."""
    known = {event.uid: event.pk for event in subscriber.events.filter(uid__in=list(edit))}
    return [
        CalendarEvent(pk=known.get(uid, 0), uid=uid, edited_at=now, **after)
        for uid, after in edit.items()
        if after
    ]


def next_dates(
    subscriber: Subscriber, events: Iterable[CalendarEvent], now: datetime
) -> list[Occurrence]:
    """The next times that these take place, without holidays; the first ones if all are past."""
    events, zone, holidays = list(events), zone_of(subscriber), holidays_of(subscriber)
    begin = max(now, min((_first_start(event, zone) for event in events), default=now))
    found: list[Occurrence] = []
    for reach in REACHES:
        found = sorted(
            (
                each
                for event in events
                for each in series.occurrences(event.ical, begin, begin + reach, zone)
                if not (event.skip_holidays and each.start.astimezone(zone).date() in holidays)
            ),
            key=lambda each: each.start,
        )
        if len(found) >= NEXT_DATES:
            break
    return found[:NEXT_DATES]


def overlaps(
    subscriber: Subscriber, mine: Iterable[CalendarEvent], edit: Edit, now: datetime
) -> list[Overlap]:
    """What these events meet of the others, but for those that the edit is about, in order."""
    mine = [event for event in mine if event.enabled]
    others = list(subscriber.events.filter(enabled=True).exclude(uid__in=list(edit)))
    if not (mine and others):
        return []
    zone = zone_of(subscriber)
    first = max(now, min(_first_start(event, zone) for event in mine))
    taken = takings(subscriber, [*mine, *others], first, first + LOOKED_AHEAD)
    return list(_pairs(taken, {event.uid for event in mine}))


def _pairs(taken: list[Taking], uids: set[str]) -> Iterable[Overlap]:
    """Neighbours in time, found in one sweep."""
    open_now: list[Taking] = []
    for each in taken:
        open_now = [other for other in open_now if other.claim.end > each.claim.start]
        for other in open_now:
            if (each.event.uid in uids) is not (other.event.uid in uids):
                yield Overlap(each, other) if each.event.uid in uids else Overlap(other, each)
        open_now.append(each)


def token(found: Iterable[Overlap]) -> str:
    """Names what was shown, so that saving can tell whether it is still the same; ``""`` for
    nothing."""
    digest = blake2b(digest_size=8)
    lines = [
        f"{each.mine.claim.start} {each.mine.claim.end} {each.other.claim} {each.wins};"
        for each in found
    ]
    for line in lines:
        digest.update(line.encode())
    return digest.hexdigest() if lines else ""


def notes(content: Content, dates: Iterable[Occurrence]) -> list[str]:
    """What the clocks do to the first time and to the next ones."""
    if not isinstance(content.start, datetime) or not isinstance(content.end, datetime):
        return []
    length = content.end.replace(tzinfo=None) - content.start.replace(tzinfo=None)
    starts = [content.start]
    if content.rule:
        year = content.start.replace(tzinfo=None) + timedelta(days=366)
        naive = first_starts(content.rule, content.start, most=366)
        starts = [each.replace(tzinfo=content.start.tzinfo) for each in naive if each < year]
    moments = [moment for start in starts for moment in (start, start + length)]
    return list(dict.fromkeys(filter(None, map(clock_note, moments))))


def _first_start(event: CalendarEvent, zone: ZoneInfo) -> datetime:
    start: date = series.read(event.ical).start
    if not isinstance(start, datetime):
        start = datetime(start.year, start.month, start.day, tzinfo=zone)
    return (start if start.tzinfo else start.replace(tzinfo=zone)).astimezone(UTC)
