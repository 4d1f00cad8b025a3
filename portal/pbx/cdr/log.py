"""The call log of both back ends, read from ``CallEntry``."""

from collections.abc import Iterator
from datetime import datetime, tzinfo

from portal.pbx.cdr import missed, queues, steps, summary
from portal.pbx.cdr.places import Place, row_of, to_call
from portal.pbx.cdr.search import find
from portal.pbx.interface import EVERYTHING
from portal.pbx.models import CallEntry
from portal.pbx.types import (
    Call,
    CallKind,
    CallResult,
    CallSearch,
    CallState,
    MissedCall,
    Page,
    Step,
    Summary,
)

CHUNK = 500

ENDINGS = {
    CallResult.ANSWERED: CallState.OVER,
    CallResult.MISSED: CallState.NO_ANSWER,
    CallResult.BUSY: CallState.BUSY,
    CallResult.FORWARDED: CallState.NO_ANSWER,
    CallResult.VOICEMAIL: CallState.OVER,
    CallResult.FAILED: CallState.FAILED,
    CallResult.ELSEWHERE: CallState.OVER,
}
"""How calls ended in which nobody spoke."""


class CallRecords:
    """Implements ``interface.CallLog``."""

    def calls(self, subscriber: str, *, limit: int, missed_only: bool = False) -> tuple[Call, ...]:
        """The latest calls made and received, newest first, at most ``limit``."""
        kind = CallKind.MISSED if missed_only else CallKind.ALL
        return self.page(subscriber, CallSearch(kind=kind), limit=limit).calls

    def page(
        self, subscriber: str, search: CallSearch = EVERYTHING, *, before: str = "", limit: int = 50
    ) -> Page:
        """Calls from the newest on, or from those that come after the key ``before``."""
        place = Place.parse(before) if before else None
        if not subscriber or limit <= 0:
            return Page(())
        found = find(subscriber, search, place, limit)
        return Page(tuple(to_call(row) for row in found.rows), str(found.next or ""))

    def export(self, subscriber: str, search: CallSearch = EVERYTHING) -> Iterator[Call]:
        """All of them, one after another, read in chunks."""
        page = self.page(subscriber, search, limit=CHUNK)
        yield from page.calls
        while page.next:
            page = self.page(subscriber, search, before=page.next, limit=CHUNK)
            yield from page.calls

    def call(self, subscriber: str, key: str) -> Call:
        """One of the subscriber's calls."""
        return to_call(row_of(subscriber, key))

    def steps(self, subscriber: str, key: str) -> tuple[Step, ...]:
        """What happened in one of the subscriber's calls, in order."""
        return steps.steps_of(row_of(subscriber, key))

    def ending(self, linkedid: str) -> CallState | None:
        """How a call ended, for whoever made it; ``None`` while there is no record of it."""
        made = (CallEntry.Kind.MADE, CallEntry.Kind.TRIED)
        row = CallEntry.objects.filter(linkedid=linkedid, kind__in=made).first()
        if row is None:
            return None
        return CallState.OVER if row.seconds else ENDINGS[CallResult(row.result)]

    def missed_to_return(self, subscriber: str, since: datetime) -> tuple[MissedCall, ...]:
        """Of each number the latest missed call, unless they have spoken since; newest first."""
        return missed.to_return(subscriber, since)

    def summary(self, subscriber: str, since: datetime, until: datetime, zone: tzinfo) -> Summary:
        """How many calls were received, by day and by hour of the week."""
        return summary.summary(subscriber, since, until, zone)

    def taken_from_queues(self, subscriber: str, since: datetime) -> int:
        """How many calls the subscriber took that a queue had given."""
        return queues.taken(subscriber, since)
