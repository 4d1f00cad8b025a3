"""Places in the order of a subscriber's calls, and the rows that stand there."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from portal.pbx.errors import NotFound
from portal.pbx.models import CallEntry
from portal.pbx.types import Call, CallResult

KEY = re.compile(r"([0-9]{1,17})-([0-9]{1,18})", re.ASCII)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
OUTGOING = frozenset({CallEntry.Kind.MADE, CallEntry.Kind.TRIED})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a call stands: calls are ordered by their start, then by the row's id."""

    started: datetime
    id: int

    def __str__(self) -> str:
        return f"{(self.started - EPOCH) // MICROSECOND}-{self.id}"

    @classmethod
    def parse(cls, key: str) -> Self:
        """The place that a key names. Raises ``NotFound`` for what is none."""
        match = KEY.fullmatch(key)
        if not match:
            raise NotFound(f"no key of a call: {key:.40}")
        return cls(EPOCH + int(match[1]) * MICROSECOND, int(match[2]))


def row_of(subscriber: str, key: str) -> CallEntry:
    """The subscriber's call with this key. Raises ``NotFound``."""
    row = CallEntry.objects.filter(subscriber=subscriber, id=Place.parse(key).id).first()
    if row is None:
        raise NotFound("no such call of this subscriber")
    return row


def to_call(row: CallEntry) -> Call:
    """What pages know of a row."""
    outgoing = row.kind in OUTGOING
    return Call(
        key=str(Place(row.started, row.id)),
        linkedid=row.linkedid,
        started_at=row.started,
        caller=row.subscriber if outgoing else row.other,
        caller_name=row.other_name,
        called=row.other if outgoing else row.called,
        outgoing=outgoing,
        result=CallResult(row.result),
        seconds=row.seconds,
        forwarded_to=row.forwarded_to,
        reason=row.reason,
        voicemail_at=row.voicemail_at,
    )
