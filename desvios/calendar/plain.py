"""Series that are a rule and nothing else, expanded by dateutil alone: much faster. Pure.

Most series are such. What has changed occurrences, RDATEs or anything unusual goes the general way;
a property test holds both ways together.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import chain, islice, takewhile
from typing import Any

import dateutil.rrule

from desvios.calendar.written import Written, moment

PARTS = re.compile(
    r"FREQ=(?:DAILY|WEEKLY|MONTHLY|YEARLY)"
    r"(?:;(?:INTERVAL|COUNT|UNTIL|WKST|BYDAY|BYMONTHDAY|BYMONTH|BYSETPOS)=[0-9A-Z,+\-]+)*"
)
UNTIL = re.compile(r";UNTIL=([^;]*)")
STEADY = re.compile(
    r"(?!FREQ=DAILY.*BYDAY)FREQ=(?P<freq>DAILY|WEEKLY)(?:;UNTIL=[^;]*)?(?:;INTERVAL=(?P<interval>[1-9][0-9]{0,2}))?"
    r"(?:;BYDAY=[A-Z,]+)?(?:;WKST=[A-Z]{2})?"
)
"""A rule that is the same after each interval: days or weeks, without a COUNT."""

DAY = timedelta(days=1)
LENGTHS = {"DAILY": DAY, "WEEKLY": 7 * DAY}


def starts(series: Written, first: datetime, last: datetime) -> Iterable[tuple[date, date]] | None:
    """Start and end of what may overlap ``[first, last)``, in the series' own way of saying.

    ``None`` where only the general way can tell.
    """
    if not is_plain(series):
        return None
    if not series.rule:
        return [(series.start, series.end)]
    length = series.end - series.start
    # A day more on either side, whatever the zone; the caller drops what is too much.
    low = first.replace(tzinfo=None) - length - DAY
    high = last.replace(tzinfo=None) + DAY
    found = _from_near(series, low)
    return None if found is None else _between(series, found, low, high)


def is_plain(series: Written) -> bool:
    """Whether the rule, if any, has the usual parts, and all moments are said in one way."""
    if not series.rule:
        return not series.without
    zone = _way(series.start)
    return (
        PARTS.fullmatch(series.rule) is not None
        and _way(series.end) is zone
        and all(_way(each) is zone for each in series.without)
    )


def _way(moment: date) -> object:
    """Something of its own for days, for times without a zone, and for each zone."""
    return moment.tzinfo if isinstance(moment, datetime) else date


def _from_near(series: Written, low: datetime) -> Iterator[datetime] | None:
    """The series' times on the clock, not all of those before ``low``.

    The start takes place even if its rule does not name it (RFC 5545, 3.8.2.4); ``None`` where it
    is not certain what follows then.
    """
    begin, until = on_the_clock(series.start), _until(series)
    if until and until < begin:
        return None
    near = _near(series.rule, begin, low)
    if until and until < near:
        return iter(())
    named = iter(_rule(series.rule, until, near))
    earliest = list(islice(named, 1))
    if earliest == [near] or near != begin:
        return chain(earliest, named)
    return None if "COUNT=" in series.rule else chain([begin], earliest, named)


def _near(rule: str, begin: datetime, low: datetime) -> datetime:
    """A moment from which the rule goes on as it does from its start, at most ``low`` if later.

    dateutil walks from the start, which may be years away.
    """
    steady = STEADY.fullmatch(rule)
    if not steady or low <= begin:
        return begin
    interval = int(steady["interval"] or 1) * LENGTHS[steady["freq"]]
    return begin + (low - begin) // interval * interval


def _rule(rule: str, until: datetime | None, begin: datetime) -> Any:
    """The rule on the clock of the series' zone."""
    if until:
        rule = UNTIL.sub(f";UNTIL={until:%Y%m%dT%H%M%S}", rule)
    return dateutil.rrule.rrulestr(rule, dtstart=begin)


def _until(series: Written) -> datetime | None:
    found = UNTIL.search(series.rule)
    if not found:
        return None
    until = moment(found[1])
    if not isinstance(until, datetime):
        return datetime.combine(until, time(23, 59, 59))
    if isinstance(series.start, datetime) and series.start.tzinfo and until.tzinfo:
        until = until.astimezone(series.start.tzinfo)
    return until.replace(tzinfo=None)


def _between(
    series: Written, found: Iterable[datetime], low: datetime, high: datetime
) -> Iterator[tuple[date, date]]:
    length, is_timed = series.end - series.start, isinstance(series.start, datetime)
    zone = series.start.tzinfo if isinstance(series.start, datetime) else None
    for local in takewhile(lambda each: each <= high, found):
        if local >= low:
            start = local.replace(tzinfo=zone) if is_timed else local.date()
            if start not in series.without:
                yield start, start + length


def on_the_clock(moment: date) -> datetime:
    """The time on the clock, without its zone; of a day its midnight."""
    if isinstance(moment, datetime):
        return moment.replace(tzinfo=None)
    return datetime.combine(moment, time())
