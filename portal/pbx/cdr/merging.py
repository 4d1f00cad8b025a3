"""The legs of a call merged into one, as one subscriber sees it. Pure.

How Asterisk 22 writes them with the dialplan kit (proved by experiment): one record a leg, all
with the ``linkedid`` of the call; ``dialed`` is what the caller dialled; a forwarded leg's ``dst``
is the new target, and its ``diverter`` and ``divreason`` say who sent it on last and why. A leg
that rang in vain is followed by another, or by one of ``Hangup`` that tells what the caller heard.
A message left is an answered leg of ``VoiceMail``. A queue answers by itself, so its own leg says
nothing; each member that it rang has a leg of its own. Who is handed on without asking there first
has the new number as ``dst`` of the leg before, too; its ``dialed`` stays.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.pbx.caller import parse_caller
from portal.pbx.cdr.numbers import dialled, dialled_or_code
from portal.pbx.models import CallRecord
from portal.pbx.types import VOICEMAIL, Call, CallResult

ANSWERED, BUSY = "ANSWERED", "BUSY"
FAILED = frozenset({"FAILED", "CONGESTION"})
MOST_SECONDS = 2**31 - 1
QUEUE_CONTEXT = "@webfon-queue-"
"""In the name of the channel by which a queue rings a subscriber."""


@dataclass(frozen=True, slots=True)
class _Ending:
    """How a call ended, seen from one subscriber."""

    result: CallResult
    seconds: float = 0
    forwarded_to: str = ""
    reason: str = ""
    voicemail_at: datetime | None = None


def merge(subscriber: str, legs: Sequence[CallRecord]) -> Call:
    """One call, seen from the subscriber, from all its legs in the order in which they began."""
    first = legs[0]
    visits = [leg for leg in legs if subscriber in {target(leg), leg.dialed, leg.diverter}]
    outgoing = first.src == subscriber or not visits
    own = [leg for leg in legs if target(leg) == subscriber]
    seen = first if outgoing else (own or visits)[0]
    ending = _made(legs) if outgoing else _received(subscriber, legs, own)
    return Call(
        linkedid=first.linkedid,
        started_at=seen.started,
        caller=dialled(seen.src),
        caller_name=parse_caller(seen.clid)[1],
        called=dialled_or_code(first.dialed or first.dst),
        outgoing=outgoing,
        result=ending.result,
        seconds=whole(ending.seconds),
        forwarded_to=dialled_or_code(ending.forwarded_to),
        reason=ending.reason,
        voicemail_at=ending.voicemail_at,
    )


def target(leg: CallRecord) -> str:
    """Whom the leg reached for."""
    return leg.dst if leg.diverter else leg.dialed or leg.dst


def whole(seconds: float) -> int:
    """The seconds as a row can hold them, whatever a record says."""
    return round(min(max(seconds, 0), MOST_SECONDS)) if math.isfinite(seconds) else 0


def talked(legs: Sequence[CallRecord]) -> list[CallRecord]:
    """The legs that a person answered."""
    return [leg for leg in legs if leg.disposition == ANSWERED and not is_machine(leg)]


def is_machine(leg: CallRecord) -> bool:
    """Whether the leg says nothing about a person, answered or not: the dialplan had the call."""
    return leg.lastapp.lower() in {"voicemail", "queue", "hangup"}


def is_voicemail(leg: CallRecord) -> bool:
    """Whether a mailbox had the call."""
    return leg.lastapp.lower() == "voicemail"


def is_queue(leg: CallRecord) -> bool:
    """Whether the caller waited in a queue; who rang meanwhile has legs of his own."""
    return leg.lastapp.lower() == "queue"


def _made(legs: Sequence[CallRecord]) -> _Ending:
    """The caller's view: somebody answered, a mailbox did, or how the last attempt ended."""
    if people := talked(legs):
        return _Ending(CallResult.ANSWERED, sum(leg.billsec for leg in people))
    if boxes := [leg for leg in legs if leg.disposition == ANSWERED and is_voicemail(leg)]:
        return _Ending(CallResult.VOICEMAIL, sum(leg.billsec for leg in boxes))
    if any(is_queue(leg) for leg in legs):
        return _Ending(CallResult.MISSED)
    if legs[-1].disposition == BUSY:
        return _Ending(CallResult.BUSY)
    rang = any(leg.dstchannel for leg in legs) and legs[-1].disposition not in FAILED
    return _Ending(CallResult.MISSED if rang else CallResult.FAILED)


def _received(subscriber: str, legs: Sequence[CallRecord], own: Sequence[CallRecord]) -> _Ending:
    """The view of somebody whom the call visited, where it rang in these legs."""
    if people := talked(own):
        return _Ending(CallResult.ANSWERED, sum(leg.billsec for leg in people))
    if boxes := [leg for leg in own if leg.disposition == ANSWERED and is_voicemail(leg)]:
        return _Ending(
            CallResult.VOICEMAIL,
            sum(leg.billsec for leg in boxes),
            VOICEMAIL,
            boxes[-1].divreason,
            boxes[-1].answered or boxes[-1].started,
        )
    if own and all(QUEUE_CONTEXT in leg.channel for leg in own):
        return _Ending(CallResult.ELSEWHERE if talked(legs) else CallResult.MISSED)
    if onward := _onward(subscriber, legs):
        return onward
    busy = any(leg.disposition == BUSY for leg in own)
    return _Ending(CallResult.BUSY if busy else CallResult.MISSED)


def _onward(subscriber: str, legs: Sequence[CallRecord]) -> _Ending | None:
    """Where the subscriber sent the call, if anywhere, and how long it lasted there.

    A call sent on twice without ringing in between names only the last who did; the first then
    sent it there, for a reason that no record tells.
    """
    last_own = max((i for i, leg in enumerate(legs) if target(leg) == subscriber), default=-1)
    if last_own >= 0:
        after = legs[last_own + 1 :]
    else:
        after = _from_first(legs, lambda leg: leg.diverter == subscriber)
        after = after or _from_first(legs, lambda leg: leg.dialed == subscriber)
    if not after:
        return None
    seconds = sum(leg.billsec for leg in talked(after))
    following = after[0]
    if following.diverter == subscriber:
        return _Ending(CallResult.FORWARDED, seconds, following.dst, following.divreason)
    return _Ending(CallResult.FORWARDED, seconds, following.diverter or following.dst)


def _from_first(
    legs: Sequence[CallRecord], holds: Callable[[CallRecord], bool]
) -> Sequence[CallRecord]:
    """The legs from the first for which the condition holds."""
    return next((legs[i:] for i, leg in enumerate(legs) if holds(leg)), ())
