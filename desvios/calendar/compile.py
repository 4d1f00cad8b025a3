"""Compiling a subscriber's events, far enough ahead that a portal which is away changes nothing."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b
from zoneinfo import ZoneInfo

from django.db.models import Q

from desvios.calendar import series
from desvios.calendar.series import Occurrence
from desvios.calendar.windows import Claim, Won, resolve, to_windows
from desvios.models import CalendarEvent, CompiledCalendar, RetiredCalendar
from portal.models import Holiday, Subscriber
from portal.pbx import get_pbx
from portal.pbx.types import Window

BEHIND = timedelta(days=1)
AHEAD = timedelta(days=75)
LEAST_AHEAD = timedelta(days=62)
"""When less than this is left, the calendar is topped up to ``AHEAD``."""

FOR_EVER = 2**60

FEW = 20
"""So many simple events of a person are expanded anew each time: remembering them takes longer."""

FORM = "1"
"""Goes up when the same events are compiled to other windows than before."""


def zone_of(subscriber: Subscriber) -> ZoneInfo:
    """The zone in which the subscriber's days begin."""
    return subscriber.zone


def compile_calendar(subscriber: Subscriber, now: datetime) -> CompiledCalendar:
    """Compile all events anew and store the result."""
    return compile_calendars([subscriber], now)[0]


def compile_calendars(subscribers: Sequence[Subscriber], now: datetime) -> list[CompiledCalendar]:
    """The same for several, with as many queries as for one."""
    first, until = now.date() - BEHIND, now.date() + AHEAD
    events = _events_of(subscribers)
    holidays = _holidays_of(subscribers)
    short = [
        event
        for who in subscribers
        for event in _expand(events[who.pk], zone_of(who), first, until)
        if len(events[who.pk]) > FEW or not series.is_simple(event.ical)
    ]
    CalendarEvent.objects.bulk_update(short, ["expanded", "expanded_until"])
    compiled = [
        _compiled(who, events[who.pk], holidays[who.pk], first, until) for who in subscribers
    ]
    _retire(compiled, _midnight(first), now)
    return CompiledCalendar.objects.bulk_create(
        compiled,
        update_conflicts=True,
        unique_fields=["subscriber"],
        update_fields=["number", "version", "until", "won"],
    )


def _events_of(subscribers: Iterable[Subscriber]) -> dict[int, list[CalendarEvent]]:
    found: dict[int, list[CalendarEvent]] = {who.pk: [] for who in subscribers}
    rows = CalendarEvent.objects.filter(subscriber__in=list(found), enabled=True)
    for event in rows.order_by("pk"):
        found[event.subscriber_id].append(event)
    return found


def _compiled(
    subscriber: Subscriber,
    events: list[CalendarEvent],
    holidays: frozenset[date],
    first: date,
    until: date,
) -> CompiledCalendar:
    """What the events' remembered occurrences make of the days from ``first`` to ``until``."""
    until = min([until, *(event.expanded_until for event in events if event.expanded_until)])
    claims = _remembered(events, holidays, zone_of(subscriber))
    won = _cut(resolve(claims), _midnight(first), _midnight(until + timedelta(days=1)))
    return CompiledCalendar(
        subscriber=subscriber,
        number=subscriber.number,
        version=_version(events, holidays) if events else "",
        until=until,
        won=[[start, end, claim.destination, claim.event] for claim, start, end in won],
    )


def _retire(compiled: Iterable[CompiledCalendar], first: datetime, now: datetime) -> None:
    """Note which day keys of what was compiled so far the nodes need no longer."""
    new = {each.subscriber_id: (each.number, each.version) for each in compiled}
    past = int(first.timestamp())
    rows: list[RetiredCalendar] = []
    for old in CompiledCalendar.objects.filter(subscriber__in=list(new)).exclude(version=""):
        is_in_force = (old.number, old.version) == new[old.subscriber_id]
        rows += retired(old, past if is_in_force else FOR_EVER, now)
    RetiredCalendar.objects.bulk_create(rows)


