"""Codes dialled at simulated telephones that change forwarding, as the kit takes them."""

import fcntl
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum

from portal.pbx import phone_rules
from portal.pbx.phone_rules import CODES, FIELDS, OFF, ON
from portal.pbx.routing import allows, decide, find_loop
from portal.pbx.simulated.node import Node
from portal.pbx.types import VOICEMAIL, ForwardingPlan, LineState

INTERNATIONAL = "00"
LONGEST = 17
DISTURB = "do_not_disturb"


class Wish(Enum):
    """What a code asks for, by the signs around its number."""

    OFF = r"#{code}#?"
    AGAIN = r"\*{code}#?"
    VOICEMAIL = r"\*{code}\*\*#?"
    NUMBER = r"\*{code}\*(\+?[0-9]+)#?"


@dataclass(frozen=True, slots=True)
class Dialled:
    """What was dialled: for which rule, what, and the digits of a number."""

    field: str
    wish: Wish
    number: str = ""


def dial(node: Node, device: str, text: str, codes: Mapping[str, str] = CODES) -> bool:
    """Dial this at the telephone. Whether it changed something; else it was refused by voice."""
    dialled, subscriber = _read(text, codes), _at(node, device)
    with _held(node):
        now = datetime.fromtimestamp(node.keys.clock(), UTC)
        plan = node.plans([subscriber])[subscriber]
        change = _change(node, plan, dialled, now) if plan and dialled else ""
        if not (plan and dialled and change):
            return False
        moment, held = int(now.timestamp() * 1000), node.phone_rules(subscriber)
        rules = held.changed(dialled.field, change, device, moment, plan.absorbed)
        node.keys.put({f"phone/{subscriber}": phone_rules.write(rules)})
    return True


def _read(text: str, codes: Mapping[str, str]) -> Dialled | None:
    for field in FIELDS:
        for wish in Wish if field != DISTURB else (Wish.OFF, Wish.AGAIN):
            pattern = wish.value.replace("{code}", codes.get(field, ""))
            if codes.get(field) and (found := re.fullmatch(pattern, text, re.ASCII)):
                number = found[1].replace("+", INTERNATIONAL) if wish is Wish.NUMBER else ""
                return Dialled(field, wish, number)
    return None


def _at(node: Node, device: str) -> str:
    """Who dials there."""
    values = node.keys.get([f"who/{device}", f"owner/{device}"])
    return values.get(f"who/{device}") or values.get(f"owner/{device}") or device


def _change(node: Node, plan: ForwardingPlan, dialled: Dialled, now: datetime) -> str:
    """What is written into the field, "" where it is refused."""
    if dialled.field == DISTURB:
        return OFF if dialled.wish is Wish.OFF else ON
    fresh = node.phone_rules(plan.subscriber).after(plan.absorbed)
    typed = next((rule.number for rule in fresh if rule.field == dialled.field), "")
    if dialled.wish is Wish.OFF:
        return OFF + typed
    if dialled.wish is Wish.VOICEMAIL:
        return VOICEMAIL + typed if plan.mailbox else ""
    number = dialled.number or typed or plan.kept[FIELDS.index(dialled.field)]
    return number if _may_go(node, plan, dialled.field, number, now) else ""


def _may_go(node: Node, plan: ForwardingPlan, field: str, number: str, now: datetime) -> bool:
    """Not to oneself, only to what the class for forwarding permits, and not in a circle."""
    permitted = node.classes()
    if not 0 < len(number) <= LONGEST or number == plan.subscriber:
        return False
    if not allows(permitted, plan.forward_class, number):
        return False
    obeyed = phone_rules.honoured(plan, node.phone_rules(plan.subscriber))
    wanted = replace(obeyed, calendar="", **{field: number})  # type: ignore[arg-type]
    if all(decide(wanted, now, state, permitted).destination != number for state in LineState):
        return True
    alone = replace(wanted, unconditional=number)
    return not find_loop(alone, now, lambda other: node.plan(other, now), permitted)


@contextmanager
def _held(node: Node) -> Iterator[None]:
    """Nobody else dials a code meanwhile, in any process."""
    path = node.keys.path.with_name("codes.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
