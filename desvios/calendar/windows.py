"""From occurrences that overlap to windows that do not. Pure.

The later start wins; at the same start, the one edited last. When the winner ends, the other one
goes on.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import NamedTuple

from portal.pbx.types import Window


@dataclass(frozen=True, slots=True)
class Claim:
    """One occurrence that wants the calls, in epoch seconds; ``edited`` breaks a tie."""

    start: int
    end: int
    destination: str
    edited: float = 0.0
    event: int = 0

    @property
    def rank(self) -> tuple[int, float, int, int, str]:
        """Of those that overlap, the one with the greatest rank wins.

        A changed occurrence may start when another one of its series does: the longer one wins.
        """
        return self.start, self.edited, self.event, self.end, self.destination


class Won(NamedTuple):
    """A stretch of time and who has it."""

    claim: Claim
    start: int
    end: int


def resolve(claims: Iterable[Claim]) -> list[Won]:
    """Who wins when, in order, without overlaps."""
    ordered = sorted((each for each in claims if each.start < each.end), key=lambda c: c.rank)
    won: list[Won] = []
    # A heap gives the least first, so places in the order stand in it with their sign turned.
    waiting: list[tuple[int, Claim]] = []
    now = 0
    for place, claim in enumerate(ordered):
        _spend(waiting, now, claim.start, won)
        now = claim.start
        heappush(waiting, (-place, claim))
    _spend(waiting, now, max((claim.end for claim in ordered), default=now), won)
    return won


def _spend(waiting: list[tuple[int, Claim]], now: int, until: int, won: list[Won]) -> None:
    """Give the time from ``now`` to ``until`` to the best of those that wait."""
    while waiting and now < until:
        best = waiting[0][1]
        if best.end <= now:
            heappop(waiting)
            continue
        end = min(best.end, until)
        if won and won[-1].claim is best and won[-1].end == now:
            won[-1] = Won(best, won[-1].start, end)
        else:
            won.append(Won(best, now, end))
        now = end


def to_windows(won: Iterable[Won]) -> tuple[Window, ...]:
    """What a node holds: neighbours that go to the same place are one window."""
    windows: list[Window] = []
    for claim, start, end in won:
        last = windows[-1] if windows else None
        if last and last.end == start and last.destination == claim.destination:
            windows[-1] = Window(last.start, end, claim.destination)
        else:
            windows.append(Window(start, end, claim.destination))
    return tuple(windows)
