"""Storing an edit of a calendar: with its log entry, compiled, and ready to be applied."""

from datetime import datetime

from django.db import transaction
from django.http import HttpRequest

from desvios.calendar.compile import compile_calendar
from desvios.calendar.editing import Edit, Snapshot, snapshot
from desvios.exchange.models import feed_of
from desvios.models import CalendarEvent
from portal.audit import record
from portal.models import AuditEvent, Subscriber


def store(
    request: HttpRequest, subscriber: Subscriber, edit: Edit, *, at: datetime
) -> AuditEvent | None:
    """Carry out the edit in one transaction. Returns ``None`` when it changes nothing.

    Undoing is storing what the log entry says was before: ``store(…, event.before, …)``.
    """
    with transaction.atomic():
        current = Subscriber.objects.select_for_update().get(pk=subscriber.pk)
        events = {event.uid: event for event in current.events.filter(uid__in=list(edit))}
        before = {uid: snapshot(events[uid]) if uid in events else None for uid in edit}
        changed = {uid: after for uid, after in edit.items() if after != before[uid]}
        if not changed:
            return None
        for uid, after in changed.items():
            _store(current, events.get(uid), uid, after, at)
        current.revision += 1
        current.save(update_fields=["revision"])
        compile_calendar(current, at)
        subscriber.refresh_from_db()
        return record(
            request,
            subscriber,
            AuditEvent.Action.CALENDAR,
            before={uid: before[uid] for uid in changed},
            after=changed,
            at=at,
        )


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
    CalendarEvent.objects.update_or_create(
        subscriber=subscriber,
        uid=uid,
        defaults={
            **after,
            "edited_at": at,
            "expanded": [],
            "expanded_until": None,
            "feed": feed_of(subscriber, uid),
        },
    )
