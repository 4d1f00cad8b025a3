"""What happens to one simulated call, and the legs that Asterisk would record for it.

The way is ``routing.follow``'s; this adds telephones that ring, the trunk and the mailbox. Pure.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random

from portal.pbx.routing import Action, Classes, Hop, Plans, allows, follow
from portal.pbx.types import ForwardingPlan, LineState, Reason

TRUNK_RING_SECONDS = 45
GREETING_SECONDS = 5
LONGEST_TALK_SECONDS = 2400
EMERGENCY = frozenset({"112"})
"""What everybody may call; the kit's default."""

States = Callable[[str], LineState]


class Ending(StrEnum):
    """How a call ended."""

    ANSWERED = "answered"
    VOICEMAIL = "voicemail"
    BUSY = "busy"
    UNANSWERED = "unanswered"
    NOT_CONNECTED = "offline"
    REFUSED = "refused"  # the caller's class forbids the number
    LOOP = "loop"


@dataclass(frozen=True, slots=True)
class Leg:
    """One attempt; lengths in seconds from the start of the call."""

    dst: str
    device: str
    app: str
    disposition: str
    begins: float
    lasts: float
    talked: float = 0
    diverter: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """A call from beginning to end. ``last`` is the number where it ended."""

    caller: str
    called: str
    at: datetime
    hops: tuple[Hop, ...]
    legs: tuple[Leg, ...]
    ending: Ending
    last: str
    mailbox: str = ""
    message_seconds: int = 0

    @property
    def message_at(self) -> datetime:
        """When the message began to be recorded."""
        return self.at + timedelta(seconds=self.legs[-1].begins + GREETING_SECONDS)


DISPOSITIONS = {
    LineState.IDLE: ("ANSWERED", Ending.ANSWERED),
    LineState.BUSY: ("BUSY", Ending.BUSY),
    LineState.NO_ANSWER: ("NO ANSWER", Ending.UNANSWERED),
    LineState.NOT_CONNECTED: ("FAILED", Ending.NOT_CONNECTED),
}


@dataclass(frozen=True, slots=True)
class World:
    """What a call finds: the telephones' states, the plans and the service classes."""

    states: States
    plans: Plans
    classes: Classes

    def plan(self, subscriber: str) -> ForwardingPlan:
        """The plan of somebody who has one."""
        return self.plans(subscriber) or ForwardingPlan(subscriber=subscriber)


def route(caller: str, called: str, at: datetime, world: World, message_seconds: int = 0) -> Route:
    """Follow one call. Lengths are drawn from the call itself: the same call is the same again.

    ``message_seconds`` is how long a message would be; 0 draws that too.
    """
    chance = Random(f"{caller}>{called}@{at.isoformat()}")  # noqa: S311
    length = message_seconds or chance.randint(4, 16)
    walk = _Walk(world, chance, length)
    hops = tuple(follow(called, at, world.states, world.plans, world.classes))
    for hop in hops:
        walk.visit(hop)
    ending, last = walk.finish(hops[-1]) if hops else walk.call_outside(caller, called)
    mailbox = world.plan(last).mailbox if ending is Ending.VOICEMAIL else ""
    return Route(
        caller=caller,
        called=called,
        at=at,
        hops=hops,
        legs=tuple(walk.legs),
        ending=ending,
        last=last,
        mailbox=mailbox,
        message_seconds=length if mailbox else 0,
    )


