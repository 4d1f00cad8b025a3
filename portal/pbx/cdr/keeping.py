"""What the link does for the call records: merging what others wrote, forgetting what is old."""

from collections.abc import Callable
from datetime import timedelta
from time import monotonic

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from portal.pbx.cdr.entries import refresh
from portal.pbx.models import CallEntry, CallRecord
from portal.pbx.router import ALIAS

BATCH = 500
AT_MOST_SECONDS = 0.5
"""How long a job holds up the others; the rest is for the next time."""


def follow() -> int:
    """Merge the legs that the import did not write: those of ``cdr_pgsql``, and of old versions.

    A job of the link. Returns how many legs there were.
    """
    return _for_a_moment(_merge_some)


def forget_old() -> int:
    """Delete the calls that began more than ``settings.CALLS_DAYS`` ago; none where that is 0.

    A job of the link. Returns how many legs were deleted.
    """
    return _for_a_moment(_forget_some) if settings.CALLS_DAYS > 0 else 0


def unmerged() -> QuerySet[CallRecord]:
    """What is to be merged, the newest first: after an update, today's calls are there at once."""
    return CallRecord.objects.filter(merged=None).order_by("-id")


def _for_a_moment(work: Callable[[], int]) -> int:
    until = monotonic() + AT_MOST_SECONDS
    total = 0
    while count := work():
        total += count
        if monotonic() > until:
            break
    return total


def _merge_some() -> int:
    with transaction.atomic(using=ALIAS):
        rows = list(unmerged().values_list("id", "node", "linkedid")[:BATCH])
        refresh((node, linkedid) for _, node, linkedid in rows)
        return CallRecord.objects.filter(id__in=[row[0] for row in rows]).update(merged=True)


def _forget_some() -> int:
    """Some whole calls: the oldest."""
    cutoff = timezone.now() - timedelta(days=settings.CALLS_DAYS)
    with transaction.atomic(using=ALIAS):
        old = CallRecord.objects.filter(started__lt=cutoff).order_by("started")
        linkedids = set(old.values_list("linkedid", flat=True)[:BATCH])
        CallEntry.objects.filter(linkedid__in=linkedids).delete()
        count, _models = CallRecord.objects.filter(linkedid__in=linkedids).delete()
    return count
