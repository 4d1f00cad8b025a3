"""What an edit makes of a calendar: for each event that it touches, how it is afterwards.

Nothing is stored here; ``changes.store`` does that. An event is known by its UID.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from enum import StrEnum
from typing import NotRequired, TypedDict
from uuid import uuid4

from desvios.calendar import series
from desvios.calendar.series import Content
from desvios.calendar.starts import count_from
from desvios.models import CalendarEvent


class Snapshot(TypedDict):
    """An event as it is kept in the log and brought back by undo."""

    ical: str
    enabled: bool
    skip_holidays: bool
    pk: NotRequired[int]
    """Of one that was removed: under it the event comes back, so that its address goes on."""


Edit = Mapping[str, Snapshot | None]
"""By UID, how each event is afterwards; ``None`` for one that is gone."""


class Scope(StrEnum):
    """How much of a series an edit is about."""

    ONE = "one"
    FOLLOWING = "following"
    ALL = "all"


def snapshot(event: CalendarEvent) -> Snapshot:
    """The event as it is."""
    return {
        "ical": event.ical,
        "enabled": event.enabled,
        "skip_holidays": event.skip_holidays,
    }


def create(content: Content, *, enabled: bool = True, skip_holidays: bool = False) -> Edit:
    """A new event or series."""
    uid = str(uuid4())
    return {uid: _snapshot(series.write(uid, content), enabled, skip_holidays)}


def change(
    event: CalendarEvent,
    content: Content,
    *,
    enabled: bool,
    skip_holidays: bool,
    scope: Scope = Scope.ALL,
    original: date | None = None,
) -> Edit:
    """The event with other content; ``original`` names the occurrence that the scope starts at."""
    if scope is Scope.ALL or original is None:
        text = series.rewritten(event.ical, content)
        return {event.uid: _snapshot(text, enabled, skip_holidays)}
    if scope is Scope.ONE:
        text = series.with_occurrence(event.ical, original, content)
        return {event.uid: {**snapshot(event), "ical": text}}
    return {
        **_ended(event, original),
        **create(
            _continued(event, content, original), enabled=enabled, skip_holidays=skip_holidays
        ),
    }


def remove(event: CalendarEvent, *, scope: Scope = Scope.ALL, original: date | None = None) -> Edit:
    """The calendar without the event, or without a part of the series."""
    if scope is Scope.ALL or original is None or not series.is_series(event.ical):
        return {event.uid: None}
    if scope is Scope.ONE:
        text = series.without_occurrence(event.ical, original)
        return {event.uid: {**snapshot(event), "ical": text}}
    return _ended(event, original)


def redirected(ical: str, destination: str) -> str:
    """The event with another destination, each of its occurrences included."""
    calendar = series.parse(ical)
    for part in calendar.walk("VEVENT"):
        part.pop(series.DESTINATION, None)
        part.add(series.DESTINATION, destination)
    text: str = calendar.to_ical().decode()
    return text


def destinations(ical: str) -> dict[str, date | None]:
    """Where the event sends calls, each with the first changed occurrence that sends them there.

    ``None`` stands for the event as a whole.
    """
    found: dict[str, date | None] = {}
    parts = series.parse(ical).walk("VEVENT")
    for part in sorted(parts, key=lambda part: "RECURRENCE-ID" in part):
        original = part["RECURRENCE-ID"].dt if "RECURRENCE-ID" in part else None
        found.setdefault(str(part.get(series.DESTINATION, "")), original)
    return found


def _snapshot(ical: str, enabled: bool, skip_holidays: bool) -> Snapshot:
    return {"ical": ical, "enabled": enabled, "skip_holidays": skip_holidays}


def _ended(event: CalendarEvent, original: date) -> Edit:
    """The series up to the occurrence; nothing at all where that was the first."""
    if original <= series.read(event.ical).start:
        return {event.uid: None}
    return {event.uid: {**snapshot(event), "ical": series.ended_before(event.ical, original)}}


def _continued(event: CalendarEvent, content: Content, original: date) -> Content:
    """The content of the rest of a series: a count goes on counting where the old one stopped."""
    return replace(content, rule=count_from(event.ical, content.rule, original))


def quick(title: str, destination: str, start: datetime, end: datetime) -> Edit:
    """«Desviar hasta…»: an event that ends by itself."""
    return create(Content(title=title, start=start, end=end, destination=destination))
