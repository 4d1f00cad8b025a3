"""Forwarding plans and service classes in AstDB. ``docs/astdb.md`` names every key.

AstDB is never walked (``DBGetTree``, ``DBDelTree``): a slow walk holds its lock, and calls wait.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from portal.pbx import phone_rules
from portal.pbx.asterisk.pool import Node
from portal.pbx.asterisk.wire import Action, Reply, action
from portal.pbx.day_keys import lacking, to_day_keys
from portal.pbx.errors import PBXRejected, PBXUnavailable
from portal.pbx.phone_rules import PhoneRules
from portal.pbx.projection import (
    from_keys,
    further_keys,
    keys_of,
    left_behind,
    removable,
    to_keys,
)
from portal.pbx.types import ForwardingPlan, Window

FAMILY = "webfon"

MISSING = "Database entry not found"
"""What Asterisk 22 (main/db.c) says of a key that is not there."""


class AstDBForwarding:
    """Reads and writes the keys of subscribers and classes on the nodes it is given."""

    def __init__(self, nodes: Mapping[str, Node]) -> None:
        self._nodes = nodes

    def read(self, node: str, subscribers: Sequence[str]) -> dict[str, ForwardingPlan | None]:
        """See ``Forwarding``. Three look-ups a subscriber, pipelined, then one for each PIN."""
        values = self._get(node, [key for n in subscribers for key in keys_of(n)])
        values |= self._get(node, [key for n in subscribers for key in further_keys(n, values)])
        return {number: from_keys(number, values) for number in subscribers}

    def read_phones(self, node: str, subscribers: Sequence[str]) -> dict[str, PhoneRules]:
        """See ``Forwarding``."""
        values = self._get(node, [f"phone/{number}" for number in subscribers])
        return {number: phone_rules.read(values.get(f"phone/{number}")) for number in subscribers}

    def write(self, node: str, plans: Sequence[ForwardingPlan]) -> None:
        """See ``Forwarding``. The keys of each plan go in order, the plan itself last.

        No plan is sent before the node has confirmed all day keys. A plan that cannot be sent is
        left out, and ``PBXRejected`` tells when the rest are there.
        """
        days: list[Action] = []
        actions: list[Action] = []
        left: dict[str, str] = {}
        refused: list[str] = []
        held = self.read(node, [plan.subscriber for plan in plans])
        for plan in plans:
            there = held[plan.subscriber]
            try:
                new_days = _puts(lacking(there, plan), plan.request_id)
                new_rules = _puts(to_keys(plan), plan.request_id)
            except ValueError as error:
                refused.append(str(error))
            else:
                days += new_days
                actions += new_rules
                left |= left_behind(there, plan)
        self._do(node, days)
        # A PIN that is no more is gone before the plan says so: nobody would look for it again.
        self._delete(node, {key: left.pop(key) for key in list(left) if key.startswith("code/")})
        self._do(node, actions)
        self._delete(node, left)
        if refused:
            raise PBXRejected("; ".join(refused))

    def remove(self, node: str, plans: Sequence[ForwardingPlan]) -> None:
        """See ``Forwarding``. A device that meanwhile belongs to somebody else keeps its owner."""
        wanted = {key: value for plan in plans for key, value in removable(plan).items()}
        self._delete(node, wanted)

    def forget_calendar(
        self, node: str, subscriber: str, version: str, windows: Sequence[Window]
    ) -> None:
        """See ``Forwarding``. One key at a time, pipelined."""
        self._delete(node, dict.fromkeys(to_day_keys(subscriber, version, windows), ""))

    def read_classes(self, node: str, codes: Sequence[str]) -> dict[str, str | None]:
        """See ``Forwarding``."""
        values = self._get(node, [f"class/{code}" for code in codes])
        return {code: values.get(f"class/{code}") for code in codes}

    def write_classes(self, node: str, classes: Mapping[str, str]) -> None:
        """See ``Forwarding``."""
        items = classes.items()
        self._do(node, [_on("DBPut", f"class/{code}", Val=regex) for code, regex in items])

    def _delete(self, node: str, wanted: Mapping[str, str]) -> None:
        """Delete the keys that still have these values; "" stands for any."""
        there = self._get(node, list(wanted))
        gone = [key for key, value in wanted.items() if value in ("", there.get(key))]
        self._do(node, [_on("DBDel", key) for key in gone if key in there])

    def _get(self, node: str, keys: Sequence[str]) -> dict[str, str]:
        """The values of those keys that are there."""
        replies = self._request(node, [_on("DBGet", key) for key in keys])
        answers = zip(keys, replies, strict=True)
        return {key: _value(reply) for key, reply in answers if _done(reply, unless=MISSING)}

    def _do(self, node: str, actions: Sequence[Action]) -> None:
        for reply in self._request(node, actions):
            _done(reply)

    def _request(self, node: str, actions: Sequence[Action]) -> list[Reply]:
        return self._nodes[node].request(actions) if actions else []


def _on(name: str, key: str, **headers: str) -> Action:
    return action(name, Family=FAMILY, Key=key, **headers)


def _puts(keys: Mapping[str, str], request_id: str) -> list[Action]:
    puts = (_on("DBPut", key, Val=value) for key, value in keys.items())
    return [replace(each, request_id=request_id) for each in puts]


def _done(reply: Reply, unless: str = "") -> bool:
    """Whether it was done; false for the refusal expected, ``PBXRejected`` for any other."""
    if not reply.ok and reply.message != unless:
        raise PBXRejected(f"the node refused: {reply.message}")
    return reply.ok


def _value(reply: Reply) -> str:
    try:
        return reply.events[0]["Val"]
    except (IndexError, KeyError):
        raise PBXUnavailable("unintelligible: a value without a value") from None
