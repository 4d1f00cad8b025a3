"""Implements ``interface.Dialer``: what rings is noted; calls go on by the clock."""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from threading import Timer

from portal.pbx.begun import is_linkedid, new_linkedid
from portal.pbx.errors import NotFound, PBXRejected
from portal.pbx.simulated.begun import Begun, began_at, course_of
from portal.pbx.simulated.faults import REACHABLE
from portal.pbx.simulated.node import Node, working
from portal.pbx.simulated.sound import speech
from portal.pbx.simulated.switch import Switch
from portal.pbx.spool import Spool
from portal.pbx.types import CallState, Greeting, LineState

RECORDING_SECONDS = 2.0
"""How long whoever records a greeting takes, here; what was recorded is longer."""

GREETING_SECONDS = 6

ANSWERED_SECONDS, UNANSWERED_SECONDS = 2.5, 30.0
"""How long the subscriber's own telephone rings, answered or not."""

DIGITS = re.compile(r"[0-9]{1,32}", re.ASCII)


class SimulatedDialer:
    """Rings the telephones of the first node that can be reached."""

    def __init__(
        self,
        nodes: Mapping[str, Node],
        spool: Spool,
        recording: float = RECORDING_SECONDS,
        pace: float = 1.0,
    ) -> None:
        """``pace``: how long a second of a call that is begun takes."""
        self.pace = pace
        self.nodes = nodes
        self.spool = spool
        self.recording = recording

    def play_message(self, subscriber: str, mailbox: str, msg_id: str) -> None:
        """The message is played to whoever answers; it stays where it is."""
        self.spool.find(mailbox, msg_id)
        self._ring(subscriber, "play_message", mailbox=mailbox, msg_id=msg_id)

    def record_greeting(self, subscriber: str, mailbox: str, greeting: Greeting) -> None:
        """Somebody answers and speaks for a moment; then the draft is there."""
        self._ring(subscriber, "record_greeting", mailbox=mailbox, greeting=str(greeting))
        sound = speech(GREETING_SECONDS, f"{mailbox}{greeting}")
        timer = Timer(self.recording, self.spool.write_draft, [mailbox, greeting, sound])
        timer.daemon = True
        timer.start()

    def call(self, subscriber: str, number: str, *, name: str = "", linkedid: str = "") -> str:
        """Somebody takes it after a moment, and then it goes as at the number calls go."""
        linkedid = linkedid or new_linkedid()
        if not DIGITS.fullmatch(number) or not is_linkedid(linkedid):
            raise PBXRejected(f"{number!r} is no number, or {linkedid!r} no id")
        node = self._ring(subscriber, "call", number=number)
        node.ask(lambda: node.calls.begin(self._course(node, subscriber, number, linkedid)))
        return linkedid

    def hang_up(self, linkedid: str) -> None:
        """See ``Dialer``."""
        if not is_linkedid(linkedid):
            raise PBXRejected(f"{linkedid!r} is no id")
        for node in self.nodes.values():
            if node.faults.read().mode in REACHABLE or len(self.nodes) == 1:
                node.ask(partial(node.calls.hang_up, linkedid))

    def _course(self, node: Node, subscriber: str, number: str, linkedid: str) -> Begun:
        now, own = node.calls.clock(), node.telephones.manner(subscriber)
        seconds = UNANSWERED_SECONDS if own is LineState.NO_ANSWER else ANSWERED_SECONDS
        call = Begun(linkedid, subscriber, number, now, seconds, [], self.pace)
        if own is not LineState.IDLE:
            return replace(call, course=[(0, CallState.OWN), (seconds, CallState.OWN_UNANSWERED)])
        switch = Switch(node, self.spool.root)
        taken = switch.route(subscriber, number, began_at(call), node.telephones.manner)
        return replace(call, course=course_of(taken, seconds))

    def _ring(self, subscriber: str, what: str, **details: str) -> Node:
        """The node at which a telephone of the subscriber rings. Raises ``NotFound``."""
        node = working(self.nodes)

        def ring() -> None:
            if not node.reachable(subscriber):
                raise NotFound(f"no telephone of {subscriber} is registered")
            node.telephones.note(what, subscriber=subscriber, **details)

        node.ask(ring)
        return node
