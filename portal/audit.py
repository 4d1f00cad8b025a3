"""Writing down who changed what."""

from datetime import datetime
from typing import Any

from allauth.account.adapter import get_adapter

from portal.models import AuditEvent, Subscriber


def record(
    request: Any,
    subscriber: Subscriber,
    action: AuditEvent.Action,
    *,
    before: dict[str, Any],
    after: dict[str, Any],
    at: datetime,
) -> AuditEvent:
    """Write one change down, in the change's own transaction. Never give it a secret."""
    return AuditEvent.objects.create(
        at=at,
        actor=request.user,
        actor_name=request.user.get_username(),
        address=get_adapter(request).get_client_ip(request),
        subscriber=subscriber,
        subscriber_number=subscriber.number,
        action=action,
        revision=subscriber.revision,
        before=before,
        after=after,
    )
