"""Months, weeks and days as pages lay them out; positions are numbers for CSS classes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from desvios.calendar.pages.shown import Fate, Shown

STEP = 15
"""Minutes of one row of the week's grid."""

MOST_LANES = 4
MOST_LINES = 4
"""An occurrence's title, time, fate and destination."""

OFFICE = (8, 20)
"""The hours that a week always shows."""


@dataclass(frozen=True, slots=True)
class Piece:
    """The part of an occurrence that lies on one day."""

    shown: Shown
    start: datetime
    end: datetime
    all_day: bool
    goes_on: bool  # from the day before
    lane: int = 1
    lanes: int = 1

    @property
    def ends_at_midnight(self) -> bool:
        """Whether it lasts to the end of the day."""
        return self.end.date() != self.start.date()


@dataclass(frozen=True, slots=True)
class Day:
    """One day with what takes place on it."""

    date: date
    pieces: tuple[Piece, ...] = ()
    is_today: bool = False
    is_aside: bool = False  # of the month before or after
    holiday: str = ""

    @property
    def whole(self) -> list[Piece]:
        """What takes the whole day."""
        return [piece for piece in self.pieces if piece.all_day]

    @property
    def timed(self) -> list[Piece]:
        """What does not."""
        return [piece for piece in self.pieces if not piece.all_day]


@dataclass(frozen=True, slots=True)
class Hours:
    """The hours that a week's grid shows, from the first row to the last."""

    first: int
    last: int

    def row(self, minutes: int) -> int:
        """The row of a time of the day, counted from 1."""
        return (minutes - self.first * 60) // STEP + 1

    @property
    def labels(self) -> list[tuple[int, int]]:
        """Each hour with its row."""
        return [(hour, self.row(hour * 60)) for hour in range(self.first, self.last)]


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """Its midnight."""
    return datetime.combine(day, time(), tzinfo=zone)


def days_of_month(day: date) -> list[date]:
    """The whole weeks, from Monday, that the day's month lies in."""
    first = monday(day.replace(day=1))
    following = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    count = 7 * -(-(following - first).days // 7)
    return [first + timedelta(days=n) for n in range(count)]


def monday(day: date) -> date:
    """The first day of its week."""
    return day - timedelta(days=day.weekday())


def lay_out(
    days: Sequence[date],
    shown: Iterable[Shown],
    zone: ZoneInfo,
    today: date,
    holidays: dict[date, str],
    month: int = 0,
) -> list[Day]:
    """The days with the pieces that lie on them. ``month`` names the one that is not aside."""
    by_day: dict[date, list[Piece]] = {day: [] for day in days}
    for each in shown:
        for piece in _pieces(each, zone):
            if piece.start.date() in by_day:
                by_day[piece.start.date()].append(piece)
    return [
        Day(
            day,
            tuple(_in_lanes(by_day[day])),
            is_today=day == today,
            is_aside=bool(month) and day.month != month,
            holiday=holidays.get(day, ""),
        )
        for day in days
    ]


def hours_of(days: Iterable[Day]) -> Hours:
    """The office's, and whatever else the days need."""
    first, last = OFFICE
    for day in days:
        for piece in day.timed:
            first = min(first, piece.start.hour)
            last = max(last, -(-_end_minute(piece) // 60))
    return Hours(first, last)


@dataclass(frozen=True, slots=True)
class Block:
    """Where a piece stands in the week's grid."""

    piece: Piece
    row: int
    rows: int = field(default=1)
    free: int = field(default=1)  # rows until a later one covers it; none if that starts with it

    @property
    def lines(self) -> int:
        """How many lines of its words can be seen, as far as that matters."""
        return min(max(self.free, 1), MOST_LINES)


def blocks(day: Day, hours: Hours) -> list[Block]:
    """The timed pieces of a day with their rows."""
    made = []
    for n, piece in enumerate(day.timed):
        row = _row(piece, hours)
        rows = max(2, hours.row(_end_minute(piece) + STEP - 1) - row)
        covers = (_row(each, hours) - row for each in day.timed[n + 1 :])
        made.append(Block(piece, row, rows, min(rows, *covers, rows)))
    return made


def _row(piece: Piece, hours: Hours) -> int:
    return hours.row(piece.start.hour * 60 + piece.start.minute)


def _pieces(shown: Shown, zone: ZoneInfo) -> Iterable[Piece]:
    start = shown.occurrence.start.astimezone(zone)
    end = shown.occurrence.end.astimezone(zone)
    day = start.date()
    while (midnight := day_start(day, zone)) < end:
        following = day_start(day + timedelta(days=1), zone)
        first, last = max(start, midnight), min(end, following)
        whole = first == midnight and last == following
        yield Piece(shown, first, last, whole, goes_on=midnight > start)
        day += timedelta(days=1)


def _end_minute(piece: Piece) -> int:
    """Minutes of the day on the clock; the next midnight is 24:00."""
    end = piece.end
    return 24 * 60 if end.date() != piece.start.date() else end.hour * 60 + end.minute


def _in_lanes(pieces: list[Piece]) -> list[Piece]:
    """Each further to the right, and above, than those that it overlaps; whole days come first."""
    whole = [piece for piece in pieces if piece.all_day]
    timed = sorted((p for p in pieces if not p.all_day), key=lambda p: (p.start, p.end))
    done: list[Piece] = []
    group: list[tuple[Piece, int]] = []
    ends: list[datetime] = []
    for piece in timed:
        if ends and piece.start >= max(ends):
            done += _spread(group, len(ends))
            group, ends = [], []
        free = [n for n, end in enumerate(ends) if end <= piece.start]
        lane = free[0] if free else min(len(ends), MOST_LANES - 1)
        ends[lane : lane + 1] = [piece.end]
        group.append((piece, lane + 1))
    return whole + done + _spread(group, len(ends))


def _spread(group: list[tuple[Piece, int]], lanes: int) -> list[Piece]:
    return [
        Piece(each.shown, each.start, each.end, each.all_day, each.goes_on, lane, lanes)
        for each, lane in group
    ]


def is_pale(shown: Shown) -> bool:
    """Whether calls obey none of it."""
    return shown.fate in {Fate.LOSES, Fate.OFF}
