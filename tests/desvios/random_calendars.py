"""Random calendars around changes of clocks, and windows in a form that can be compared."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from desvios.calendar import series
from desvios.calendar.editing import Snapshot
from desvios.calendar.series import Content, Occurrence

ZONES = ("Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata")
YEARS = range(2026, 2030)
DESTINATIONS = ("vm", "202", "203", "600123456")
HOURS = (0, 1, 1, 2, 2, 3, 9, 15, 23)
LENGTHS = [timedelta(minutes=n) for n in (1, 15, 30, 60, 61, 150, 600, 1439, 1440, 1500, 4000)]
RULES = [
    "",
    "FREQ=DAILY",
    "FREQ=DAILY;INTERVAL=3",
    "FREQ=WEEKLY",
    "FREQ=WEEKLY;BYDAY=SA,SU",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE,SU",
    "FREQ=MONTHLY;BYMONTHDAY=29,30,31",
    "FREQ=MONTHLY;BYDAY=-1SU",
    "FREQ=MONTHLY;BYDAY=1SU,2SU",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
    "FREQ=YEARLY",
    "FREQ=YEARLY;BYMONTH=3,4,10,11;BYDAY=1SU,2SU,-1SU",
]
Stretch = tuple[int, int, str]


def changes_of_clocks(name: str) -> list[datetime]:
    """Every change of the zone's clocks in these years; each midsummer where there is none."""
    zone, step = ZoneInfo(name), timedelta(minutes=30)
    moment, end = datetime(YEARS[0], 1, 1, tzinfo=UTC), datetime(YEARS[-1] + 1, 1, 1, tzinfo=UTC)
    found = []
    while moment < end:
        following = moment + timedelta(days=1)
        if moment.astimezone(zone).utcoffset() == following.astimezone(zone).utcoffset():
            moment = following
            continue
        before = moment.astimezone(zone).utcoffset()
        while moment.astimezone(zone).utcoffset() == before:
            moment += step
        found.append(moment)
    return found or [datetime(year, 6, 21, 12, tzinfo=UTC) for year in YEARS]


CHANGES = [(name, change) for name in ZONES for change in changes_of_clocks(name)]


def name_of(case: tuple[str, datetime]) -> str:
    return f"{case[0].rpartition('/')[2]}-{case[1]:%Y%m%dT%H%M}"


def random_calendar(chance: Random, near: datetime, zone: ZoneInfo) -> list[str]:
    """A few events, single and recurring, some with removed and changed occurrences."""
    return [_random_event(chance, str(n), near, zone) for n in range(chance.randint(1, 5))]


def random_snapshots(chance: Random, near: datetime, zone: ZoneInfo) -> dict[str, Snapshot]:
    """The same as they are kept; a few are off, or not on holidays."""
    return {
        str(uid): {
            "ical": text,
            "enabled": uid == 0 or chance.random() < 0.9,
            "skip_holidays": chance.random() < 0.3,
        }
        for uid, text in enumerate(random_calendar(chance, near, zone))
    }


def _random_event(chance: Random, uid: str, near: datetime, zone: ZoneInfo) -> str:
    rule = chance.choice(RULES)
    back = chance.choice([0, 1, 2, 7, 40, 400]) if rule else chance.randint(-1, 3)
    content = _random_content(chance, near.astimezone(zone).date() - timedelta(days=back), zone)
    if rule:
        rule += _random_end(chance, content.start, near)
    text = series.write(uid, Content(**_fields(content) | {"rule": rule}))
    for original in _some_occurrences(chance, text, near, zone):
        if chance.random() < 0.5:
            text = series.without_occurrence(text, original.original)
        else:
            day = original.start.astimezone(zone).date() + timedelta(days=chance.randint(-1, 1))
            text = series.with_occurrence(
                text, original.original, _random_content(chance, day, zone)
            )
    return text


def _random_content(chance: Random, day: date, zone: ZoneInfo) -> Content:
    """Something that begins on the day: the whole of it or more, or at a time of some zone."""
    where = chance.choice(DESTINATIONS)
    if chance.random() < 0.25:
        days = timedelta(days=chance.randint(1, 3))
        return Content(title="x", start=day, end=day + days, destination=where)
    own = zone if chance.random() < 0.8 else ZoneInfo(chance.choice(ZONES))
    minute, second = chance.choice([0, 0, 15, 30, 59]), chance.choice([0, 0, 0, 59])
    start = datetime(day.year, day.month, day.day, chance.choice(HOURS), minute, second, tzinfo=own)
    return Content(title="x", start=start, end=start + chance.choice(LENGTHS), destination=where)


def _fields(content: Content) -> dict[str, object]:
    return {name: getattr(content, name) for name in Content.__slots__}


def _random_end(chance: Random, start: date, near: datetime) -> str:
    kind = chance.randrange(4)
    if kind == 0:
        return f";COUNT={chance.randint(1, 60)}"
    if kind == 1:
        end = near + timedelta(days=chance.randint(0, 30))
        return (
            f";UNTIL={end:%Y%m%dT%H%M%SZ}"
            if isinstance(start, datetime)
            else f";UNTIL={end:%Y%m%d}"
        )
    return ""


def _some_occurrences(
    chance: Random, text: str, near: datetime, zone: ZoneInfo
) -> Iterator[Occurrence]:
    if not series.is_series(text):
        return
    week = timedelta(days=7)
    for each in series.occurrences(text, near - week, near + week, zone):
        if chance.random() < 0.3:
            yield each


def parse_day_keys(keys: Iterable[tuple[str, str]]) -> list[Stretch]:
    """The windows that day keys hold, read by nothing but the table in ``docs/astdb.md``."""
    found = []
    for name, value in keys:
        day = datetime.strptime(name.split("/")[3], "%Y%m%d").replace(tzinfo=UTC)
        assert len(value) % 27 == 0
        for first in range(0, len(value), 27):
            item = value[first : first + 27]
            start, end = (int(day.timestamp()) + int(item[n : n + 5]) for n in (0, 5))
            found.append((start, end, item[10:].rstrip("-")))
    return joined(found)


def joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Sorted, and those that touch and lead to the same place are one: each set has one form."""
    result: list[Stretch] = []
    for start, end, to in sorted(stretches):
        if result and result[-1][1:] == (start, to):
            result[-1] = (result[-1][0], end, to)
        else:
            result.append((start, end, to))
    return result


def clipped(stretches: Iterable[Stretch], first: int, last: int) -> list[Stretch]:
    cut = ((max(start, first), min(end, last), to) for start, end, to in stretches)
    return [each for each in cut if each[0] < each[1]]
