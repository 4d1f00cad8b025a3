"""Implements ``interface.Forwarding`` on simulated nodes."""

from collections.abc import Mapping, Sequence

from portal.pbx.projection import to_keys
from portal.pbx.simulated.node import Node
from portal.pbx.types import ForwardingPlan


class SimulatedForwarding:
    """Holds exactly the keys that Asterisk would hold."""

    def __init__(self, nodes: Mapping[str, Node]) -> None:
        self.nodes = nodes

    def read(self, node: str, subscribers: Sequence[str]) -> dict[str, ForwardingPlan | None]:
        """The plans that the node holds."""
        there = self.nodes[node]
        return there.ask(lambda: there.plans(subscribers))

    def write(self, node: str, plans: Sequence[ForwardingPlan]) -> None:
        """Put the plans in force."""
        there = self.nodes[node]
        values = {key: value for plan in plans for key, value in to_keys(plan).items()}
        there.ask(lambda: there.keys.put(values))

    def remove(self, node: str, plans: Sequence[ForwardingPlan]) -> None:
        """Forget the subscribers of these plans."""
        there = self.nodes[node]
        names = [key for plan in plans for key in to_keys(plan)]
        there.ask(lambda: there.keys.delete(names))

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
