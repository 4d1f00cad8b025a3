"""Calls that go on across the edges of a window, and whom each must have reached."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from portal.pbx.types import Window
from tests.asterisk.phone import Phone

COARSE = 0.05
"""Asterisk's EPOCH is time(2), which may be a tick of the kernel late."""

MARGIN = 1.5
"""Seconds of calls before and after the window."""


@dataclass(frozen=True, slots=True)
class Placed:
    """One call: between which moments Asterisk looked at its clock, and whose telephones rang."""

    begun: float
    ended: float
    reached: tuple[str, ...]

    @property
    def seconds(self) -> range:
        """What that clock may have said."""
        return range(int(self.begun - COARSE), int(self.ended) + 1)


def keep_calling(
    caller: Phone, number: str, parties: Mapping[str, Phone], until: float, pause: float = 0.0
) -> list[Placed]:
    """One call after the other; each must be answered."""
    placed = []
    while (begun := time.time()) < until:
        before = _counts(parties, caller)
        final = caller.call(number)
        ended = time.time()
        assert final.code == 200, final.status
        after = _counts(parties, caller)
        reached = [name for name in parties for _ in range(after[name] - before[name])]
        placed.append(Placed(begun, ended, tuple(reached)))
        time.sleep(pause)
    return placed


def check(placed: Sequence[Placed], window: Window, outside: str) -> None:
    """Each call reached one party, the one that its instant demands; enough came on each side."""
    sides = {"before": 0, "inside": 0, "after": 0}
    for call in placed:
        due = {_side(second, window) for second in call.seconds}
        allowed = {(window.destination if side == "inside" else outside,) for side in due}
        assert call.reached in allowed, (call, window)
        if len(due) == 1:
            sides[due.pop()] += 1
    assert min(sides.values()) > 2, sides


def _side(second: int, window: Window) -> str:
    if second < window.start:
        return "before"
    return "inside" if second < window.end else "after"


def _counts(parties: Mapping[str, Phone], caller: Phone) -> dict[str, int]:
    """How often this caller's calls have rung at each."""
    own = f"sip:{caller.user}@"
    return {
        name: sum(own in call.header("From") for call in phone.calls)
        for name, phone in parties.items()
    }
