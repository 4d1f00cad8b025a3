"""Missed calls that were not returned."""

from datetime import datetime

from django.db.models import Max, Q

from portal.pbx.cdr.places import to_call
from portal.pbx.cdr.search import KINDS
from portal.pbx.cdr.walks import merged
from portal.pbx.models import CallEntry
from portal.pbx.types import CallKind, MissedCall

LOOKED_AT = 2_000
SPOKEN = (CallEntry.Kind.RECEIVED, CallEntry.Kind.MADE)


def to_return(subscriber: str, since: datetime) -> tuple[MissedCall, ...]:
    """Of each number the latest missed call, unless they have spoken since; newest first."""
    mine = CallEntry.objects.filter(subscriber=subscriber)
    choices = [{"kind": kind} for kind in KINDS[CallKind.MISSED]]
    rows = [row for row in merged(mine, choices, Q(started__gte=since), LOOKED_AT) if row.other]
    if not rows:
        return ()
    # The whole time is one walk that the index alone serves; each number's calls would be many.
    spoken = mine.filter(started__gte=rows[-1].started, kind__in=SPOKEN).order_by()
    last = dict(spoken.values_list("other").annotate(last=Max("started")))
    latest: dict[str, CallEntry] = {}
    times: dict[str, int] = {}
    for row in rows:
        if row.other not in last or last[row.other] <= row.started:
            latest.setdefault(row.other, row)
            times[row.other] = times.get(row.other, 0) + 1
    return tuple(MissedCall(to_call(row), times[number]) for number, row in latest.items())
