"""Storing an edit of a calendar: with its log entry, compiled, and ready to be applied."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.http import HttpRequest

from desvios.calendar.compile import compile_calendar
from desvios.calendar.editing import Edit, Snapshot, redirected, snapshot
from desvios.exchange.models import feed_of
from desvios.models import GONE, CalendarEvent
from portal.audit import record
from portal.models import AuditEvent, Subscriber


class ChangedMeanwhile(Exception):
    """An event is not what somebody saw who wants to change it."""


def store(
    request: HttpRequest,
    subscriber: Subscriber,
    edit: Edit,
    *,
    at: datetime,
    seen: Mapping[str, str] | None = None,
) -> AuditEvent | None:
    """Carry out the edit in one transaction. Returns ``None`` when it changes nothing.

    ``seen`` has by UID the stamps of events as they were seen; raises ``ChangedMeanwhile`` and
    stores nothing if one of them is another now. Undoing is storing what the log entry says was
    before: ``store(…, event.before, …)``.
    """
    with transaction.atomic():
        current = Subscriber.objects.select_for_update().get(pk=subscriber.pk)
        events = {event.uid: event for event in current.events.filter(uid__in=list(edit))}
        for uid, stamp in (seen or {}).items():
            if stamp != (events[uid].stamp if uid in events else GONE):
                raise ChangedMeanwhile
        changed = {uid: after for uid, after in edit.items() if not _is_so(events.get(uid), after)}
        if not changed:
            return None
        before = {uid: _before(events.get(uid), changed[uid]) for uid in changed}
        for uid, after in changed.items():
            _store(current, events.get(uid), uid, after, at)
        current.revision += 1
        current.save(update_fields=["revision"])
        compile_calendar(current, at)
        subscriber.refresh_from_db()
        return record(
            request, subscriber, AuditEvent.Action.CALENDAR, before=before, after=changed, at=at
        )


def _is_so(event: CalendarEvent | None, after: Snapshot | None) -> bool:
    if event is None or after is None:
        return event is None and after is None
    return snapshot(event) == {name: after[name] for name in snapshot(event)}  # type: ignore[literal-required]


def _before(event: CalendarEvent | None, after: Snapshot | None) -> Snapshot | None:
    """For the log: an event that goes leaves its key behind."""
    if event is None:
        return None
    return {**snapshot(event), "pk": event.pk} if after is None else snapshot(event)


def _store(
    subscriber: Subscriber,
    event: CalendarEvent | None,
    uid: str,
    after: Snapshot | None,
    at: datetime,
) -> None:
    if after is None:
        if event:
            event.delete()
        return
    event = event or CalendarEvent(subscriber=subscriber, uid=uid, pk=_free(after.get("pk")))
    event.ical, event.enabled = after["ical"], after["enabled"]
    event.skip_holidays, event.edited_at = after["skip_holidays"], at
    event.expanded, event.expanded_until = [], None
    event.feed = feed_of(subscriber, uid)
    if event.feed:  # whatever it was then, it does what the subscription says now
        event.ical = redirected(event.ical, event.feed.destination)
        event.enabled = event.feed.enabled
    event.save()


def _free(pk: int | None) -> int | None:
    """The key, if nothing has it; it was given once and is given no second time by itself."""
    return None if pk is None or CalendarEvent.objects.filter(pk=pk).exists() else pk
