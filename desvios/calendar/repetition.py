"""How an event repeats, as a form asks for it and as an RRULE says it (RFC 5545, 3.3.10). Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Any

import icalendar

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
NTH = (1, 2, 3, 4, -1)
"""Which Monday of a month; -1 is the last."""

LAST_SECOND = time(23, 59, 59)


class Kind(StrEnum):
    """The kinds of repetition that the form knows; ``OTHER`` is one that came from elsewhere."""

    NONE = ""
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY_BY_DATE = "monthly-date"
    MONTHLY_BY_WEEKDAY = "monthly-weekday"
    YEARLY = "yearly"
    OTHER = "other"


FREQUENCY = {
    Kind.DAILY: "DAILY",
    Kind.WEEKLY: "WEEKLY",
    Kind.MONTHLY_BY_DATE: "MONTHLY",
    Kind.MONTHLY_BY_WEEKDAY: "MONTHLY",
    Kind.YEARLY: "YEARLY",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Repetition:
    """``weekdays`` belong to WEEKLY; ``nth`` and ``weekday`` to MONTHLY_BY_WEEKDAY.

    Without ``until`` (the last day) and ``count`` it goes on for ever. ``rule`` is what OTHER is.
    """

    kind: Kind = Kind.NONE
    every: int = 1
    weekdays: tuple[str, ...] = ()
    nth: int = 1
    weekday: str = "MO"
    until: date | None = None
    count: int | None = None
    rule: str = ""


def to_rule(repetition: Repetition, start: date) -> str:
    """The RRULE's value for an event that starts then (a day, or an aware time)."""
    if repetition.kind in {Kind.NONE, Kind.OTHER}:
        return repetition.rule
    parts = [f"FREQ={FREQUENCY[repetition.kind]}"]
    if repetition.every > 1:
        parts.append(f"INTERVAL={repetition.every}")
    if repetition.kind is Kind.WEEKLY:
        days = repetition.weekdays or (WEEKDAYS[start.weekday()],)
        parts.append("BYDAY=" + ",".join(day for day in WEEKDAYS if day in days))
    if repetition.kind is Kind.MONTHLY_BY_WEEKDAY:
        parts.append(f"BYDAY={repetition.nth}{repetition.weekday}")
    if repetition.count:
        parts.append(f"COUNT={repetition.count}")
    elif repetition.until:
        parts.append(f"UNTIL={_until_text(repetition.until, start)}")
    return ";".join(parts)


def from_rule(rule: str, start: date) -> Repetition:
    """What the form shows for a rule; ``OTHER`` for one that it could not give back unchanged."""
    if not rule:
        return Repetition()
    parts: Any = icalendar.vRecur.from_ical(rule)
    kind = _kind(parts, start)
    if kind is Kind.OTHER:
        return Repetition(kind=kind, rule=rule)
    days = [str(day) for day in parts.get("BYDAY", [])]
    nth, weekday = _nth(parts) or (1, "MO")
    return Repetition(
        kind=kind,
        every=int(parts.get("INTERVAL", [1])[0]),
        weekdays=tuple(days) if kind is Kind.WEEKLY else (),
        nth=nth,
        weekday=weekday,
        until=_until_day(parts["UNTIL"][0], start) if "UNTIL" in parts else None,
        count=int(parts["COUNT"][0]) if "COUNT" in parts else None,
        rule=rule,
    )


def _kind(parts: Any, start: date) -> Kind:
    """The kind whose fields can say all that these parts say."""
    known = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST"}
    rest = {name: list(parts[name]) for name in parts if name not in known}
    if list(parts.get("WKST", ["MO"])) != ["MO"] and "INTERVAL" in parts:
        return Kind.OTHER
    frequency = parts["FREQ"][0]
    if frequency == "DAILY" and not rest:
        return Kind.DAILY
    if frequency == "WEEKLY" and set(rest) <= {"BYDAY"}:
        return Kind.WEEKLY if set(rest.get("BYDAY", [])) <= set(WEEKDAYS) else Kind.OTHER
    if frequency == "MONTHLY":
        return _monthly(parts, rest, start)
    same_day = {"BYMONTH": [start.month], "BYMONTHDAY": [start.day]}
    is_same = all(rest[name] == same_day.get(name) for name in rest)
    return Kind.YEARLY if frequency == "YEARLY" and is_same else Kind.OTHER


def _monthly(parts: Any, rest: dict[str, list[Any]], start: date) -> Kind:
    if not rest or rest == {"BYMONTHDAY": [start.day]}:
        return Kind.MONTHLY_BY_DATE
    if set(rest) <= {"BYDAY", "BYSETPOS"} and _nth(parts):
        return Kind.MONTHLY_BY_WEEKDAY
    return Kind.OTHER


def _nth(parts: Any) -> tuple[int, str] | None:
    """``1MO``, or ``MO`` with BYSETPOS 1, which says the same."""
    days, places = [str(day) for day in parts.get("BYDAY", [])], parts.get("BYSETPOS", [])
    if len(days) != 1 or len(places) > 1:
        return None
    number, weekday = days[0][:-2], days[0][-2:]
    if bool(number) == bool(places):
        return None
    nth = int(number or places[0])
    return (nth, weekday) if nth in NTH else None


def _until_text(until: date, start: date) -> str:
    """Inclusive; with a time it is given in UTC."""
    if not isinstance(start, datetime):
        return f"{until:%Y%m%d}"
    end = datetime.combine(until, LAST_SECOND, tzinfo=start.tzinfo).astimezone(UTC)
    return f"{end:%Y%m%dT%H%M%SZ}"


def _until_day(until: date, start: date) -> date:
    """The last day on which an occurrence may start."""
    if not isinstance(until, datetime):
        return until
    if not isinstance(start, datetime):
        return until.date()
    local = until.astimezone(start.tzinfo) if until.tzinfo else until
    is_whole = local.time() >= start.time()
    return local.date() if is_whole else date.fromordinal(local.toordinal() - 1)
