"""When a service is open, on the company's clock. Pure, given the rows."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

DAYS_AHEAD = 7


class Hours(Protocol):
    """``models.OpenHours``."""

    weekday: int
    opens: time
    closes: time


def is_open(rows: Iterable[Hours], now: datetime) -> bool:
    """Whether it is open; a service without hours always is."""
    local = _local(now)
    rows = list(rows)
    return not rows or any(
        row.weekday == local.weekday() and row.opens <= local.time() < row.closes for row in rows
    )


def next_opening(rows: Iterable[Hours], now: datetime) -> datetime | None:
    """When it opens next; ``None`` for one without hours."""
    today = _local(now).date()
    days = (today + timedelta(days=ahead) for ahead in range(DAYS_AHEAD + 1))
    openings = [_at(day, row.opens) for day in days for row in rows if row.weekday == day.weekday()]
    return min((each for each in openings if each > now), default=None)


def _local(moment: datetime) -> datetime:
    return timezone.localtime(moment, _company())


def _at(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, _company())


def _company() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)
