"""Rules changed at a telephone: the value of ``phone/<subscriber>`` (``docs/astdb.md``).

The dialplan writes it and obeys it at once, until the plan has taken it over. Pure.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from portal.pbx.types import VOICEMAIL, ForwardingPlan

FIELDS = ("unconditional", "not_connected", "busy", "no_answer", "do_not_disturb")
"""What can be changed at a telephone, by the plan's own names, in the order of the value."""

CODES = dict(zip(FIELDS, ("21", "62", "67", "61", "26"), strict=True))
"""The numbers in the codes, as ``*21#``: for forwarding those of public networks (3GPP 22.030)."""

OFF, ON = "-", "1"

_AT = r"@[0-9]{13}@[0-9A-Za-z._-]{1,40}"
_RULE = rf"((-|{VOICEMAIL})?[0-9]{{1,17}}|-|{VOICEMAIL}){_AT}"
VALUE = re.compile(rf"[0-9]{{13}}(;({_RULE})?){{4}};([1-]{_AT})?", re.ASCII)
"""The same expression stands in the dialplan kit."""


@dataclass(frozen=True, slots=True)
class PhoneRule:
    """One rule as it was last changed at a telephone.

    ``text`` is digits to send calls to; ``VOICEMAIL`` or ``OFF``, each with the digits that were
    given before, if any; for do not disturb ``ON`` or ``OFF``. ``at``: milliseconds since 1970 by
    the node's clock. ``device`` is the endpoint.
    """

    field: str
    text: str
    at: int
    device: str

    @property
    def destination(self) -> str:
        """Where calls go, as in a plan: digits, ``VOICEMAIL``, or "" while it is off."""
        if self.text.startswith(VOICEMAIL):
            return VOICEMAIL
        return "" if self.text.startswith(OFF) else self.text

    @property
    def number(self) -> str:
        """The digits that were given, also those that are only kept; "" for none."""
        return self.text.removeprefix(VOICEMAIL).removeprefix(OFF)


@dataclass(frozen=True, slots=True)
class PhoneRules:
    """All that stands on one node of one subscriber. ``stamp`` is the latest change's ``at``."""

    stamp: int = 0
    rules: tuple[PhoneRule, ...] = ()

    def after(self, absorbed: int) -> tuple[PhoneRule, ...]:
        """Those that a plan which has absorbed so much does not have yet."""
        if self.stamp <= absorbed:
            return ()
        return tuple(rule for rule in self.rules if rule.at > absorbed)

    def changed(self, field: str, text: str, device: str, now: int, absorbed: int) -> "PhoneRules":
        """What a telephone writes: its change, and those that no plan has yet.

        A stamp is later than all before it, whatever the clock says.
        """
        stamp = max(now, self.stamp + 1, absorbed + 1)
        others = (rule for rule in self.after(absorbed) if rule.field != field)
        rules = (*others, PhoneRule(field, text, stamp, device))
        return PhoneRules(stamp, tuple(sorted(rules, key=lambda rule: FIELDS.index(rule.field))))


NOTHING = PhoneRules()


def read(value: str | None) -> PhoneRules:
    """The rules of a value; nothing where it is missing or malformed."""
    if not value or not VALUE.fullmatch(value):
        return NOTHING
    stamp, *parts = value.split(";")
    return PhoneRules(int(stamp), tuple(_rules(parts)))


def write(rules: PhoneRules) -> str:
    """The value that holds these rules."""
    held = {rule.field: f"{rule.text}@{rule.at}@{rule.device}" for rule in rules.rules}
    return ";".join([str(rules.stamp), *(held.get(field, "") for field in FIELDS)])


def honoured(plan: ForwardingPlan, rules: PhoneRules) -> ForwardingPlan:
    """The plan that calls obey: what was changed at a telephone since, in its place."""
    for rule in rules.after(plan.absorbed):
        if rule.field == "do_not_disturb":
            plan = replace(plan, do_not_disturb=rule.text == ON)
        else:
            plan = replace(plan, **{rule.field: rule.destination})  # type: ignore[arg-type]
    return plan


def _rules(parts: Iterable[str]) -> Iterable[PhoneRule]:
    for field, part in zip(FIELDS, parts, strict=True):
        if part:
            text, at, device = part.split("@")
            yield PhoneRule(field, text, int(at), device)
