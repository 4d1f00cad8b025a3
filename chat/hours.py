"""When a service is open, on the company's clock. Pure, given the rows and the holidays."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

DAYS_AHEAD = 366

Holidays = Mapping[date, str]
"""Days on which it is closed, with their names."""


class Hours(Protocol):
    """``models.OpenHours``."""

    weekday: int
    opens: time
    closes: time


def is_open(rows: Sequence[Hours], holidays: Holidays, now: datetime) -> bool:
    """Whether it is open; a service without hours is, but for holidays."""
    local = _local(now)
    if local.date() in holidays:
        return False
    return not rows or any(
        row.weekday == local.weekday() and row.opens <= local.time() < row.closes for row in rows
    )


def next_opening(rows: Sequence[Hours], holidays: Holidays, now: datetime) -> datetime | None:
    """When it opens next; ``None`` for one that never closes, or not within a year."""
    today = company_day(now)
    days = (today + timedelta(days=ahead) for ahead in range(DAYS_AHEAD + 1))
    openings = (
        _at(day, hour) for day in days if day not in holidays for hour in _openings(rows, day)
    )
    return next((each for each in openings if each > now), None)


def holiday_that_closes(rows: Sequence[Hours], holidays: Holidays, now: datetime) -> str:
    """The name of today's holiday, "" for none, or where it would be closed all day anyway."""
    today = company_day(now)
    return holidays.get(today, "") if _openings(rows, today) else ""


def company_day(moment: datetime) -> date:
    """The day in the company's zone."""
    return _local(moment).date()


def _openings(rows: Sequence[Hours], day: date) -> list[time]:
    if not rows:
        return [time.min]
    return sorted(row.opens for row in rows if row.weekday == day.weekday())


def _local(moment: datetime) -> datetime:
    return timezone.localtime(moment, _company())


def _at(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, _company())


def _company() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)
