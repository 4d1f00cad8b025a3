"""Where everything stands in a drawing of calls by day and by hour.

Widths and places across are per cent of the drawing, so that it fits every screen while its words
keep their size; heights are pixels.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from portal import dates
from portal.pbx.types import Count, Summary

HEIGHT = 160
"""Of the bars' part, in pixels; words stand below."""

TOP, GAP = 8, 0.24
"""Pixels left free above the highest bar; share of its room that a bar leaves free."""

NONE = Count()
FIRST_HOUR, LAST_HOUR = 8, 19
"""Hours that are always shown; earlier and later ones where there were calls."""


@dataclass(frozen=True, slots=True)
class Slot:
    """What one bar stands for: a day, or an hour of the day. ``mark`` is written below some."""

    name: str
    count: Count
    mark: str = ""

    @property
    def total(self) -> int:
        """All calls."""
        return self.count.answered + self.count.missed


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar: answered calls at the foot, missed ones on top of them."""

    slot: Slot
    x: float
    width: float
    middle: float
    answered_y: float
    answered_height: float
    missed_y: float
    missed_height: float


@dataclass(frozen=True, slots=True)
class Line:
    """A line across, at so many calls."""

    y: float
    calls: int


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing."""

    bars: list[Bar]
    lines: list[Line]
    height: int = HEIGHT

    @property
    def slots(self) -> list[Slot]:
        """What is drawn, without what has no calls."""
        return [bar.slot for bar in self.bars if bar.slot.total]


def by_day(summary: Summary, first: date, last: date) -> list[Slot]:
    """Each day from the first to the last; Mondays are marked."""
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [
        Slot(
            dates.written(day, dates.WEEKDAY),
            summary.days.get(day, NONE),
            dates.written(day, dates.SHORT) if day.weekday() == 0 else "",
        )
        for day in days
    ]


def by_hour(summary: Summary) -> list[Slot]:
    """Each hour of the working day, all days together; every second one is marked."""
    answered: Counter[int] = Counter()
    missed: Counter[int] = Counter()
    for (_weekday, hour), count in summary.hours.items():
        answered[hour] += count.answered
        missed[hour] += count.missed
    seen = {hour for hour in (*answered, *missed) if answered[hour] + missed[hour]}
    hours = range(min({FIRST_HOUR, *seen}), max({LAST_HOUR, *seen}) + 1)
    return [
        Slot(
            _("de %(begins)d a %(ends)d h") % {"begins": hour, "ends": (hour + 1) % 24},
            Count(answered[hour], missed[hour]),
            str(hour) if hour % 2 == 0 else "",
        )
        for hour in hours
    ]


def draw(slots: Sequence[Slot]) -> Chart:
    """Bars on a scale that ends at a round number."""
    step, most = _scale(max((slot.total for slot in slots), default=0))
    pixels = (HEIGHT - TOP) / most
    bars = [_bar(slot, place, len(slots), pixels) for place, slot in enumerate(slots)]
    marks = [Line(round(HEIGHT - calls * pixels, 1), calls) for calls in range(0, most + 1, step)]
    return Chart(bars, marks)


def _bar(slot: Slot, place: int, places: int, pixels: float) -> Bar:
    room = 100 / places
    answered, missed = slot.count.answered * pixels, slot.count.missed * pixels
    return Bar(
        slot=slot,
        x=round((place + GAP / 2) * room, 3),
        width=round(room * (1 - GAP), 3),
        middle=round((place + 0.5) * room, 3),
        answered_y=round(HEIGHT - answered, 1),
        answered_height=round(answered, 1),
        missed_y=round(HEIGHT - answered - missed, 1),
        missed_height=round(missed, 1),
    )


def _scale(highest: int) -> tuple[int, int]:
    """Between which numbers lines are drawn, and the highest of them: at most four lines."""
    step = 1
    for factor in _round_numbers():
        step = factor
        if highest <= 4 * step:
            break
    return step, step * max(2, -(-highest // step))


def _round_numbers() -> Iterable[int]:
    power = 1
    while True:
        yield from (power, 2 * power, 5 * power)
        power *= 10


def total(slots: Iterable[Slot]) -> Count:
    """All of them together."""
    counts = [slot.count for slot in slots]
    return Count(sum(count.answered for count in counts), sum(count.missed for count in counts))
