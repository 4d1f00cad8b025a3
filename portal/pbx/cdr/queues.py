"""Calls that a queue gave to a subscriber, who took them."""

from datetime import datetime

from portal.pbx.models import CallEntry, CallRecord

CHANNEL = "Local/{}@webfon-queue-"
"""How the channels of a member begin by which a queue rings; see the dialplan kit."""


def taken(subscriber: str, since: datetime) -> int:
    """How many, from the moment on. Looks at the subscriber's calls of that time alone."""
    received = CallEntry.objects.filter(
        subscriber=subscriber, kind=CallEntry.Kind.RECEIVED, started__gte=since
    )
    legs = CallRecord.objects.filter(
        linkedid__in=list(received.values_list("linkedid", flat=True)),
        channel__startswith=CHANNEL.format(subscriber),
        disposition="ANSWERED",
    )
    return legs.values("node", "linkedid").distinct().count()
