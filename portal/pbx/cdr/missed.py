"""Missed calls that were not returned."""

from datetime import datetime

from django.db.models import Q

from portal.pbx.cdr.places import to_call
from portal.pbx.cdr.search import FAR, KINDS
from portal.pbx.cdr.walks import NEWEST, Rows, merged
from portal.pbx.models import CallEntry
from portal.pbx.types import CallKind, MissedCall

LOOKED_AT = 500
SPOKEN = frozenset({CallEntry.Kind.RECEIVED, CallEntry.Kind.MADE})


def to_return(subscriber: str, since: datetime) -> tuple[MissedCall, ...]:
    """Of each number the latest missed call, unless they have spoken since; newest first."""
    mine = CallEntry.objects.filter(subscriber=subscriber)
    choices = [{"kind": kind} for kind in KINDS[CallKind.MISSED]]
    rows = [row for row in merged(mine, choices, Q(started__gte=since), LOOKED_AT) if row.other]
    if not rows:
        return ()
    last = _last_spoken(mine.filter(started__gte=rows[-1].started))
    latest: dict[str, CallEntry] = {}
    times: dict[str, int] = {}
    for row in rows:
        if row.other not in last or last[row.other] <= row.started:
            latest.setdefault(row.other, row)
            times[row.other] = times.get(row.other, 0) + 1
    return tuple(MissedCall(to_call(row), times[number]) for number, row in latest.items())


def _last_spoken(calls: Rows) -> dict[str, datetime]:
    """When there was last a call with each number that was answered, here or there.

    One walk along the calls of the time, which the index alone serves: grouped by the database they
    would be looked for by number, among the calls of all times.
    """
    newest = calls.order_by(*NEWEST).values_list("other", "started", "kind")
    last: dict[str, datetime] = {}
    for other, started, kind in newest[:FAR]:
        if kind in SPOKEN:
            last.setdefault(other, started)
    return last
