"""Compiling a subscriber's events, far enough ahead that a portal which is away changes nothing."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q

from desvios.calendar import series
from desvios.calendar.windows import Claim, Won, resolve, to_windows
from desvios.models import CalendarEvent, CompiledCalendar, Holiday, RetiredCalendar
from portal.models import Subscriber
from portal.pbx import get_pbx
from portal.pbx.types import Window

BEHIND = timedelta(days=1)
AHEAD = timedelta(days=75)
LEAST_AHEAD = timedelta(days=62)
"""When less than this is left, the calendar is topped up to ``AHEAD``."""

FOR_EVER = 2**60

FORM = "1"
"""Goes up when the same events are compiled to other windows than before."""


def zone_of(subscriber: Subscriber) -> ZoneInfo:
    """The zone in which the subscriber's days begin."""
    return ZoneInfo(settings.TIME_ZONE)


def compile_calendar(subscriber: Subscriber, now: datetime) -> CompiledCalendar:
    """Compile all events anew and store the result."""
    first, until = now.date() - BEHIND, now.date() + AHEAD
    events = list(subscriber.events.filter(enabled=True))
    _expand(events, zone_of(subscriber), first, until)
    until = min([until, *(event.expanded_until for event in events if event.expanded_until)])
    claims = _remembered(subscriber, events)
    won = _cut(resolve(claims), _midnight(first), _midnight(until + timedelta(days=1)))
    version = _version(events, holidays_of(subscriber)) if events else ""
    _retire(subscriber, version, _midnight(first), now)
    compiled, _created = CompiledCalendar.objects.update_or_create(
        subscriber=subscriber,
        defaults={
            "version": version,
            "until": until,
            "won": [[w.start, w.end, w.claim.destination, w.claim.event] for w in won],
        },
    )
    return compiled


def _retire(subscriber: Subscriber, version: str, first: datetime, now: datetime) -> None:
    """Note which day keys of what was compiled so far the nodes need no longer."""
    old = CompiledCalendar.objects.filter(subscriber=subscriber).first()
    if not old or not old.version:
        return
    past = int(first.timestamp()) if old.version == version else FOR_EVER
    windows = [[w.start, min(w.end, past), w.destination] for w in old.windows() if w.start < past]
    if windows:
        RetiredCalendar.objects.bulk_create(
            RetiredCalendar(
                node=node,
                number=subscriber.number,
                version=old.version,
                windows=windows,
                retired_at=now,
            )
            for node in get_pbx().nodes
        )


def won_between(
    subscriber: Subscriber, events: Iterable[CalendarEvent], first: datetime, last: datetime
) -> list[Won]:
    """Who wins when, over any stretch of time, cut at its ends."""
    holidays, zone = holidays_of(subscriber), zone_of(subscriber)
    claims = (
        _claim(event, int(each.start.timestamp()), int(each.end.timestamp()), each.destination)
        for event in events
        for each in series.occurrences(event.ical, first, last, zone)
        if not (event.skip_holidays and each.start.astimezone(zone).date() in holidays)
    )
    return _cut(resolve(claims), first, last)


def _expand(events: list[CalendarEvent], zone: ZoneInfo, first: date, until: date) -> None:
    """See to it that all events remember their occurrences far enough ahead."""
    short = [
        event
        for event in events
        if not event.expanded_until or event.expanded_until < until - AHEAD + LEAST_AHEAD
    ]
    for event in short:
        start = max(first, event.expanded_until or first)
        low, high = _midnight(start), _midnight(until + timedelta(days=1))
        found = series.occurrences(event.ical, low, high, zone)
        new = {(int(o.start.timestamp()), int(o.end.timestamp()), o.destination) for o in found}
        kept = {tuple(each) for each in event.expanded if each[1] > _midnight(first).timestamp()}
        event.expanded, event.expanded_until = sorted(kept | new), until
    CalendarEvent.objects.bulk_update(short, ["expanded", "expanded_until"])


def _remembered(subscriber: Subscriber, events: Iterable[CalendarEvent]) -> Iterator[Claim]:
    """What the events remember of their occurrences, without those on holidays."""
    holidays, zone = holidays_of(subscriber), zone_of(subscriber)
    for event in events:
        for start, end, destination in event.expanded:
            day = datetime.fromtimestamp(start, zone).date() if event.skip_holidays else None
            if day not in holidays:
                yield _claim(event, start, end, destination)


def _claim(event: CalendarEvent, start: int, end: int, destination: str) -> Claim:
    return Claim(start, end, destination, event.edited_at.timestamp(), event.pk)


def _cut(won: Iterable[Won], first: datetime, last: datetime) -> list[Won]:
    low, high = int(first.timestamp()), int(last.timestamp())
    cut = (Won(each.claim, max(each.start, low), min(each.end, high)) for each in won)
    return [each for each in cut if each.start < each.end]


def windows_around(subscriber: Subscriber, instant: datetime) -> tuple[Window, ...]:
    """The windows near an instant, however far away it is."""
    events = subscriber.events.filter(enabled=True)
    return to_windows(won_between(subscriber, events, instant - BEHIND, instant + BEHIND))


def holidays_of(subscriber: Subscriber) -> frozenset[date]:
    """The days that are holidays for the subscriber."""
    mine = Q(calendar__subscribers=None) | Q(calendar__subscribers=subscriber)
    return frozenset(Holiday.objects.filter(mine).values_list("date", flat=True))


def _version(events: Iterable[CalendarEvent], holidays: frozenset[date]) -> str:
    """Changes with whatever changes the windows."""
    digest = blake2b(FORM.encode(), digest_size=6)
    for event in events:
        days = sorted(holidays) if event.skip_holidays else []
        digest.update(f"{event.pk}{event.ical}{event.edited_at}{days}".encode())
    return digest.hexdigest()


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
