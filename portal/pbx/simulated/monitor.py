"""Implements ``interface.Monitor`` and ``interface.Diagnostics`` on simulated nodes."""

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Event

from django.db import DatabaseError, close_old_connections

from portal.pbx.errors import PBXError
from portal.pbx.simulated.begun import Begun
from portal.pbx.simulated.changes import Changes
from portal.pbx.simulated.faults import REACHABLE
from portal.pbx.simulated.node import Node
from portal.pbx.simulated.seen import Seen
from portal.pbx.simulated.switch import Switch
from portal.pbx.types import DOWN, GOING_ON, UP, CheckResult, News, NodeEvent

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.2


class SimulatedMonitor:
    """Looks at the control file and at the spool again and again."""

    def __init__(self, nodes: Mapping[str, Node], spool: Path) -> None:
        self.nodes = nodes
        self.spool = spool

    def watch(self, node: str, stop: Event) -> Iterator[NodeEvent]:
        """``UP`` and ``DOWN`` as the node comes and goes, and changes between, until ``stop``."""
        boots: int | None = None
        changes, seen = Changes(self.spool), Seen(self.nodes[node])
        told: dict[str, int] = {}
        while not stop.is_set():
            control = self.nodes[node].faults.read()
            now = control.boots if control.mode in REACHABLE else None
            if boots is not None and now != boots:
                yield DOWN
            if now is not None and now != boots:
                changes, seen = Changes(self.spool), Seen(self.nodes[node])
                yield UP
            if now is not None:
                yield from (NodeEvent(News.MAILBOX, mailbox) for mailbox in changes.next())
                yield from seen.next()
                yield from self._calls(self.nodes[node], told)
            boots = now
            stop.wait(POLL_SECONDS)

    def _calls(self, node: Node, told: dict[str, int]) -> Iterator[NodeEvent]:
        """What calls came to since the last look; whoever watches also writes their records."""
        for call in node.calls.all():
            states = call.states(node.calls.clock())
            for state in states[told.get(call.linkedid, 1) :]:
                yield NodeEvent(News.CALL, call.linkedid, state)
            told[call.linkedid] = len(states)
            if states[-1] not in GOING_ON:
                self._finish(node, call)

    def _finish(self, node: Node, call: Begun) -> None:
        close_old_connections()
        try:
            Switch(node, self.spool).finish(call)
        except DatabaseError as error:
            logger.warning("The records of %s wait for their database: %s", call.linkedid, error)
        else:
            node.calls.end(call.linkedid)


class SimulatedDiagnostics:
    """Tries each node and the voicemail folder."""

    def __init__(self, nodes: Mapping[str, Node], spool: Path) -> None:
        self.nodes = nodes
        self.spool = spool

    def check(self) -> Iterator[CheckResult]:
        """Each part in turn."""
        for name, node in self.nodes.items():
            yield _answers(name, node)
        missing = not self.spool.is_dir()
        yield CheckResult(
            part="voicemail",
            ok=not missing,
            message=f"{self.spool} {'is not there' if missing else 'is readable'}",
            remedy="Load the data of the demonstration: manage.py demo_data." if missing else "",
        )


def _answers(name: str, node: Node) -> CheckResult:
    part = f"{name}: connection"
    try:
        count = len(node.ask(node.subscribers))
    except PBXError as error:
        remedy = f"Take away the fault that was set in {node.faults.path}."
        return CheckResult(part=part, ok=False, message=str(error), remedy=remedy)
    return CheckResult(part=part, ok=True, message=f"answers, and knows {count} subscribers")
