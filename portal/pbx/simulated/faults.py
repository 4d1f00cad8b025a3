"""How a simulated node misbehaves, kept in a file so that every process sees it."""

import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from portal.pbx.errors import PBXRejected, PBXUnavailable

T = TypeVar("T")

POLL_SECONDS = 0.02


class Mode(StrEnum):
    """What the node does when it is asked something."""

    NORMAL = "normal"
    AWAY = "away"  # cannot be reached
    FROZEN = "frozen"  # does what it is asked, but answers only after the deadline
    REJECTING = "rejecting"  # answers, and refuses


REACHABLE = frozenset({Mode.NORMAL, Mode.REJECTING})


@dataclass(frozen=True, slots=True)
class Control:
    """The node's state: its mode, and how often it has been started."""

    mode: Mode = Mode.NORMAL
    boots: int = 1


class Faults:
    """The control file of one node: ``{"mode": "away"}``, written here or by hand."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> Control:
        """The state now; a normal one where nothing else was set."""
        try:
            fields = json.loads(self.path.read_text())
        except FileNotFoundError:
            return Control()
        return Control(Mode(fields["mode"]), int(fields.get("boots", 1)))

    def set(self, mode: Mode) -> None:
        """From now on the node behaves so."""
        self._write(replace(self.read(), mode=mode))

    def reboot(self) -> None:
        """Note that the node was started again."""
        control = self.read()
        self._write(replace(control, boots=control.boots + 1))

    def ask(self, action: Callable[[], T], timeout: float) -> T:
        """What the node answers when asked for the action, at most ``timeout`` seconds later."""
        mode = self.read().mode
        if mode is Mode.AWAY:
            raise PBXUnavailable("the simulated node is away")
        if mode is Mode.REJECTING:
            raise PBXRejected("the simulated node refuses")
        if mode is Mode.FROZEN and not self._thaws(timeout):
            action()
            raise PBXUnavailable("the simulated node did not answer in time")
        return action()

    def _thaws(self, timeout: float) -> bool:
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
            if self.read().mode is not Mode.FROZEN:
                return True
        return False

    def _write(self, control: Control) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=self.path.parent, delete=False) as file:
            json.dump(asdict(control), file)
        Path(file.name).replace(self.path)
