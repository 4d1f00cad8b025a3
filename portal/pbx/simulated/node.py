"""One simulated node: what it holds and how it behaves."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import TypeVar

from portal.pbx import phone_rules
from portal.pbx.day_keys import from_day_keys
from portal.pbx.phone_rules import PhoneRules, honoured
from portal.pbx.projection import from_keys, further_keys, keys_of
from portal.pbx.routing import Classes
from portal.pbx.simulated.acd import Queues
from portal.pbx.simulated.begun import BegunCalls
from portal.pbx.simulated.faults import REACHABLE, Faults
from portal.pbx.simulated.keys import NodeKeys
from portal.pbx.simulated.logins import Logins
from portal.pbx.simulated.telephones import Telephones
from portal.pbx.types import ForwardingPlan, Window

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
        self.telephones = Telephones(path / name)
        self.calls = BegunCalls(path / name / "calls", clock)
        self.queues = Queues(self.keys)
        self.logins = Logins(self.keys, path / name)

    def ask(self, action: Callable[[], T]) -> T:
        """What the node answers to the portal; calls do not come this way."""
        return self.faults.ask(action, self.timeout)

    def crash(self) -> None:
        """Die and start again, having lost what was written within the last second."""
        self.keys.lose(CRASH_LOSES_SECONDS)
        self.telephones.hang_up()
        self.faults.reboot()

    def plans(self, numbers: Iterable[str]) -> dict[str, ForwardingPlan | None]:
        """The plans as the portal sees them: ``None`` where one is missing or malformed."""
        wanted = list(dict.fromkeys(numbers))
        values = self.keys.get(key for n in wanted for key in keys_of(n))
        if codes := [key for n in wanted for key in further_keys(n, values)]:
            values |= self.keys.get(codes)
        return {number: from_keys(number, values) for number in wanted}

    def plan(self, number: str, at: datetime | None = None) -> ForwardingPlan | None:
        """The plan as a call sees it: whoever has a malformed one rings normally.

        With the windows of the UTC day around ``at``, an aware moment.
        """
        if plan := self.plans([number])[number]:
            windows = self._windows(plan, at) if at and plan.calendar else ()
            if at and not windows and self._has_another_calendar(plan):
                return self.plan(number, at)
            return honoured(replace(plan, windows=windows), self.phone_rules(number))
        known = self.keys.get([f"plan/{number}"])
        return ForwardingPlan(subscriber=number, devices=(number,)) if known else None

    def phone_rules(self, number: str) -> PhoneRules:
        """What the subscriber changed at a telephone here."""
        key = f"phone/{number}"
        return phone_rules.read(self.keys.get([key]).get(key))

    def _windows(self, plan: ForwardingPlan, at: datetime) -> tuple[Window, ...]:
        """The day's windows, none where their keys are malformed."""
        day = f"cal/{plan.subscriber}/{plan.calendar}/{at.astimezone(UTC):%Y%m%d}"
        found: dict[str, str] = {}
        for part in count():
            held = self.keys.get([f"{day}/{part}"])
            found |= held
            if not held:
                break
        try:
            return from_day_keys(found)
        except ValueError:
            return ()

    def _has_another_calendar(self, plan: ForwardingPlan) -> bool:
        """Whether another version took its place since, and its keys may be gone."""
        now = self.plans([plan.subscriber])[plan.subscriber]
        return now is not None and now.calendar != plan.calendar

    def devices(self, plan: ForwardingPlan) -> tuple[str, ...]:
        """Where the subscriber is: logged in somewhere, or at own devices nobody else is at."""
        number = plan.subscriber
        values = self.keys.get([f"at/{number}", *(f"who/{name}" for name in plan.devices)])
        if at := values.get(f"at/{number}"):
            return tuple(at.split("&"))
        return tuple(name for name in plan.devices if values.get(f"who/{name}", number) == number)

    def reachable(self, number: str) -> tuple[str, ...]:
        """The subscriber's telephones that are registered; without a plan, that of the number."""
        plan = self.plan(number) or ForwardingPlan(subscriber=number, devices=(number,))
        return tuple(name for name in self.devices(plan) if self.telephones.is_reachable(name))

    def classes(self) -> Classes:
        """All service classes, by code."""
        found = self.keys.get(self.keys.names("class/"))
        return {name.removeprefix("class/"): regex for name, regex in found.items()}

    def has_mailbox(self, mailbox: str) -> bool:
        """Whether some plan names it; while there are no plans, every mailbox is one."""
        plans = self.plans(self.subscribers()).values()
        return not plans or any(plan and plan.mailbox == mailbox for plan in plans)

    def subscribers(self) -> list[str]:
        """The numbers that have a plan."""
        return [name.removeprefix("plan/") for name in self.keys.names("plan/")]


def working(nodes: Mapping[str, Node]) -> Node:
    """The first node that can be reached; the first of all where none can."""
    found = (node for node in nodes.values() if node.faults.read().mode in REACHABLE)
    return next(found, next(iter(nodes.values())))
