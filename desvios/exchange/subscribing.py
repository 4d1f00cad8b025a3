"""What a person does with subscriptions: makes, edits and ends them; each is logged and undone."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import HttpRequest

from desvios.calendar.compile import compile_calendar
from desvios.calendar.editing import redirected
from desvios.destination import clean_destination
from desvios.exchange import feeds
from desvios.exchange.fetch import Answer
from desvios.exchange.models import CalendarFeed
from desvios.models import CalendarEvent
from portal.audit import record
from portal.models import AuditEvent, Subscriber

EDITABLE = ("name", "destination", "enabled")


def subscribe(
    request: HttpRequest, feed: CalendarFeed, answer: Answer | None, now: datetime
) -> AuditEvent:
    """Store a new subscription together with its first answer. Raises ``NotReadable``.

    Without an answer the link, which has more time, reads it first.
    """
    if answer:
        feeds.read(feed, answer.data or b"", now)
    with transaction.atomic():
        feed.due_at = now
        feed.save()
        if answer:
            feeds.take_answer(feed, answer, now)
        return _logged(request, feed, {"in_use": False}, {"in_use": True}, now)


def edit(
    request: HttpRequest, feed: CalendarFeed, wanted: dict[str, Any], now: datetime
) -> AuditEvent | None:
    """Another name or destination, or on and off; its events follow. ``None``: nothing changes."""
    with transaction.atomic():
        subscriber = Subscriber.objects.select_for_update().get(pk=feed.subscriber_id)
        feed.refresh_from_db()
        before = {name: getattr(feed, name) for name in EDITABLE}
        changed = {name: wanted[name] for name in wanted if wanted[name] != before[name]}
        if not changed:
            return None
        CalendarFeed.objects.filter(pk=feed.pk).update(**changed)
        feed.refresh_from_db()
        if {"destination", "enabled"} & set(changed):
            _carry_over(feed, now)
            compile_calendar(subscriber, now)
        return _logged(request, feed, {name: before[name] for name in changed}, changed, now)


def remove(request: HttpRequest, feed: CalendarFeed, now: datetime) -> AuditEvent:
    """Take the busy times away; the subscription can be brought back."""
    with transaction.atomic():
        feed.removed_at = now
        feed.save(update_fields=["removed_at"])
        feeds.take_away(feed, now)
        return _logged(request, feed, {"in_use": True}, {"in_use": False}, now)


def restore(request: HttpRequest, feed: CalendarFeed, now: datetime) -> AuditEvent:
    """Bring a removed one back, as it was last read; the link reads it again soon."""
    with transaction.atomic():
        feed.removed_at, feed.due_at = None, now
        feed.save(update_fields=["removed_at", "due_at"])
        feeds.put_again(feed, now)
        return _logged(request, feed, {"in_use": False}, {"in_use": True}, now)


def undo(request: HttpRequest, event: AuditEvent, now: datetime) -> AuditEvent | None:
    """Undo what a log entry about a subscription says; ``None`` where it is so already.

    Raises ``ValidationError`` where calls may not go there any more.
    """
    found = CalendarFeed.objects.filter(subscriber=event.subscriber, pk=event.after.get("feed"))
    feed = found.first()
    if feed is None:
        return None
    back = {name: event.before[name] for name in EDITABLE if name in event.before}
    in_use = event.before.get("in_use", feed.removed_at is None)
    if in_use:
        clean_destination(feed.subscriber, back.get("destination", feed.destination))
    if "in_use" not in event.before:
        return edit(request, feed, back, now)
    if in_use is (feed.removed_at is None):
        return None
    return (restore if in_use else remove)(request, feed, now)


def _carry_over(feed: CalendarFeed, now: datetime) -> None:
    """Its events do what the subscription says now; what the user took away stays away."""
    events = list(CalendarEvent.objects.filter(feed=feed))
    for event in events:
        event.ical = redirected(event.ical, feed.destination)
        event.enabled = feed.enabled
        event.expanded, event.expanded_until = [], None
    CalendarEvent.objects.bulk_update(events, ["ical", "enabled", "expanded", "expanded_until"])


def _logged(
    request: HttpRequest,
    feed: CalendarFeed,
    before: dict[str, Any],
    after: dict[str, Any],
    now: datetime,
) -> AuditEvent:
    """The address itself is a secret and stays out of the log."""
    subscriber = Subscriber.objects.select_for_update().get(pk=feed.subscriber_id)
    subscriber.revision += 1
    subscriber.save(update_fields=["revision"])
    about = {"feed": feed.pk, "name": feed.name}
    return record(
        request,
        subscriber,
        AuditEvent.Action.FEED,
        before={**about, **before},
        after={**about, **after},
        at=now,
    )
