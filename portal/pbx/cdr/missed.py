"""Missed calls that were not returned."""

from datetime import datetime

from django.db.models import Exists, OuterRef

from portal.pbx.cdr.places import to_call
from portal.pbx.cdr.search import KINDS, NEWEST
from portal.pbx.models import CallEntry
from portal.pbx.types import CallKind, MissedCall

LOOKED_AT = 2_000
SPOKEN = (CallEntry.Kind.RECEIVED, CallEntry.Kind.MADE)


def to_return(subscriber: str, since: datetime) -> tuple[MissedCall, ...]:
    """Of each number the latest missed call, unless they have spoken since; newest first."""
    mine = CallEntry.objects.filter(subscriber=subscriber)
    spoken = mine.filter(other=OuterRef("other"), kind__in=SPOKEN, started__gt=OuterRef("started"))
    open_ones = (
        mine.filter(kind__in=KINDS[CallKind.MISSED], started__gte=since)
        .exclude(other="")
        .filter(~Exists(spoken))
        .order_by(*NEWEST)[:LOOKED_AT]
    )
    latest: dict[str, CallEntry] = {}
    times: dict[str, int] = {}
    for row in open_ones:
        latest.setdefault(row.other, row)
        times[row.other] = times.get(row.other, 0) + 1
    return tuple(MissedCall(to_call(row), times[number]) for number, row in latest.items())
