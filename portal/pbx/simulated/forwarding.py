"""Implements ``interface.Forwarding`` on simulated nodes."""

from collections.abc import Mapping, Sequence

from portal.pbx.day_keys import lacking, to_day_keys
from portal.pbx.errors import PBXRejected
from portal.pbx.phone_rules import PhoneRules
from portal.pbx.projection import left_behind, removable, to_keys
from portal.pbx.simulated.node import Node
from portal.pbx.types import ForwardingPlan, Window


class SimulatedForwarding:
    """Holds exactly the keys that Asterisk would hold."""

    def __init__(self, nodes: Mapping[str, Node]) -> None:
        self.nodes = nodes

    def read(self, node: str, subscribers: Sequence[str]) -> dict[str, ForwardingPlan | None]:
        """The plans that the node holds."""
        there = self.nodes[node]
        return there.ask(lambda: there.plans(subscribers))

    def read_phones(self, node: str, subscribers: Sequence[str]) -> dict[str, PhoneRules]:
        """What was changed at telephones of the node."""
        there = self.nodes[node]
        return there.ask(lambda: {number: there.phone_rules(number) for number in subscribers})

    def write(self, node: str, plans: Sequence[ForwardingPlan]) -> None:
        """Put the plans in force, all but those that Asterisk could not take."""
        there = self.nodes[node]
        if refused := there.ask(lambda: _put(there, plans)):
            raise PBXRejected("; ".join(refused))

    def remove(self, node: str, plans: Sequence[ForwardingPlan]) -> None:
        """Forget the subscribers of these plans; devices that others have by now stay theirs."""
        there = self.nodes[node]
        there.ask(lambda: _forget(there, plans))

    def forget_calendar(
        self, node: str, subscriber: str, version: str, windows: Sequence[Window]
    ) -> None:
        """Delete the day keys of these windows."""
        there = self.nodes[node]
        there.ask(lambda: there.keys.delete(to_day_keys(subscriber, version, windows)))

    def read_classes(self, node: str, codes: Sequence[str]) -> dict[str, str | None]:
        """Service classes by code."""
        there = self.nodes[node]
        values = there.ask(lambda: there.keys.get(f"class/{code}" for code in codes))
        return {code: values.get(f"class/{code}") for code in codes}

    def write_classes(self, node: str, classes: Mapping[str, str]) -> None:
        """Put service classes in force."""
        there = self.nodes[node]
        values = {f"class/{code}": regex for code, regex in classes.items()}
        there.ask(lambda: there.keys.put(values))


def _put(node: Node, plans: Sequence[ForwardingPlan]) -> list[str]:
    """Write the plans, then take their old devices from them. Returns why some were refused."""
    values: dict[str, str] = {}
    left: dict[str, str] = {}
    refused: list[str] = []
    held = node.plans(plan.subscriber for plan in plans)
    for plan in plans:
        try:
            new = lacking(held[plan.subscriber], plan) | to_keys(plan)
        except ValueError as error:
            refused.append(str(error))
        else:
            values |= new
            left |= left_behind(held[plan.subscriber], plan)
    node.keys.put(values)
    _delete(node, left)
    return refused


def _forget(node: Node, plans: Sequence[ForwardingPlan]) -> None:
    _delete(node, {key: value for plan in plans for key, value in removable(plan).items()})


def _delete(node: Node, wanted: Mapping[str, str]) -> None:
    """Delete the keys that still have these values; "" stands for any."""
    held = node.keys.get(wanted)
    if gone := [key for key, value in wanted.items() if value in ("", held.get(key))]:
        node.keys.delete(gone)
