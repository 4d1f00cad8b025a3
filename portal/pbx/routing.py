"""The one statement, in Python, of what happens to a call. Pure: no clock, no ORM, no PBX.

The dialplan kit's ``decide`` says the same on Asterisk; a differential test holds them together.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from portal.pbx.types import VOICEMAIL, ForwardingPlan, LineState, Reason, Window

HOP_LIMIT = 5
"""How many subscribers one call may visit; the kit's ``WEBFON_MAXHOPS`` is the same number."""


class Action(StrEnum):
    """What is done with a call at one subscriber."""

    RING = "ring"
    FORWARD = "forward"
    VOICEMAIL = "voicemail"
    RELEASE = "release"


class Outcome(StrEnum):
    """Why a rule did or did not act."""

    OFF = "off"
    NOT_NOW = "not-now"  # its condition does not hold
    DENIED = "denied"  # the forwarding class forbids the number
    NO_MAILBOX = "no-mailbox"
    APPLIES = "applies"


@dataclass(frozen=True, slots=True)
class Step:
    """One rule looked at, in order."""

    reason: Reason
    outcome: Outcome
    destination: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What happens, whereto, by which rule, and the rules that were looked at on the way."""

    action: Action
    destination: str = ""
    reason: Reason | None = None
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Hop:
    """One subscriber that a call visits, and what happened to it there."""

    subscriber: str
    state: LineState
    decision: Decision


Classes = Mapping[str, str]
"""Service classes as regular expressions, by code."""


def allows(classes: Classes, code: str, number: str) -> bool:
    """Whether the service class permits the number. An unknown class permits nothing."""
    pattern = classes.get(code, "")
    return bool(pattern) and re.search(pattern, number, re.ASCII) is not None


def decide(plan: ForwardingPlan, instant: datetime, state: LineState, classes: Classes) -> Decision:
    """What a call that arrives at ``instant`` and finds ``state`` does.

    Rules in order: calendar, unconditional, do not disturb (acts as busy), not connected, busy, no
    answer.
    A rule that may not act (its class forbids the number, no mailbox) counts as off.
    """
    steps: list[Step] = []
    for reason, destination, holds in _rules(plan, instant, state):
        outcome = _judge(plan, destination, holds, classes)
        steps.append(Step(reason, outcome, destination))
        if outcome is Outcome.APPLIES:
            action = Action.VOICEMAIL if destination == VOICEMAIL else Action.FORWARD
            return Decision(action, destination, reason, tuple(steps))
    if state is LineState.IDLE and not plan.do_not_disturb:
        return Decision(Action.RING, steps=tuple(steps))
    return Decision(Action.RELEASE, steps=tuple(steps))


def window_at(plan: ForwardingPlan, instant: datetime) -> Window | None:
    """The calendar's window in force at the instant."""
    second = int(instant.timestamp())
    index = bisect_right(plan.windows, second, key=lambda window: window.start) - 1
    window = plan.windows[index] if index >= 0 else None
    return window if plan.calendar and window and second < window.end else None


def _rules(
    plan: ForwardingPlan, instant: datetime, state: LineState
) -> Iterator[tuple[Reason, str, bool]]:
    """Each rule with its destination and whether its condition holds."""
    disturbed = plan.do_not_disturb
    window = window_at(plan, instant)
    if plan.calendar:
        yield Reason.CALENDAR, window.destination if window else "", window is not None
    yield Reason.UNCONDITIONAL, plan.unconditional, True
    yield Reason.DO_NOT_DISTURB, plan.busy if disturbed else "", disturbed
    yield (
        Reason.NOT_CONNECTED,
        plan.not_connected,
        state is LineState.NOT_CONNECTED and not disturbed,
    )
    yield Reason.BUSY, plan.busy, state is LineState.BUSY and not disturbed
    yield Reason.NO_ANSWER, plan.no_answer, state is LineState.NO_ANSWER and not disturbed


def _judge(plan: ForwardingPlan, destination: str, holds: bool, classes: Classes) -> Outcome:
    if not destination:
        return Outcome.OFF
    if not holds:
        return Outcome.NOT_NOW
    if destination == VOICEMAIL:
        return Outcome.APPLIES if plan.mailbox else Outcome.NO_MAILBOX
    return Outcome.APPLIES if allows(classes, plan.forward_class, destination) else Outcome.DENIED


Plans = Callable[[str], ForwardingPlan | None]
"""A subscriber's plan by number; ``None`` for a number that is no subscriber's."""


def follow(
    number: str,
    instant: datetime,
    states: Callable[[str], LineState],
    plans: Plans,
    classes: Classes,
) -> Iterator[Hop]:
    """The subscribers that a call to ``number`` visits, each with its decision.

    Where a telephone rings, ``states`` says how that ends and the rule for it is looked at too.
    Ends before a subscriber already visited, and after ``HOP_LIMIT`` subscribers.
    """
    visited: set[str] = set()
    while (plan := plans(number)) and number not in visited and len(visited) < HOP_LIMIT:
        visited.add(number)
        state = states(number)
        decision = decide(plan, instant, state, classes)
        yield Hop(number, state, decision)
        if decision.action is not Action.FORWARD:
            return
        number = decision.destination


def find_loop(
    start: ForwardingPlan, instant: datetime, plans: Plans, classes: Classes
) -> tuple[str, ...]:
    """The chain of numbers by which a call to ``start`` could come back to it, or ``()``.

    Every state of every telephone on the way is thought possible.
    """
    stack: list[tuple[ForwardingPlan, tuple[str, ...]]] = [(start, (start.subscriber,))]
    seen = {start.subscriber}
    while stack:
        plan, path = stack.pop()
        for number in _targets(plan, instant, classes):
            if number == start.subscriber:
                return (*path, number)
            following = plans(number)
            if following and number not in seen:
                seen.add(number)
                stack.append((following, (*path, number)))
    return ()


def _targets(plan: ForwardingPlan, instant: datetime, classes: Classes) -> list[str]:
    """The numbers that a plan may send calls to, over all states."""
    decisions = [decide(plan, instant, state, classes) for state in LineState]
    return [d.destination for d in decisions if d.action is Action.FORWARD]
