"""One simulated node: what it holds and how it behaves."""

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from portal.pbx.projection import from_keys
from portal.pbx.routing import Classes
from portal.pbx.simulated.faults import Faults
from portal.pbx.simulated.keys import NodeKeys
from portal.pbx.types import ForwardingPlan

T = TypeVar("T")

CRASH_LOSES_SECONDS = 1.0


class Node:
    """Keys and control file in the folder of one node."""

    def __init__(
        self, path: Path, name: str, timeout: float, clock: Callable[[], float] = time.time
    ) -> None:
        self.name = name
        self.timeout = timeout
        self.keys = NodeKeys(path / name / "keys.sqlite3", clock)
        self.faults = Faults(path / name / "control.json")

    def ask(self, action: Callable[[], T]) -> T:
        """What the node answers to the portal; calls do not come this way."""
        return self.faults.ask(action, self.timeout)

    def crash(self) -> None:
        """Die and start again, having lost what was written within the last second."""
        self.keys.lose(CRASH_LOSES_SECONDS)
        self.faults.reboot()

    def plans(self, numbers: Iterable[str]) -> dict[str, ForwardingPlan | None]:
        """The plans as the portal sees them: ``None`` where one is missing or malformed."""
        wanted = list(dict.fromkeys(numbers))
        values = self.keys.get(key for n in wanted for key in (f"plan/{n}", f"name/{n}"))
        return {number: from_keys(number, values) for number in wanted}

    def plan(self, number: str) -> ForwardingPlan | None:
        """The plan as a call sees it: whoever has a malformed one rings normally."""
        if plan := self.plans([number])[number]:
            return plan
        known = self.keys.get([f"plan/{number}"])
        return ForwardingPlan(subscriber=number, devices=(number,)) if known else None

    def devices(self, plan: ForwardingPlan) -> tuple[str, ...]:
        """Where the subscriber is: logged in somewhere, or at own devices nobody else is at."""
        number = plan.subscriber
        values = self.keys.get([f"at/{number}", *(f"who/{name}" for name in plan.devices)])
        if at := values.get(f"at/{number}"):
            return tuple(at.split("&"))
        return tuple(name for name in plan.devices if values.get(f"who/{name}", number) == number)

    def classes(self) -> Classes:
        """All service classes, by code."""
        found = self.keys.get(self.keys.names("class/"))
        return {name.removeprefix("class/"): regex for name, regex in found.items()}

    def subscribers(self) -> list[str]:
        """The numbers that have a plan."""
        return [name.removeprefix("plan/") for name in self.keys.names("plan/")]