class _Walk:
    """Legs one after another, with who sent the call on last."""

    def __init__(self, world: World, chance: Random, message_seconds: int) -> None:
        self.world = world
        self.chance = chance
        self.message_seconds = message_seconds
        self.legs: list[Leg] = []
        self.clock = 0.0
        self.diverter = self.reason = ""

    def visit(self, hop: Hop) -> None:
        """The call comes to a subscriber: a telephone may ring, a rule may send it on."""
        plan = self.world.plan(hop.subscriber)
        if _rings(hop, plan):
            device = next(iter(plan.devices), hop.subscriber)
            self._ring(hop.subscriber, device, hop.state, plan.ring_seconds)
        if hop.decision.action in {Action.FORWARD, Action.VOICEMAIL}:
            self.diverter, self.reason = hop.subscriber, str(hop.decision.reason or "")

    def finish(self, hop: Hop) -> tuple[Ending, str]:
        """What happens after the last subscriber, and at which number."""
        plan, here = self.world.plan(hop.subscriber), hop.subscriber
        if hop.decision.action is Action.FORWARD:
            return self._go_outside(hop.decision.destination)
        if hop.decision.action is Action.VOICEMAIL:
            self._add(here, "VoiceMail", "ANSWERED", 0.1, GREETING_SECONDS + self.message_seconds)
            return Ending.VOICEMAIL, here
        if hop.decision.action is Action.RING:
            return Ending.ANSWERED, here
        state = LineState.BUSY if plan.do_not_disturb else hop.state
        return self._hang_up(here, state), here

    def call_outside(self, caller: str, number: str) -> tuple[Ending, str]:
        """A subscriber calls a number that is no subscriber's; others may not."""
        own = self.world.plans(caller) if caller else None
        allowed = own is not None and allows(self.world.classes, own.call_class, number)
        if allowed or (own is not None and number in EMERGENCY):
            return self._go_outside(number)
        self._add(number, "Hangup", "NO ANSWER", 0)
        return Ending.REFUSED, number

    def _go_outside(self, number: str) -> tuple[Ending, str]:
        """Through the trunk, unless the number is a subscriber's whom the call may not visit."""
        if self.world.plans(number):
            self._add(number, "Hangup", "NO ANSWER", 0)
            return Ending.LOOP, number
        state = self.world.states(number)
        if state is LineState.NOT_CONNECTED:
            self._add(number, "Dial", "FAILED", 0.5, device="trunk")
        else:
            self._ring(number, "trunk", state, TRUNK_RING_SECONDS)
        if state is LineState.IDLE:
            return Ending.ANSWERED, number
        return self._hang_up(number, state), number

    def _hang_up(self, number: str, state: LineState) -> Ending:
        """The dialplan ends the call, which is recorded like a leg."""
        disposition, ending = DISPOSITIONS[state]
        self._add(number, "Hangup", disposition, 0)
        return ending

    def _ring(self, dst: str, device: str, state: LineState, ring_seconds: int) -> None:
        """A telephone rings, until it is answered, declined, or has rung long enough."""
        disposition = DISPOSITIONS[state][0]
        if state is LineState.IDLE:
            talked = min(self.chance.lognormvariate(4.4, 0.9), LONGEST_TALK_SECONDS)
            self._add(dst, "Dial", disposition, self.chance.uniform(2, 9), talked, device)
        elif state is LineState.NO_ANSWER:
            self._add(dst, "Dial", disposition, ring_seconds, device=device)
        else:
            self._add(dst, "Dial", disposition, self.chance.uniform(0.2, 3), device=device)

    def _add(
        self,
        dst: str,
        app: str,
        disposition: str,
        wait: float,
        talked: float = 0,
        device: str = "",
    ) -> None:
        leg = Leg(
            dst=dst,
            device=device,
            app=app,
            disposition=disposition,
            begins=self.clock,
            lasts=wait + talked,
            talked=talked,
            diverter=self.diverter,
            reason=self.reason,
        )
        self.legs.append(leg)
        self.clock += leg.lasts


def _rings(hop: Hop, plan: ForwardingPlan) -> bool:
    """Whether a telephone of this subscriber rang."""
    reason = hop.decision.reason
    outright = reason in {Reason.CALENDAR, Reason.UNCONDITIONAL} or plan.do_not_disturb
    return not outright and hop.state is not LineState.NOT_CONNECTED
