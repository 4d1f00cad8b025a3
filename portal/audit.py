"""Writing down who changed what."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from allauth.account.adapter import get_adapter
from django.db.models import F

from portal import logs
from portal.models import AuditEvent, Subscriber


def record(
    request: Any,
    subscriber: Subscriber | None,
    action: AuditEvent.Action,
    *,
    before: dict[str, Any],
    after: dict[str, Any],
    at: datetime,
) -> AuditEvent:
    """Write one change down, in the change's own transaction. Never give it a secret.

    Without ``subscriber`` it is about a user who has no number.
    """
    event = entry(request, subscriber, action, before=before, after=after, at=at)
    event.save()
    return event


def entry(
    request: Any,
    subscriber: Subscriber | None,
    action: AuditEvent.Action,
    *,
    before: dict[str, Any],
    after: dict[str, Any],
    at: datetime,
) -> AuditEvent:
    """The same, not yet stored, for whoever stores many at once."""
    return AuditEvent(
        at=at,
        actor=request.user,
        actor_name=request.user.get_username(),
        address=get_adapter(request).get_client_ip(request),
        subscriber=subscriber,
        subscriber_number=subscriber.number if subscriber else "",
        action=action,
        revision=subscriber.revision if subscriber else 0,
        request_id=logs.current() or None,
        before=before,
        after=after,
    )


def record_from_telephone(
    device: str,
    subscriber: Subscriber,
    action: AuditEvent.Action,
    *,
    before: dict[str, Any],
    after: dict[str, Any],
    at: datetime,
) -> AuditEvent:
    """The same for what was dialled at a telephone, whose name stands for whoever did it."""
    return AuditEvent.objects.create(
        at=at,
        actor_name=device,
        subscriber=subscriber,
        subscriber_number=subscriber.number,
        action=action,
        revision=subscriber.revision,
        request_id=logs.current() or None,
        before=before,
        after=after,
    )


def requests_that_saved(numbers: Iterable[str]) -> dict[str, str]:
    """The id of the request or job that made the latest revision of each, where it is known."""
    events = AuditEvent.objects.filter(
        subscriber__number__in=list(numbers),
        revision=F("subscriber__revision"),
        request_id__isnull=False,
    ).order_by("pk")
    found: dict[str, str] = {}
    for number, request_id in events.values_list("subscriber__number", "request_id"):
        found.setdefault(number, request_id)  # later entries of the revision only came after it
    return found
