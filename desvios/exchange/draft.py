"""An event that came from another calendar and is not stored yet. Pure."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b

import icalendar

from desvios.calendar import series
from desvios.calendar.series import Content
from desvios.exchange.rules import last_end


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One VEVENT: a master, or an override where ``original`` names an occurrence.

    ``removed`` and ``added`` are EXDATE and RDATE; ``periods`` are those of the latter that end at
    a time of their own.
    """

    content: Content
    original: date | None = None
    removed: tuple[date, ...] = ()
    added: tuple[date, ...] = ()
    periods: tuple[tuple[date, date], ...] = ()
    sequence: int = 0
    cancelled: bool = False
    busy: bool = True
    enabled: bool = True
    skip_holidays: bool | None = None
    """``None`` where nothing is said of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One event or series with its overrides, not yet stored."""

    uid: str
    master: Part
    overrides: tuple[Part, ...] = ()

    @property
    def is_series(self) -> bool:
        """Whether it takes place more than once."""
        return bool(self.master.content.rule or self.master.added)

    def ical(self, destination: str, *, keep_own: bool = False) -> str:
        """The text to store. With ``keep_own``, what the file says of destinations goes first."""
        calendar = icalendar.Calendar()
        calendar.add("version", "2.0")
        calendar.add("prodid", series.PRODUCT)
        for part in (self.master, *self.overrides):
            calendar.add_component(self._component(part, destination, keep_own))
        text: str = calendar.to_ical().decode()
        return text

    def is_over(self, now: datetime) -> bool:
        """Whether nothing of it is to come, as far as can be told without counting."""
        parts = [each.content for each in (self.master, *self.overrides)]
        length = series.instant(parts[0].end, UTC) - series.instant(parts[0].start, UTC)
        ends = [series.instant(each.end, UTC) for each in parts]
        ends += [series.instant(each, UTC) + length for each in self.master.added]
        ends.append(last_end(parts[0].rule, ends[0]))
        return max(ends) < now - timedelta(days=1)

    def own_destinations(self) -> set[str]:
        """Where the file itself sends calls."""
        return {each.content.destination for each in (self.master, *self.overrides)} - {""}

    def _component(self, part: Part, destination: str, keep_own: bool) -> icalendar.Event:
        own = part.content.destination or self.master.content.destination
        to = own if keep_own and own else destination
        event = series.component(self.uid, replace(part.content, destination=to))
        if part.original is not None:
            event.add("recurrence-id", part.original)
        for moment in part.removed:
            event.add("exdate", moment)
        for moment in part.added:
            event.add("rdate", moment)
        return event


def digest(text: str) -> str:
    """A short name for something long."""
    return blake2b(text.encode(errors="replace"), digest_size=16).hexdigest()
