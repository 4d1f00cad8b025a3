"""Implements ``interface.Forwarding`` on simulated nodes."""

from collections.abc import Mapping, Sequence

from portal.pbx.errors import PBXRejected
from portal.pbx.projection import left_behind, to_keys
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
        """Put the plans in force, all but those that Asterisk could not take."""
        there = self.nodes[node]
        values: dict[str, str] = {}
        left: dict[str, str] = {}
        refused: list[str] = []
        held = self.read(node, [plan.subscriber for plan in plans])
        for plan in plans:
            try:
                values |= to_keys(plan)
            except ValueError as error:
                refused.append(str(error))
            else:
                left |= left_behind(held[plan.subscriber], plan)
        there.ask(lambda: there.keys.put(values))
        self._delete(there, left)
        if refused:
            raise PBXRejected("; ".join(refused))

    def remove(self, node: str, plans: Sequence[ForwardingPlan]) -> None:
        """Forget the subscribers of these plans; devices that others have by now stay theirs."""
        there = self.nodes[node]
        own = [f"{kind}/{plan.subscriber}" for plan in plans for kind in ("plan", "name")]
        there.ask(lambda: there.keys.delete(own))
        owners = {f"owner/{name}": plan.subscriber for plan in plans for name in plan.devices}
        self._delete(there, owners)

    def _delete(self, there: Node, wanted: Mapping[str, str]) -> None:
        """Delete the keys that still have these values."""
        held = there.ask(lambda: there.keys.get(wanted))
        gone = [key for key, value in wanted.items() if held.get(key) == value]
        there.ask(lambda: there.keys.delete(gone))

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