def retired(old: CompiledCalendar, end: int, now: datetime) -> Iterator[RetiredCalendar]:
    """For each node, what it need no longer hold of that calendar before ``end``."""
    windows = [[low, min(high, end), to] for low, high, to, _event in old.won if low < end]
    for node in get_pbx().nodes if windows else ():
        yield RetiredCalendar(
            node=node,
            number=old.number,
            version=old.version,
            windows=windows,
            retired_at=now,
        )


def won_between(
    subscriber: Subscriber, events: Iterable[CalendarEvent], first: datetime, last: datetime
) -> list[Won]:
    """Who wins when, over any stretch of time, cut at its ends."""
    holidays, zone = holidays_of(subscriber), zone_of(subscriber)
    claims = (
        claim_of(event, each)
        for event in events
        for each in series.occurrences(event.ical, first, last, zone)
        if not (event.skip_holidays and each.start.astimezone(zone).date() in holidays)
    )
    return _cut(resolve(claims), first, last)


def _expand(
    events: Iterable[CalendarEvent], zone: ZoneInfo, first: date, until: date
) -> Iterator[CalendarEvent]:
    """See to it that all know their occurrences far enough ahead; gives those that did not."""
    enough, past = until - AHEAD + LEAST_AHEAD, _midnight(first).timestamp()
    for event in events:
        if event.expanded_until and event.expanded_until >= enough:
            continue
        start = max(first, event.expanded_until or first)
        low, high = _midnight(start), _midnight(until + timedelta(days=1))
        found = series.occurrences(event.ical, low, high, zone)
        new = {(int(o.start.timestamp()), int(o.end.timestamp()), o.destination) for o in found}
        kept = {tuple(each) for each in event.expanded if each[1] > past}
        event.expanded, event.expanded_until = sorted(kept | new), until
        yield event


def _remembered(
    events: Iterable[CalendarEvent], holidays: frozenset[date], zone: ZoneInfo
) -> Iterator[Claim]:
    """What the events remember of their occurrences, without those on holidays."""
    for event in events:
        edited, pk = event.edited_at.timestamp(), event.pk
        for start, end, destination in event.expanded:
            if event.skip_holidays and datetime.fromtimestamp(start, zone).date() in holidays:
                continue
            yield Claim(start, edited, pk, end, destination)


def claim_of(event: CalendarEvent, each: Occurrence) -> Claim:
    """What one occurrence asks for."""
    return Claim(
        start=int(each.start.timestamp()),
        edited=event.edited_at.timestamp(),
        event=event.pk or 0,
        end=int(each.end.timestamp()),
        destination=each.destination,
    )


def _cut(won: Iterable[Won], first: datetime, last: datetime) -> list[Won]:
    low, high = int(first.timestamp()), int(last.timestamp())
    return [
        Won(claim, max(start, low), min(end, high))
        for claim, start, end in won
        if start < high and end > low
    ]


def windows_around(subscriber: Subscriber, instant: datetime) -> tuple[Window, ...]:
    """The windows near an instant, however far away it is."""
    events = subscriber.events.filter(enabled=True)
    return to_windows(won_between(subscriber, events, instant - BEHIND, instant + BEHIND))


def holidays_of(subscriber: Subscriber) -> frozenset[date]:
    """The days that are holidays for the subscriber."""
    return _holidays_of([subscriber])[subscriber.pk]


def _holidays_of(subscribers: Iterable[Subscriber]) -> dict[int, frozenset[date]]:
    ids = [who.pk for who in subscribers]
    days = Holiday.objects.filter(
        Q(calendar__subscribers=None) | Q(calendar__subscribers__in=ids)
    ).values_list("calendar__subscribers", "date")
    found: dict[int | None, set[date]] = {}
    for pk, day in days:
        found.setdefault(pk, set()).add(day)
    common = frozenset(found.get(None, ()))
    return {pk: common | found[pk] if pk in found else common for pk in ids}


def _version(events: Iterable[CalendarEvent], holidays: frozenset[date]) -> str:
    """Changes with whatever changes the windows."""
    digest = blake2b(FORM.encode(), digest_size=6)
    for event in events:
        days = sorted(holidays) if event.skip_holidays else []
        digest.update(f"{event.pk}{event.ical}{event.edited_at}{days}".encode())
    return digest.hexdigest()


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
