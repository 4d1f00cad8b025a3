"""An event or a series as iCalendar text (RFC 5545), and the occurrences it makes. Pure.

The text alone says what a series is: the master, one override for each occurrence that was changed
(RECURRENCE-ID), and an EXDATE for each that was removed. Times are local with their zone. Where
calls go is a property of our own, so that a changed occurrence may send them elsewhere.
"""

from collections.abc import Collection
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events

from desvios.calendar import plain, written

DESTINATION = written.DESTINATION
PRODUCT = "-//Webfon//Desvíos//ES"


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a person says of an event. Without a rule it takes place once.

    ``start`` and ``end`` are both days (the end excluded) or both aware times. ``rule`` is an
    RRULE's value, ``""`` for none.
    """

    title: str
    start: date
    end: date
    destination: str
    rule: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """One time that an event takes place: aware instants, the end excluded.

    ``original`` is the start that the series gave it, by which it is named.
    """

    start: datetime
    end: datetime
    title: str
    destination: str
    original: date


def write(uid: str, content: Content) -> str:
    """A new event or series as text."""
    calendar = icalendar.Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", PRODUCT)
    calendar.add_component(component(uid, content))
    return _text(calendar)


def read(text: str) -> Content:
    """What the master says."""
    if quick := written.read(text):
        return Content(
            title=quick.title,
            start=quick.start,
            end=quick.end,
            destination=quick.destination,
            rule=quick.rule,
        )
    return _content(_master(parse(text)))


def content_of(text: str, original: date, zone: ZoneInfo) -> Content | None:
    """What one occurrence says, with the series' rule; ``None`` where there is none of that name.

    ``zone`` is for days and for times that name none.
    """
    calendar = parse(text)
    master = _content(_master(calendar))
    for part in calendar.walk("VEVENT"):
        if "RECURRENCE-ID" in part and part["RECURRENCE-ID"].dt == original:
            return replace(_content(part), rule=master.rule)
    begins = instant(original, zone)
    found = occurrences(text, begins, begins + timedelta(seconds=1), zone)
    if not any(each.original == original for each in found):
        return None
    return replace(master, start=original, end=original + (master.end - master.start))


def occurrences(
    text: str,
    first: datetime,
    last: datetime,
    zone: ZoneInfo,
    *,
    without: Collection[date] = (),
) -> list[Occurrence]:
    """What takes place at least in part between two instants, by start.

    ``zone`` is for days and for times that name none. ``without`` are days of that zone on which
    nothing begins.
    """
    made = _quickly(text, first, last, zone)
    if made is None:
        # The library takes days to begin in UTC, so it is asked for a day more on either side.
        day = timedelta(days=1)
        found = recurring_ical_events.of(parse(text)).between(first - day, last + day)
        made = [_occurrence(component, zone) for component in found]
    kept = [
        each
        for each in made
        if each.start < last
        and each.end > first
        and not (without and each.start.astimezone(zone).date() in without)
    ]
    return sorted(kept, key=lambda each: (each.start, each.end))


def is_simple(text: str) -> bool:
    """Whether it is expanded in a fraction of a millisecond."""
    quick = written.read(text)
    return quick is not None and plain.is_plain(quick)


def _quickly(text: str, first: datetime, last: datetime, zone: ZoneInfo) -> list[Occurrence] | None:
    """The same where the text is simple; ``None`` where it is not."""
    quick = written.read(text)
    pairs = plain.starts(quick, first, last) if quick else None
    if quick is None or pairs is None:
        return None
    return [
        Occurrence(
            start=instant(start, zone),
            end=instant(end, zone),
            title=quick.title,
            destination=quick.destination,
            original=start,
        )
        for start, end in pairs
    ]


def rewritten(text: str, content: Content) -> str:
    """The series with other content.

    Single occurrences that were changed or removed stay so, unless the series gives its
    occurrences other names now.
    """
    calendar = parse(text)
    master = _master(calendar)
    old, uid = _content(master), str(master["UID"])
    if (old.start, _canonical(old.rule)) != (content.start, _canonical(content.rule)):
        return write(uid, content)
    new = component(uid, content)
    if "EXDATE" in master:
        new["EXDATE"] = master["EXDATE"]
    calendar.subcomponents = [new if part is master else part for part in calendar.subcomponents]
    return _text(calendar)


def without_occurrence(text: str, original: date) -> str:
    """The series without the occurrence of that name."""
    calendar = parse(text)
    _drop_override(calendar, original)
    _master(calendar).add("exdate", original)
    return _text(calendar)


def with_occurrence(text: str, original: date, content: Content) -> str:
    """The series with that one occurrence changed."""
    calendar = parse(text)
    _drop_override(calendar, original)
    override = component(str(_master(calendar)["UID"]), content)
    override.pop("RRULE", None)
    override.add("recurrence-id", original)
    calendar.add_component(override)
    return _text(calendar)


def ended_before(text: str, original: date) -> str:
    """The series up to the occurrence of that name, which is no longer in it."""
    calendar = parse(text)
    master = _master(calendar)
    if "RRULE" in master:
        rule = deepcopy(master["RRULE"])
        rule.pop("COUNT", None)
        rule["UNTIL"] = [_just_before(original)]
        master["RRULE"] = rule
    for extra in (master.pop("RDATE"),) if "RDATE" in master else ():
        for moment in _moments(extra):
            if moment < original:
                master.add("rdate", moment)
    calendar.subcomponents = [
        part
        for part in calendar.subcomponents
        if "RECURRENCE-ID" not in part or part["RECURRENCE-ID"].dt < original
    ]
    return _text(calendar)


def _canonical(rule: str) -> bytes:
    written: bytes = icalendar.vRecur.from_ical(rule).to_ical() if rule else b""
    return written


def is_series(text: str) -> bool:
    """Whether it takes place more than once."""
    if quick := written.read(text):
        return bool(quick.rule)
    master = _master(parse(text))
    return "RRULE" in master or "RDATE" in master


def _moments(listed: Any) -> list[Any]:
    """Of a property that stands once or several times, each with one moment or several."""
    lists = listed if isinstance(listed, list) else [listed]
    return [moment.dt for each in lists for moment in each.dts]


def _just_before(original: date) -> date:
    """UNTIL is inclusive; with a zone it is in UTC (RFC 5545, 3.3.10)."""
    if isinstance(original, datetime):
        return (original - timedelta(seconds=1)).astimezone(UTC)
    return original - timedelta(days=1)


def component(uid: str, content: Content) -> icalendar.Event:
    """The VEVENT that says it."""
    event = icalendar.Event()
    event.add("uid", uid)
    event.add("dtstamp", datetime(2026, 1, 1, tzinfo=UTC))
    event.add("summary", content.title)
    event.add("dtstart", content.start)
    event.add("dtend", content.end)
    event.add(DESTINATION, content.destination)
    if content.rule:
        event.add("rrule", icalendar.vRecur.from_ical(content.rule))
    return event


def _content(event: Any) -> Content:
    return Content(
        title=str(event.get("SUMMARY", "")),
        start=event.start,
        end=event.end,
        destination=str(event.get(DESTINATION, "")),
        rule=event["RRULE"].to_ical().decode() if "RRULE" in event else "",
    )


def _occurrence(event: Any, zone: ZoneInfo) -> Occurrence:
    content = _content(event)
    original = event["RECURRENCE-ID"].dt if "RECURRENCE-ID" in event else content.start
    return Occurrence(
        start=instant(content.start, zone),
        end=instant(content.end, zone),
        title=content.title,
        destination=content.destination,
        original=original,
    )


def instant(moment: date, zone: tzinfo) -> datetime:
    """A day begins at its midnight in the zone; a time without a zone is meant in it."""
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time())
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def parse(text: str) -> Any:
    """The components that stand in the text."""
    return icalendar.Calendar.from_ical(text)


def _text(calendar: Any) -> str:
    text: str = calendar.to_ical().decode()
    return text


def _master(calendar: Any) -> Any:
    return next(part for part in calendar.walk("VEVENT") if "RECURRENCE-ID" not in part)


def _drop_override(calendar: Any, original: date) -> None:
    calendar.subcomponents = [
        part
        for part in calendar.subcomponents
        if "RECURRENCE-ID" not in part or part["RECURRENCE-ID"].dt != original
    ]
