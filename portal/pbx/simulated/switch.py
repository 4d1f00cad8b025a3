"""The part of a simulated node that carries calls. It needs no portal, only the node's keys."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from portal.pbx.cdr.entries import save
from portal.pbx.models import CallRecord
from portal.pbx.simulated.begun import Begun, began_at, cut
from portal.pbx.simulated.deposit import leave_message
from portal.pbx.simulated.node import Node
from portal.pbx.simulated.records import to_records
from portal.pbx.simulated.route import Route, States, World, route
from portal.pbx.types import CallState, ForwardingPlan, LineState


@dataclass(frozen=True, slots=True)
class Placed:
    """A call that took place."""

    route: Route
    linkedid: str
    msg_id: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """A caller: ``"Ana" <201>``, and the endpoint that the call comes in by."""

    clid: str
    device: str


class Switch:
    """Routes calls by the plans that the node holds."""

    def __init__(self, node: Node, spool: Path) -> None:
        self.node = node
        self.spool = spool

    def place_call(
        self,
        caller: str,
        called: str,
        at: datetime,
        states: States,
        *,
        message_seconds: int = 0,
        folder: str = "INBOX",
        suffix: str = ".wav",
    ) -> Placed:
        """Carry one call to its end, with its records and its message.

        ``states`` says in which state each telephone is, a number of the outside included.
        ``at`` is aware. A caller without a plan calls from outside; ``""`` withholds the number.
        A message goes to ``folder``, in the format of ``suffix``.
        """
        taken = self.route(caller, called, at, states, message_seconds)
        serial = self.node.keys.next_serials()
        records = self.records(taken, serial, self.identity(caller))
        save(records)
        return Placed(taken, records[0].linkedid, self.leave(taken, folder, suffix))

    def route(
        self, caller: str, called: str, at: datetime, states: States, message_seconds: int = 0
    ) -> Route:
        """What would happen to the call; the same again for the same call."""
        world = World(self._reachable(states), lambda n: self.node.plan(n, at), self.node.classes())
        return route(caller, called, at, world, message_seconds)

    def finish(self, call: Begun) -> None:
        """A call that the portal began is over: write its records and leave its message."""
        now = self.node.calls.clock()
        if call.states(now)[-1] is CallState.OWN_UNANSWERED:
            return
        states = self.node.telephones.manner
        taken = self.route(call.subscriber, call.number, began_at(call), states)
        if call.hung_up is not None:
            taken = cut(taken, call.seconds(now) - call.answered_after)
        serial = self.node.keys.next_serials()
        save(self.records(taken, serial, self.identity(call.subscriber), call.linkedid))
        self.leave(taken)

    def identity(self, number: str) -> Identity:
        """How a caller appears on the other side; ``""`` withholds the number."""
        plan = self.node.plan(number) if number else None
        device = next(iter(self.node.devices(plan)), number) if plan else "trunk"
        return Identity(_caller_id(number, plan), device)

    def records(
        self, taken: Route, serial: int, caller: Identity, uniqueid: str = ""
    ) -> list[CallRecord]:
        """The records of a call, not saved. ``serial`` is one that the node's keys gave."""
        return to_records(
            taken,
            node=self.node.name,
            serial=serial,
            clid=caller.clid,
            device=caller.device,
            uniqueid=uniqueid,
        )

    def leave(self, taken: Route, folder: str = "INBOX", suffix: str = ".wav") -> str:
        """The message that a call leaves, if it does and there is room; its ``msg_id``."""
        if not taken.mailbox:
            return ""
        return leave_message(
            self.spool,
            taken.mailbox,
            number=taken.caller,
            caller=self.identity(taken.caller).clid,
            at=taken.message_at,
            seconds=taken.message_seconds,
            folder=folder,
            suffix=suffix,
        )

    def _reachable(self, states: States) -> States:
        """Who is at no telephone is not connected, whatever the telephones do."""

        def state(number: str) -> LineState:
            if self.node.plan(number) is not None and not self.node.reachable(number):
                return LineState.NOT_CONNECTED
            return states(number)

        return state


def _caller_id(number: str, plan: ForwardingPlan | None) -> str:
    if not number:
        return '"Anonymous" <anonymous>'
    name = plan.display_name.replace('"', "") if plan else ""
    return f'"{name}" <{number}>' if name else number
