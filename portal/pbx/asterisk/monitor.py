"""Watches nodes for the link: one connection each, which a heartbeat keeps honest."""

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from threading import Event

from portal.pbx.asterisk.ami import Connection, Deadline, TimedOut
from portal.pbx.asterisk.calls import news_of_call
from portal.pbx.asterisk.guard import refresh
from portal.pbx.asterisk.pool import Node
from portal.pbx.asterisk.seen import news_of_presence
from portal.pbx.asterisk.wire import Message, action
from portal.pbx.errors import PBXUnavailable
from portal.pbx.types import DOWN, UP, News, NodeEvent

logger = logging.getLogger(__name__)

PATIENCE = 3.0
"""Seconds that a login or a sign of life may take."""

HEARTBEAT = 2.0
"""Seconds without any event after which the node is asked for a sign of life."""

BOOT_PATIENCE = 60.0
"""Seconds after a login without ``FullyBooted`` after which the operator is warned."""

FIRST_PAUSE, LONGEST_PAUSE = 0.25, 8.0


class AMIMonitor:
    """Turns boots, silence, and what happens to lamps, calls, telephones and queues into news."""

    def __init__(self, nodes: Mapping[str, Node], voicemail: Mapping[str, Node]) -> None:
        """``voicemail``: the nodes as who may tell lamps that a message was heard."""
        self._nodes = nodes
        self._voicemail = voicemail

    def watch(self, node: str, stop: Event) -> Iterator[NodeEvent]:
        """See ``Monitor``. ``DOWN`` also comes first for a node that is away from the start."""
        watched, pause, is_down = self._nodes[node], FIRST_PAUSE, False
        while not stop.is_set():
            try:
                for event in _events(watched, stop):
                    pause, is_down = FIRST_PAUSE, False
                    watched.breaker.succeeded()
                    yield from self._news(node, event)
            except PBXUnavailable as error:
                if not is_down and not stop.is_set():
                    logger.warning("Node %s is away: %s", node, error)
                    is_down = True
                    yield DOWN
                stop.wait(pause)
                pause = min(2 * pause, LONGEST_PAUSE)

    def _news(self, node: str, event: Message) -> Iterator[NodeEvent]:
        if event["Event"] == "FullyBooted":
            yield UP
        elif event["Event"] == "MessageWaiting":
            yield NodeEvent(News.MAILBOX, event.get("Mailbox", ""))
        elif event.get("UserEvent") == "WebfonHeard" and node in self._voicemail:
            refresh(self._voicemail[node], event.get("Mailbox", ""))  # MessageWaiting follows
        elif event.get("UserEvent") == "WebfonPhone":
            yield NodeEvent(News.PHONE, event.get("Subscriber", ""))
        elif news := news_of_call(event) or news_of_presence(event):
            yield news


def _events(node: Node, stop: Event) -> Iterator[Message]:
    """Every ``FullyBooted`` of one connection, and all that comes after the first.

    Ends at ``stop``, or with the loss of the connection.
    """
    connection = Connection.open(node.account, Deadline(PATIENCE, stop), booted=False)
    with closing(connection):
        overdue: float | None = time.monotonic() + BOOT_PATIENCE
        while not stop.is_set():
            try:
                event = connection.next_event(Deadline(HEARTBEAT, stop))
                if event["Event"] == "FullyBooted":
                    overdue = None
                if overdue is None:
                    yield event
            except TimedOut:
                connection.request([action("Ping")], Deadline(PATIENCE, stop))
            if overdue and time.monotonic() > overdue:
                logger.warning("Node %s: no FullyBooted; has its user read = system?", node.name)
                overdue = None
