"""The windows of a calendar as keys and values of single days, and back. ``docs/astdb.md``.

One key holds windows of one UTC day: flat, of fixed width, sorted, not overlapping, so that the
dialplan finds the one it needs by halving, without decoding anything.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import groupby

from portal.pbx.types import VOICEMAIL, ForwardingPlan, Window

DAY = 86_400
SECOND_WIDTH, DESTINATION_WIDTH = 5, 17
ITEM_WIDTH = 2 * SECOND_WIDTH + DESTINATION_WIDTH
PAD = "-"

MOST_IN_A_PART = 37
"""How many items fit into one value of 1,017 bytes."""

NAME = re.compile(r"[0-9A-Za-z.-]+", re.ASCII)
"""What a subscriber and a version may be made of; the dialplan drops everything else."""

DESTINATION = re.compile(rf"{VOICEMAIL}|[0-9]{{1,{DESTINATION_WIDTH}}}", re.ASCII)
ITEM = re.compile(rf"([0-9]{{5}})([0-9]{{5}})({DESTINATION.pattern}){PAD}*", re.ASCII)


def to_day_keys(subscriber: str, version: str, windows: Sequence[Window]) -> dict[str, str]:
    """``cal/<subscriber>/<version>/<yyyymmdd>/<part>`` → items, for sorted windows.

    An item is the first second of the day, the first second after it, and the destination.
    Raises ``ValueError`` where a node could not take one.
    """
    if not NAME.fullmatch(subscriber) or not NAME.fullmatch(version):
        raise ValueError(f"no day can be named after {subscriber!r} and {version!r}")
    keys = {}
    for day, pieces in groupby(_by_day(windows), key=lambda piece: piece[0]):
        items = [_item(start, end, window.destination) for _day, start, end, window in pieces]
        for part, first in enumerate(range(0, len(items), MOST_IN_A_PART)):
            name = f"cal/{subscriber}/{version}/{day:%Y%m%d}/{part}"
            keys[name] = "".join(items[first : first + MOST_IN_A_PART])
    return keys


def lacking(held: ForwardingPlan | None, plan: ForwardingPlan) -> dict[str, str]:
    """The day keys of the plan that a node which holds ``held`` does not have yet.

    The last day that it holds may be a part of one. Raises ``ValueError`` like ``to_day_keys``.
    """
    if not plan.calendar:
        return {}
    if held is None or held.calendar != plan.calendar:
        return to_day_keys(plan.subscriber, plan.calendar, plan.windows)
    if held.until == plan.until:
        return {}
    keys = to_day_keys(plan.subscriber, plan.calendar, plan.windows)
    return {name: items for name, items in keys.items() if name.split("/")[3] >= held.until}


def from_day_keys(keys: Mapping[str, str]) -> tuple[Window, ...]:
    """The windows that these keys hold, those that a midnight had split joined again.

    Raises ``ValueError`` where one is malformed.
    """
    windows: list[Window] = []
    for piece in sorted(_pieces(keys)):
        last = windows[-1] if windows else None
        if last and piece.start % DAY == 0 and _continues(last, piece):
            windows[-1] = Window(last.start, piece.end, last.destination)
        else:
            windows.append(piece)
    return tuple(windows)


def _continues(last: Window, piece: Window) -> bool:
    return (last.end, last.destination) == (piece.start, piece.destination)


def _by_day(windows: Sequence[Window]) -> Iterator[tuple[date, int, int, Window]]:
    """Each window cut at every UTC midnight: the day, and seconds of that day."""
    for window in windows:
        start = window.start
        while start < window.end:
            midnight = start - start % DAY
            end = min(window.end, midnight + DAY)
            yield datetime.fromtimestamp(midnight, UTC).date(), start % DAY, end - midnight, window
            start = end


def _item(start: int, end: int, destination: str) -> str:
    if not DESTINATION.fullmatch(destination):
        raise ValueError(f"{destination!r} is no destination of a calendar")
    return f"{start:0{SECOND_WIDTH}}{end:0{SECOND_WIDTH}}{destination:{PAD}<{DESTINATION_WIDTH}}"


def _pieces(keys: Mapping[str, str]) -> Iterator[Window]:
    for name, items in keys.items():
        day = datetime.strptime(name.split("/")[3], "%Y%m%d").replace(tzinfo=UTC)
        midnight = int(day.timestamp())
        for first in range(0, len(items), ITEM_WIDTH):
            item = items[first : first + ITEM_WIDTH]
            if len(item) != ITEM_WIDTH or not (found := ITEM.fullmatch(item)):
                raise ValueError(f"{name} holds {item!r}")
            yield Window(midnight + int(found[1]), midnight + int(found[2]), found[3])
