"""Which zone of the tz database a calendar means by a name of its own. Pure.

Producers write names of the tz database, names of Windows, names with a path in front, or any
words together with a definition (VTIMEZONE, RFC 5545, 3.6.5). A definition without a known name is
taken for the zone that had the same offsets at every moment of this year and the next.
"""

import io
import re
import warnings
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

import dateutil.tz
from icalendar.error import GloballyUniqueTZIDGuessed
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

# What the library guesses of a zone's name is not used here.
warnings.filterwarnings("ignore", category=GloballyUniqueTZIDGuessed)

MAX_UNNAMED = 5
"""Definitions without a known name that are looked into; a calendar has one or two."""

LONGEST = 20_000
UTC_NAMES = {"z", "utc", "gmt", "etc/utc", "etc/gmt", "tzone://microsoft/utc"}
SIMPLE_RULE = re.compile(
    r"RRULE:FREQ=YEARLY(;(BYMONTH|BYDAY|BYMONTHDAY|INTERVAL|WKST|UNTIL)=[-+0-9A-Z,]{1,40})*\Z"
)
WINDOWS = {name.lower(): zone for name, zone in WINDOWS_TO_OLSON.items()}


class Zones:
    """The zones that one calendar names."""

    def __init__(self, definitions: Iterable[str], own: ZoneInfo, now: datetime) -> None:
        self.own = own
        self.now = now
        self.definitions = {name: text for text in definitions for name in _names(text)}
        self.found: dict[str, ZoneInfo | None] = {}
        self.unnamed = 0

    def find(self, name: str) -> ZoneInfo | None:
        """The zone that is meant, or ``None`` where nobody can tell."""
        name = name.strip().strip('"')
        if name not in self.found:
            self.found[name] = self._by_name(name) or self._by_definition(name)
        return self.found[name]

    def _by_name(self, name: str) -> ZoneInfo | None:
        if name.lower() in UTC_NAMES:
            return ZoneInfo("UTC")
        if name.lower() in WINDOWS:
            return ZoneInfo(WINDOWS[name.lower()])
        parts = name.split("/")
        known = _known()
        tails = ("/".join(parts[i:]).lower() for i in range(len(parts)))
        return next((ZoneInfo(known[tail]) for tail in tails if tail in known), None)

    def _by_definition(self, name: str) -> ZoneInfo | None:
        text = self.definitions.get(name, "")
        if not text or self.unnamed >= MAX_UNNAMED or not _is_simple(text):
            return None
        self.unnamed += 1
        said = re.search(r"^X-LIC-LOCATION:(.+)$", text, re.MULTILINE)
        named = self._by_name(said[1].strip()) if said else None
        return named or self._by_behaviour(text)

    def _by_behaviour(self, text: str) -> ZoneInfo | None:
        try:
            defined = dateutil.tz.tzical(io.StringIO(text)).get()
            if defined is None:
                return None
            offsets = dict(_offsets(defined, self.now.year))
        except (ValueError, OverflowError, AttributeError, TypeError):
            return None
        return next((zone for zone in self._candidates() if _behaves(zone, offsets)), None)

    def _candidates(self) -> Iterator[ZoneInfo]:
        yield self.own
        yield from (ZoneInfo(name) for name in sorted(_known().values()) if "/" in name)


@lru_cache(maxsize=1)
def _known() -> dict[str, str]:
    return {name.lower(): name for name in available_timezones() if name != "localtime"}


def _names(text: str) -> list[str]:
    """Its name; a comma in it is written otherwise here than where it is used."""
    found = re.findall(r"^TZID:(.+?)\r?$", text, re.MULTILINE)
    return [name.strip().replace("\\,", ",") for name in found]


def _is_simple(text: str) -> bool:
    """Whether working it out takes next to no time."""
    rules = re.findall(r"^RRULE.*?(?=\r?$)", text, re.MULTILINE)
    return len(text) <= LONGEST and all(SIMPLE_RULE.match(rule) for rule in rules)


def _offsets(zone: tzinfo, year: int) -> Iterator[tuple[datetime, timedelta | None]]:
    """Each day's offset through two years, and each hour's of a day on which it changes."""
    day = datetime(year, 1, 1, tzinfo=UTC)
    before = _offset(zone, day)
    while day.year < year + 2:
        after = _offset(zone, day + timedelta(days=1))
        yield day, before
        if after != before:
            hours = (day + timedelta(hours=hour) for hour in range(24))
            yield from ((hour, _offset(zone, hour)) for hour in hours)
        day, before = day + timedelta(days=1), after


def _offset(zone: tzinfo, instant: datetime) -> timedelta | None:
    return instant.astimezone(zone).utcoffset()


def _behaves(zone: ZoneInfo, offsets: dict[datetime, timedelta | None]) -> bool:
    return all(_offset(zone, instant) == offset for instant, offset in offsets.items())
