"""What the link does for the call records: merging what others wrote."""

from time import monotonic

from django.db import transaction

from portal.pbx.cdr.entries import refresh
from portal.pbx.models import CallRecord
from portal.pbx.router import ALIAS

BATCH = 500
AT_MOST_SECONDS = 0.5
"""How long a job holds up the others; the rest is for the next time."""


def follow() -> int:
    """Merge the legs that the import did not write: those of ``cdr_pgsql``, and of old versions.

    A job of the link. Returns how many legs there were.
    """
    until = monotonic() + AT_MOST_SECONDS
    total = 0
    while count := _merge_some():
        total += count
        if monotonic() > until:
            break
    return total


def _merge_some() -> int:
    """The newest first: after an update, today's calls are there at once."""
    with transaction.atomic(using=ALIAS):
        unmerged = CallRecord.objects.filter(merged=None).order_by("-id")
        rows = list(unmerged.values_list("id", "node", "linkedid")[:BATCH])
        refresh((node, linkedid) for _, node, linkedid in rows)
        return CallRecord.objects.filter(id__in=[row[0] for row in rows]).update(merged=True)
