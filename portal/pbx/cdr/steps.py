"""The legs of one call, as one of its subscribers may see them."""

from portal.pbx.cdr.entries import legs_of
from portal.pbx.cdr.merging import ANSWERED, BUSY, FAILED, is_queue, is_voicemail, target, whole
from portal.pbx.cdr.numbers import dialled_or_code, may_be_subscriber
from portal.pbx.models import CallEntry, CallRecord
from portal.pbx.types import CallResult, Step


def steps_of(row: CallEntry) -> tuple[Step, ...]:
    """What happened, in order."""
    key = (row.node, row.linkedid)
    return tuple(_step(row.subscriber, leg) for leg in legs_of([key]).get(key, ()))


def _step(subscriber: str, leg: CallRecord) -> Step:
    waited = leg.duration - leg.billsec if leg.disposition == ANSWERED else leg.duration
    return Step(
        started_at=leg.started,
        number=_shown(subscriber, leg),
        result=_result(leg),
        waited=whole(waited),
        seconds=whole(leg.billsec),
        diverter=leg.diverter,
        reason=leg.divreason,
        queue=is_queue(leg),
    )


def _shown(subscriber: str, leg: CallRecord) -> str:
    """Whereto; a number outside that somebody else forwards to is that person's own affair."""
    chosen_by_another = leg.diverter not in {"", subscriber}
    number = target(leg)
    if chosen_by_another and not may_be_subscriber(number):
        return ""
    return dialled_or_code(number)


def _result(leg: CallRecord) -> CallResult:
    if leg.disposition == ANSWERED:
        return CallResult.VOICEMAIL if is_voicemail(leg) else CallResult.ANSWERED
    if leg.disposition == BUSY:
        return CallResult.BUSY
    return CallResult.FAILED if leg.disposition in FAILED else CallResult.MISSED
