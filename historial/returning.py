"""Missed calls that wait to be returned."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import DatabaseError
from django.db.models import Max
from django.utils import timezone

from historial.models import Dismissal
from historial.reach import CALL_RECORDS
from portal.models import Subscriber
from portal.news import Topic, tell
from portal.pbx import get_pbx
from portal.pbx.types import Call, MissedCall

WAITS_FOR = timedelta(days=14)
"""Who was not called back for so long no longer expects it."""


def to_return(subscriber: Subscriber, now: datetime) -> tuple[MissedCall, ...]:
    """Of each number the latest missed call, newest first; without those that were dismissed.

    Raises ``DatabaseError`` where the call records are away.
    """
    since = now - WAITS_FOR
    with CALL_RECORDS.asked():
        missed = get_pbx().call_log.missed_to_return(subscriber.number, since)
    if not missed:
        return ()
    mine = Dismissal.objects.filter(subscriber=subscriber, until__gte=since)
    done = dict(mine.values_list("number").annotate(Max("until")))
    return tuple(
        each
        for each in missed
        if each.call.other not in done or done[each.call.other] < each.call.started_at
    )


def of_request(request: Any) -> tuple[MissedCall, ...] | None:
    """The same for whoever is logged in, looked up once a request; ``None`` where they are away."""
    if not hasattr(request, "calls_to_return"):
        try:
            request.calls_to_return = to_return(request.subscriber, timezone.now())
        except DatabaseError:
            request.calls_to_return = None
    found: tuple[MissedCall, ...] | None = request.calls_to_return
    return found


def dismiss(subscriber: Subscriber, calls: Iterable[Call]) -> UUID:
    """These missed calls, and earlier ones of the same numbers, are done. Returns the batch."""
    forget(subscriber, timezone.now())
    batch = uuid4()
    Dismissal.objects.bulk_create(
        Dismissal(subscriber=subscriber, number=call.other, until=call.started_at, batch=batch)
        for call in calls
    )
    tell([subscriber.number], Topic.CALLS)
    return batch


def recall(subscriber: Subscriber, batch: UUID) -> int:
    """Undo one dismissal of the subscriber's own. Returns how many numbers wait again."""
    count, _ = Dismissal.objects.filter(subscriber=subscriber, batch=batch).delete()
    tell([subscriber.number], Topic.CALLS)
    return count


def forget(subscriber: Subscriber, now: datetime) -> None:
    """Drop what the subscriber dismissed so long ago that it would not wait any more."""
    Dismissal.objects.filter(subscriber=subscriber, until__lt=now - WAITS_FOR).delete()


def count(missed: Sequence[MissedCall] | None) -> int:
    """How many numbers wait; none where that cannot be said now."""
    return len(missed or ())
