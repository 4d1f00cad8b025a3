"""What happens to telephones and in queues: from the events of a node to ``News``."""

import logging
import re

from portal.pbx.asterisk.wire import Message
from portal.pbx.logins import Deed, TelephoneLogin
from portal.pbx.types import News, NodeEvent

logger = logging.getLogger(__name__)

MEMBER = re.compile(r"Local/([0-9]{1,32})@webfon-queue/n", re.ASCII)
"""Whom a queue rings, as the kit has it: a subscriber, wherever he is."""

TECHNOLOGY = "PJSIP/"

OF_CALLERS = frozenset({"QueueCallerJoin", "QueueCallerLeave"})


def member_of(interface: str) -> str:
    """The subscriber whom a member of a queue stands for, "" for somebody else's."""
    found = MEMBER.fullmatch(interface)
    return found[1] if found else ""


def news_of_presence(event: Message) -> NodeEvent | None:
    """The news that the event brings, if it is about a telephone or a queue."""
    name = event["Event"]
    if event.get("UserEvent") == "WebfonLogin":
        return _login(event)
    if name == "ContactStatus":
        return NodeEvent(News.DEVICE, event.get("AOR", ""))
    if name == "DeviceStateChange":
        return NodeEvent(News.DEVICE, event.get("Device", "").removeprefix(TECHNOLOGY))
    if name in OF_CALLERS:
        return NodeEvent(News.QUEUE, event.get("Queue", ""))
    if name.startswith("QueueMember"):
        number = member_of(event.get("Interface", ""))
        return NodeEvent(News.QUEUE, event.get("Queue", ""), number) if number else None
    return None


def _login(event: Message) -> NodeEvent | None:
    """What the kit's ``webfon-tell`` says; it names the telephone's address with the port."""
    try:
        return TelephoneLogin(
            deed=Deed(event.get("State", "")),
            device=event.get("Device", ""),
            subscriber=event.get("Subscriber", ""),
            address=event.get("From", "").rpartition(":")[0].strip("[]"),
        ).event()
    except ValueError:
        logger.warning("Unintelligible: %s", event)
        return None
