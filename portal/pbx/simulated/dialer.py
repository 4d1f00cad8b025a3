"""Implements ``interface.Dialer``: what rings is noted, and what follows happens at once."""

import re
from collections.abc import Mapping
from threading import Timer

from django.utils import timezone

from portal.pbx.errors import NotFound, PBXRejected
from portal.pbx.simulated.node import Node, working
from portal.pbx.simulated.sound import speech
from portal.pbx.simulated.switch import Switch
from portal.pbx.spool import Spool
from portal.pbx.types import Greeting, LineState

RECORDING_SECONDS = 2.0
"""How long whoever records a greeting takes, here; what was recorded is longer."""

GREETING_SECONDS = 6

DIGITS = re.compile(r"[0-9]{1,32}", re.ASCII)


class SimulatedDialer:
    """Rings the telephones of the first node that can be reached."""

    def __init__(
        self, nodes: Mapping[str, Node], spool: Spool, recording: float = RECORDING_SECONDS
    ) -> None:
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

    def call(self, subscriber: str, number: str) -> str:
        """The subscriber answers, and so does whoever is called."""
        if not DIGITS.fullmatch(number):
            raise PBXRejected(f"{number!r} is no number")
        node = self._ring(subscriber, "call", number=number)
        switch = Switch(node, self.spool.root)
        placed = node.ask(
            lambda: switch.place_call(subscriber, number, timezone.now(), lambda _: LineState.IDLE)
        )
        return placed.linkedid

    def _ring(self, subscriber: str, what: str, **details: str) -> Node:
        """The node at which a telephone of the subscriber rings. Raises ``NotFound``."""
        node = working(self.nodes)

        def ring() -> None:
            if not node.reachable(subscriber):
                raise NotFound(f"no telephone of {subscriber} is registered")
            node.telephones.note(what, subscriber=subscriber, **details)

        node.ask(ring)
        return node
