"""How many calls a subscriber received, by day and by hour of the week."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo

from django.db import connections
from django.db.models import CharField, Expression
from django.db.models import Count as Rows
from django.db.models.functions import Substr, TruncHour, TruncMinute

from portal.pbx.cdr.search import KINDS
from portal.pbx.models import CallEntry
from portal.pbx.router import ALIAS
from portal.pbx.types import CallKind, Count, Summary

MISSED = frozenset(KINDS[CallKind.MISSED])
WANTED = MISSED | {CallEntry.Kind.RECEIVED}
HOUR, MINUTE = 13, 16
"""Characters of ``2026-03-02 09:15`` up to the hour, and up to the minute."""


def summary(subscriber: str, since: datetime, until: datetime, zone: tzinfo) -> Summary:
    """Of the calls that began from ``since`` on and before ``until``."""
    days: Counter[tuple[date, bool]] = Counter()
    hours: Counter[tuple[tuple[int, int], bool]] = Counter()
    for moment, kind, count in _counts(subscriber, since, until, _is_whole(since, until, zone)):
        local, is_missed = moment.astimezone(zone), kind in MISSED
        days[local.date(), is_missed] += count
        hours[(local.weekday(), local.hour), is_missed] += count
    return Summary(
        {day: Count(days[day, False], days[day, True]) for day in sorted({d for d, _ in days})},
        {
            hour: Count(hours[hour, False], hours[hour, True])
            for hour in sorted({h for h, _ in hours})
        },
    )


def _is_whole(since: datetime, until: datetime, zone: tzinfo) -> bool:
    """Whether the zone's hours begin when those of UTC do."""
    offsets = (moment.astimezone(zone).utcoffset() or timedelta() for moment in (since, until))
    return not any(offset % timedelta(hours=1) for offset in offsets)


def _counts(
    subscriber: str, since: datetime, until: datetime, whole_hours: bool
) -> Iterator[tuple[datetime, int, int]]:
    rows = (
        CallEntry.objects.filter(
            subscriber=subscriber, kind__in=WANTED, started__gte=since, started__lt=until
        )
        .values_list(_slot(whole_hours), "kind")
        .annotate(count=Rows("id"))
        .order_by()
    )
    for slot, kind, count in rows:
        yield _moment(slot), kind, count


def _slot(whole_hours: bool) -> Expression:
    """The hour, or the minute, in which a call began. SQLite keeps moments as text, in UTC."""
    if connections[ALIAS].vendor == "sqlite":
        return Substr("started", 1, HOUR if whole_hours else MINUTE, output_field=CharField())
    return TruncHour("started", tzinfo=UTC) if whole_hours else TruncMinute("started", tzinfo=UTC)


def _moment(slot: datetime | str) -> datetime:
    return slot if isinstance(slot, datetime) else datetime.fromisoformat(slot).replace(tzinfo=UTC)
