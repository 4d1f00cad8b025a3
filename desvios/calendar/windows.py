"""From occurrences that overlap to windows that do not. Pure.

The later start wins; at the same start, the one edited last. When the winner ends, the other one
goes on.
"""

from collections.abc import Iterable
from typing import NamedTuple

from portal.pbx.types import Window


class Claim(NamedTuple):
    """One occurrence that wants the calls. Times are epoch seconds.

    Of those that overlap the greatest one wins, so the order of the fields is the rule. A changed
    occurrence may start when another one of its series does: the longer one wins.
    """

    start: int
    edited: float
    event: int
    end: int
    destination: str


class Won(NamedTuple):
    """A stretch of time and who has it."""

    claim: Claim
    start: int
    end: int


def resolve(claims: Iterable[Claim]) -> list[Won]:
    """Who wins when, in order, without overlaps."""
    won: list[Won] = []
    # As the best comes last, so it stands among those that wait.
    waiting: list[Claim] = []
    now = 0
    for claim in sorted(claims):
        if claim.start < claim.end:
            _spend(waiting, now, claim.start, won)
            now = claim.start
            waiting.append(claim)
    _spend(waiting, now, max((claim.end for claim in waiting), default=now), won)
    return won


def _spend(waiting: list[Claim], now: int, until: int, won: list[Won]) -> None:
    """Give the time from ``now`` to ``until`` to the best of those that wait."""
    while waiting and now < until:
        best = waiting[-1]
        if best.end <= now:
            waiting.pop()
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
