"""How far calls have come that the portal began: from the events of a node to ``CallState``.

What the kit tells are events of its own; that somebody answered, only Dial says everywhere, also in
the operator's own context.
"""

from portal.pbx.asterisk.wire import Message
from portal.pbx.begun import is_linkedid
from portal.pbx.types import CallState, News, NodeEvent

TOLD = {state.value: state for state in (CallState.CALLING, CallState.VOICEMAIL)}

DIALLED = {
    "ANSWER": CallState.OVER,
    "BUSY": CallState.BUSY,
    "CANCEL": CallState.CANCELLED,
    "NOANSWER": CallState.NO_ANSWER,
}
"""``DIALSTATUS``, where it leaves no doubt. The last one: a call may have been sent on."""

CAUSES = {
    "17": CallState.BUSY,
    "19": CallState.NO_ANSWER,
    "20": CallState.OFFLINE,
}
"""What the kit hangs up with (Q.850), and what telephones and trunks do."""

DECLINED = "21"
"""Without any Dial it is the kit's word for a number that the class forbids."""

HUNG_UP = {"", "0", "16"}


def news_of_call(event: Message) -> NodeEvent | None:
    """The news that the event brings, if it is about a call that the portal began."""
    linkedid = event.get("Linkedid", "")
    if not is_linkedid(linkedid):
        return None
    state = _told(event) if event.get("UserEvent") == "WebfonCall" else _dialled(event, linkedid)
    return NodeEvent(News.CALL, linkedid, state) if state else None


def _dialled(event: Message, linkedid: str) -> CallState | None:
    """What Dial says. It also rings the subscriber's own telephones, on another channel."""
    if event.get("Uniqueid") != linkedid:
        return None
    if event["Event"] == "DialState" and event.get("DialStatus") == "RINGING":
        return CallState.RINGING
    if event["Event"] == "DialEnd" and event.get("DialStatus") == "ANSWER":
        return CallState.ANSWERED
    return None


def _told(event: Message) -> CallState | None:
    said = event.get("State", "")
    if said == CallState.OVER:
        return _ending(event)
    if said == CallState.OWN_UNANSWERED:
        return CallState.OWN_UNANSWERED
    return TOLD.get(said)


def _ending(event: Message) -> CallState:
    dialled, cause = event.get("Dial", ""), event.get("Cause", "")
    if event.get("Mailbox"):
        return CallState.OVER
    if dialled in DIALLED:
        return DIALLED[dialled]
    if cause == DECLINED:
        return CallState.BUSY if dialled else CallState.REFUSED
    if not dialled and cause in HUNG_UP:
        return CallState.CANCELLED
    return CAUSES.get(cause, CallState.FAILED)
