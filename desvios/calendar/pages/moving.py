"""An edit that was made on one occurrence, meant for the whole series."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from desvios.calendar import series
from desvios.calendar.series import Content
from desvios.calendar.starts import first_starts
from desvios.models import CalendarEvent


def of_whole_series(event: CalendarEvent, original: date, content: Content) -> Content:
    """The content with the series' own first day, moved as far as the occurrence was moved."""
    first = series.read(event.ical).start
    days = timedelta(days=_day(content.start).toordinal() - _day(original).toordinal())
    shift = _day(first) + days - _day(content.start)
    moved = replace(content, start=content.start + shift, end=content.end + shift)
    if not content.rule:
        return moved
    start = first_starts(content.rule, moved.start, most=1)
    again = start[0].date() - _day(moved.start) if start else timedelta()
    return replace(moved, start=moved.start + again, end=moved.end + again)


def _day(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment
