"""The call records as one subscriber sees them: the legs of a call merged into one.

How Asterisk 22 writes them with the dialplan kit (proved by experiment): one record a leg, all
with the ``linkedid`` of the call; ``dialed`` is what the caller dialled; a forwarded leg's ``dst``
is the new target, and its ``diverter`` and ``divreason`` say who sent it on last and why. A leg
that rang in vain is followed by another, or by one of ``Hangup`` that tells what the caller heard.
A message left is an answered leg of ``VoiceMail``.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.pbx.models import CallRecord
from portal.pbx.types import VOICEMAIL, Call, CallResult

FIELDS = ("src", "dst", "dialed", "diverter")
"""Where a subscriber's number may stand; each has an index of its own."""

LEGS_PER_CALL = 4
MOST_LEGS = 2_000
"""How far back a search for missed calls goes, in legs of the subscriber."""

BATCH = 500
ANSWERED, BUSY = "ANSWERED", "BUSY"
FAILED = frozenset({"FAILED", "CONGESTION"})
UNANSWERED = frozenset({CallResult.MISSED, CallResult.BUSY, CallResult.VOICEMAIL})


class CallRecords:
    """Implements ``interface.CallLog`` on the model ``CallRecord``."""

    def calls(self, subscriber: str, *, limit: int, missed_only: bool = False) -> tuple[Call, ...]:
        """The latest calls made and received, newest first, at most ``limit``.

        ``missed_only`` keeps those received that nobody answered; a mailbox is nobody.
        """
        if not subscriber or limit <= 0:
            return ()
        legs = limit * LEGS_PER_CALL
        while True:
            complete, found = _latest(subscriber, legs)
            calls = [call for call in found if not missed_only or is_missed(call)]
            if complete or len(calls) >= limit or legs >= MOST_LEGS:
                return tuple(calls[:limit])
            legs = min(legs * 4, MOST_LEGS)


def is_missed(call: Call) -> bool:
    """Whether the call was received and nobody answered it."""
    if call.outgoing:
        return False
    return call.result in UNANSWERED or (call.result is CallResult.FORWARDED and call.seconds == 0)


def _latest(subscriber: str, legs: int) -> tuple[bool, list[Call]]:
    """The latest calls of which the newest ``legs`` legs in each field tell everything.

    Where a field has more legs than were read, calls older than its oldest are left for later:
    some of them would be missing. The first value says that nothing was left.
    """
    keys: set[tuple[str, str]] = set()
    horizon: datetime | None = None
    for field in FIELDS:
        rows = list(
            CallRecord.objects.latest_where(field, subscriber, legs).values_list(
                "node", "linkedid", "started"
            )
        )
        keys.update((node, linkedid) for node, linkedid, _started in rows)
        if len(rows) == legs:
            oldest = rows[-1][2]
            horizon = max(horizon, oldest) if horizon else oldest
    calls = [merge(subscriber, legs_of_call) for legs_of_call in _legs(keys)]
    kept = [call for call in calls if horizon is None or call.started_at >= horizon]
    kept.sort(key=lambda call: (call.started_at, call.linkedid), reverse=True)
    return horizon is None, kept


def _legs(keys: Iterable[tuple[str, str]]) -> list[list[CallRecord]]:
    """All legs of these calls, each call's in the order in which they began."""
    wanted = set(keys)
    linkedids = sorted({linkedid for _node, linkedid in wanted})
    grouped: dict[tuple[str, str], list[CallRecord]] = defaultdict(list)
    for start in range(0, len(linkedids), BATCH):
        chunk = linkedids[start : start + BATCH]
        for leg in CallRecord.objects.filter(linkedid__in=chunk):
            if (leg.node, leg.linkedid) in wanted:
                grouped[leg.node, leg.linkedid].append(leg)
    for legs in grouped.values():
        legs.sort(key=lambda leg: (leg.started, leg.sequence))
    return list(grouped.values())


@dataclass(frozen=True, slots=True)
class _Ending:
    """How a call ended, seen from one subscriber."""

    result: CallResult
    seconds: float = 0
    forwarded_to: str = ""
    reason: str = ""


