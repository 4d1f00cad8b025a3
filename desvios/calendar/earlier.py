"""What an event was before, told from the log of changes."""

from collections.abc import Iterator
from typing import Any

from desvios.models import CalendarEvent
from portal.models import AuditEvent, Subscriber

LOOKED_BACK = 100
"""Changes of the calendar that are looked through, the latest ones."""


def removal_of(subscriber: Subscriber, pk: int) -> tuple[AuditEvent, CalendarEvent] | None:
    """The change that removed an event of the subscriber, and the event as it was, not stored."""
    for change in _changes(subscriber):
        for uid, before in change.before.items():
            if before and before.get("pk") == pk:
                return change, _event(subscriber, uid, before)
    return None


def last_change(subscriber: Subscriber, uid: str) -> AuditEvent | None:
    """The latest change that was about the event of that UID."""
    return next((change for change in _changes(subscriber) if uid in change.after), None)


def versions(subscriber: Subscriber, uid: str) -> Iterator[CalendarEvent]:
    """The event as it was at one time or another, the latest first."""
    for change in _changes(subscriber):
        for known in (change.after.get(uid), change.before.get(uid)):
            if known:
                yield _event(subscriber, uid, known)


def _changes(subscriber: Subscriber) -> list[AuditEvent]:
    rows = AuditEvent.objects.filter(subscriber=subscriber, action=AuditEvent.Action.CALENDAR)
    return list(rows[:LOOKED_BACK])


def _event(subscriber: Subscriber, uid: str, known: dict[str, Any]) -> CalendarEvent:
    return CalendarEvent(subscriber=subscriber, uid=uid, **known)
