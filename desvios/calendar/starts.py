"""The starts that a rule names, as times on the clock without their zone. Pure."""

import itertools
from datetime import date, datetime
from typing import Any

import dateutil.rrule
import icalendar

from desvios.calendar.plain import on_the_clock
from desvios.calendar.series import read

__all__ = ["count_from", "first_starts", "on_the_clock"]


def first_starts(rule: str, start: date, most: int = 20) -> list[datetime]:
    """The first starts that the rule itself names from ``start`` on."""
    parts: Any = icalendar.vRecur.from_ical(rule)
    until = parts.get("UNTIL", [None])[0]
    if isinstance(until, datetime) and until.tzinfo and isinstance(start, datetime):
        parts["UNTIL"] = [until.astimezone(start.tzinfo).replace(tzinfo=None)]
    found = dateutil.rrule.rrulestr(parts.to_ical().decode(), dtstart=on_the_clock(start))
    return list(itertools.islice(found, most))


def count_from(text: str, rule: str, original: date) -> str:
    """The rule for the rest of a series: a COUNT of the whole becomes one of what is left."""
    rest: Any = icalendar.vRecur.from_ical(rule) if rule else {}
    whole = read(text)
    if "COUNT" not in rest or not whole.rule:
        return rule
    before = dateutil.rrule.rrulestr(
        icalendar.vRecur.from_ical(whole.rule).to_ical().decode(),
        dtstart=on_the_clock(whole.start),
    )
    limit = on_the_clock(original)
    done = sum(1 for _ in itertools.takewhile(lambda each: each < limit, before))
    rest["COUNT"] = [max(1, rest["COUNT"][0] - done)]
    text_of_rule: str = rest.to_ical().decode()
    return text_of_rule