def merge(subscriber: str, legs: Sequence[CallRecord]) -> Call:
    """One call, seen from the subscriber, from all its legs in the order in which they began."""
    first = legs[0]
    visited = any(subscriber in {leg.dst, leg.dialed, leg.diverter} for leg in legs)
    outgoing = first.src == subscriber or not visited
    ending = _made(legs) if outgoing else _received(subscriber, legs)
    return Call(
        linkedid=first.linkedid,
        started_at=first.started,
        caller=_digits(first.src),
        caller_name=_name(first.clid),
        called=first.dialed or first.dst,
        outgoing=outgoing,
        result=ending.result,
        seconds=round(ending.seconds),
        forwarded_to=ending.forwarded_to,
        reason=ending.reason,
    )


def _made(legs: Sequence[CallRecord]) -> _Ending:
    """The caller's view: somebody answered, a mailbox did, or how the last attempt ended."""
    answered = [leg for leg in legs if leg.disposition == ANSWERED]
    people = [leg for leg in answered if not _is_voicemail(leg)]
    if people:
        return _Ending(CallResult.ANSWERED, sum(leg.billsec for leg in people))
    if answered:
        return _Ending(CallResult.VOICEMAIL, sum(leg.billsec for leg in answered))
    if legs[-1].disposition == BUSY:
        return _Ending(CallResult.BUSY)
    rang = any(leg.dstchannel for leg in legs) and legs[-1].disposition not in FAILED
    return _Ending(CallResult.MISSED if rang else CallResult.FAILED)


def _received(subscriber: str, legs: Sequence[CallRecord]) -> _Ending:
    """The view of somebody whom the call visited."""
    own = [leg for leg in legs if leg.dst == subscriber]
    answered = [leg for leg in own if leg.disposition == ANSWERED]
    people = [leg for leg in answered if not _is_voicemail(leg)]
    if people:
        return _Ending(CallResult.ANSWERED, sum(leg.billsec for leg in people))
    if answered:
        return _Ending(
            CallResult.VOICEMAIL,
            sum(leg.billsec for leg in answered),
            VOICEMAIL,
            answered[-1].divreason,
        )
    if onward := _onward(subscriber, legs):
        return onward
    busy = any(leg.disposition == BUSY for leg in own)
    return _Ending(CallResult.BUSY if busy else CallResult.MISSED)


def _onward(subscriber: str, legs: Sequence[CallRecord]) -> _Ending | None:
    """Where the subscriber sent the call, if anywhere, and how long it lasted there.

    A call sent on twice without ringing in between names only the last who did; the first then
    sent it there, for a reason that no record tells.
    """
    last_own = max((i for i, leg in enumerate(legs) if leg.dst == subscriber), default=-1)
    if last_own >= 0:
        after = legs[last_own + 1 :]
    else:
        after = _from_first(legs, lambda leg: leg.diverter == subscriber)
        after = after or _from_first(legs, lambda leg: leg.dialed == subscriber)
    if not after:
        return None
    people = [leg for leg in after if leg.disposition == ANSWERED and not _is_voicemail(leg)]
    seconds = sum(leg.billsec for leg in people)
    target = after[0]
    if target.diverter == subscriber:
        return _Ending(CallResult.FORWARDED, seconds, target.dst, target.divreason)
    return _Ending(CallResult.FORWARDED, seconds, target.diverter or target.dst)


def _from_first(
    legs: Sequence[CallRecord], holds: Callable[[CallRecord], bool]
) -> Sequence[CallRecord]:
    """The legs from the first for which the condition holds."""
    return next((legs[i:] for i, leg in enumerate(legs) if holds(leg)), ())


def _is_voicemail(leg: CallRecord) -> bool:
    return leg.lastapp.lower() == "voicemail"


def _digits(number: str) -> str:
    """The caller's digits, ``""`` when withheld."""
    return number.removeprefix("+") if re.fullmatch(r"\+?[0-9]+", number, re.ASCII) else ""


def _name(clid: str) -> str:
    """``Ana`` from ``"Ana" <201>``."""
    name, angle, _number = clid.rpartition("<")
    return name.strip().strip('"').strip() if angle else ""
