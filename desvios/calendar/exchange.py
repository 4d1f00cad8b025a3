"""Calendars of other producers, read into events as ``series`` keeps them. Pure.

Each event is taken whole or refused with the reason. Rules are those of RFC 5545 for what is
wanted here: when it takes place, how it repeats, and whether one is busy meanwhile.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from hashlib import blake2b
from time import thread_time
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
from django.utils.translation import gettext as _

from desvios.calendar import series
from desvios.calendar.ics_lines import NotReadable, split
from desvios.calendar.rules import clean_rule, last_end
from desvios.calendar.series import DESTINATION, Content
from desvios.calendar.unsuitable import Unsuitable
from desvios.calendar.zones import Zones

FIRST_YEAR, LAST_YEAR = 1990, 2100
LONGEST = timedelta(days=400)
MAX_TITLE = 120
MAX_UID = 200
MAX_DATES = 1_000
PATIENCE = 1.8
"""Seconds of work that a whole calendar may cost; an honest one costs a fraction."""

PERIODS: Any = icalendar.vPeriod.from_ical
PRECISELY_ONE = ("DTSTART", "DTEND", "DURATION", "RRULE", "RECURRENCE-ID")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One VEVENT: a master, or an override where ``original`` names an occurrence."""

    content: Content
    original: date | None = None
    removed: tuple[date, ...] = ()
    added: tuple[date, ...] = ()
    sequence: int = 0
    cancelled: bool = False
    busy: bool = True


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


@dataclass(frozen=True, slots=True)
class Refusal:
    """An event that is not taken, and why."""

    title: str
    reason: str


@dataclass(slots=True)
class Reading:
    """What a file holds."""

    drafts: list[Draft] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)


def read(data: bytes, zone: ZoneInfo, now: datetime, *, busy_only: bool = False) -> Reading:
    """The events of a calendar; ``zone`` is for times that name none.

    With ``busy_only``, what leaves one free is left out, and free/busy lists count as events.
    Raises ``NotReadable`` where the file as a whole cannot be taken.
    """
    components, began = split(data), thread_time()
    reader = _Reader(Zones(components.zones, zone, now), zone)
    reading, by_uid = Reading(), dict[str, list[Part]]()
    faulty: dict[str, Refusal] = {}
    for text in components.events:
        if thread_time() - began > PATIENCE:
            raise NotReadable(_("El calendario es demasiado complicado."))
        _take(reader, text, by_uid, faulty)
    for uid, parts in by_uid.items():
        if uid not in faulty:
            reading.drafts.extend(_assemble(uid, parts, busy_only))
    if busy_only:
        reading.drafts.extend(reader.busy_times(components.busy))
    reading.refusals.extend(faulty.values())
    return reading


def holidays(data: bytes, first: date, last: date) -> list[tuple[date, str]]:
    """The days that a calendar of holidays names between two days, both included.

    Raises ``NotReadable`` where it cannot be taken as a whole, also if one of its events cannot.
    """
    zone = ZoneInfo("UTC")
    reading = read(data, zone, datetime.combine(first, time(), UTC))
    if reading.refusals:
        wrong = reading.refusals[0]
        raise NotReadable(f"{wrong.title}: {wrong.reason}")
    low = datetime.combine(first, time(), UTC)
    high = datetime.combine(last + timedelta(days=1), time(), UTC)
    days = {
        day: each.title
        for draft in reading.drafts
        for each in series.occurrences(draft.ical(""), low, high, zone)
        for day in _days(each.start.date(), (each.end - timedelta(seconds=1)).date())
        if first <= day <= last
    }
    return sorted(days.items())


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def _take(
    reader: "_Reader", text: str, by_uid: dict[str, list[Part]], faulty: dict[str, Refusal]
) -> None:
    """Read one event. A fault in a part of a series is a fault of the series."""
    try:
        event: Any = icalendar.Event.from_ical(text)
    except (ValueError, IndexError, KeyError, TypeError):
        faulty[f"#{len(faulty)}"] = Refusal(_("(sin título)"), _("Está mal escrito."))
        return
    uid = _uid(event, text)
    try:
        by_uid.setdefault(uid, []).append(reader.part(event))
    except Unsuitable as wrong:
        faulty.setdefault(uid, Refusal(_title(event), str(wrong)))
    except (ValueError, OverflowError, TypeError, AttributeError):
        faulty.setdefault(uid, Refusal(_title(event), _("Está mal escrito.")))


class _Reader:
    """Reads single events, with the zones of their calendar."""

    def __init__(self, zones: Zones, own: ZoneInfo) -> None:
        self.zones = zones
        self.own = own

    def part(self, event: Any) -> Part:
        """One VEVENT. Raises ``Unsuitable``."""
        if event.errors or any(isinstance(event.get(name), list) for name in PRECISELY_ONE):
            raise Unsuitable(_("Está mal escrito."))
        if "DTSTART" not in event:
            raise Unsuitable(_("No dice cuándo empieza."))
        original = self._original(event)
        start = self._moment(event["DTSTART"])
        repeats = "RRULE" in event or "RDATE" in event
        if isinstance(start, datetime) and start.tzinfo == UTC and not repeats and not original:
            start = start.astimezone(self.own)
        end = self._end(event, start)
        added = tuple(_aligned(each, start, self.own) for each in self._dates(event, "RDATE"))
        removed = tuple(_aligned(each, start, self.own) for each in self._dates(event, "EXDATE"))
        if len(added) + len(removed) > MAX_DATES:
            raise Unsuitable(_("Tiene demasiadas fechas sueltas."))
        content = Content(
            title=_title(event),
            start=start,
            end=end,
            destination=_destination(event),
            rule=clean_rule(event, start, self.own) if original is None else "",
        )
        return Part(
            content=content,
            original=original,
            removed=tuple(dict.fromkeys(removed)),
            added=tuple(dict.fromkeys(each for each in added if each != start)),
            sequence=_sequence(event),
            cancelled=_says(event, "STATUS") == "CANCELLED",
            busy=_says(event, "TRANSP") != "TRANSPARENT",
        )

    def busy_times(self, texts: Iterable[str]) -> Iterator[Draft]:
        """What a free/busy list (RFC 5545, 3.6.4) says, as events."""
        for text in texts:
            for kind, start, end in _periods(text):
                if kind == "FREE" or not _in_bounds(start) or not start < end <= start + LONGEST:
                    continue
                content = Content(
                    title=_("Ocupado"),
                    start=start.astimezone(self.own),
                    end=end.astimezone(self.own),
                    destination="",
                )
                yield Draft(uid=digest(f"{start} {end}"), master=Part(content=content))

    def _original(self, event: Any) -> date | None:
        if "RECURRENCE-ID" not in event:
            return None
        if "RANGE" in event["RECURRENCE-ID"].params:
            raise Unsuitable(_("Cambia una serie de una forma que no se entiende aquí."))
        return self._moment(event["RECURRENCE-ID"])

    def _end(self, event: Any, start: date) -> date:
        """DTEND, or what DURATION makes it, or a whole day (RFC 5545, 3.6.1)."""
        timed = isinstance(start, datetime)
        if "DTEND" in event:
            end = self._moment(event["DTEND"])
            if isinstance(end, datetime) is not timed:
                raise Unsuitable(_("Empieza con hora y termina sin ella, o al revés."))
        elif "DURATION" in event:
            end = _after(start, event["DURATION"].dt)
        elif timed:
            raise Unsuitable(_("No dice cuándo termina."))
        else:
            end = start + timedelta(days=1)
        if not timed and end == start:
            end = start + timedelta(days=1)
        return _checked_end(start, end)

    def _dates(self, event: Any, name: str) -> Iterator[Any]:
        """The moments of RDATE and EXDATE; a period is a tuple of both its ends."""
        listed = event.get(name, [])
        for each in listed if isinstance(listed, list) else [listed]:
            if getattr(each, "params", {}).get("VALUE") == "PERIOD":
                # Its own length would make it another event: then it is refused, never bent.
                raise Unsuitable(_("Repite por periodos, cada uno con su duración."))
            for moment in each.dts:
                yield self._moment(moment, each.params)

    def _moment(self, value: Any, params: Any = None) -> date:
        """A day, or a time with its zone, within bounds."""
        moment: Any = value.dt
        if not _in_bounds(moment):
            raise Unsuitable(_("Su fecha queda fuera de los años 1990 a 2100."))
        if not isinstance(moment, datetime):
            day: date = moment
            return day
        if moment.tzinfo and str(moment.tzinfo) == "UTC":
            return moment.replace(tzinfo=UTC)
        name = (value.params or params or {}).get("TZID", "")
        zone = self.zones.find(name) if name else self.own
        if zone is None:
            raise Unsuitable(_("Su zona horaria no se conoce: «%s».") % name[:60])
        return moment.replace(tzinfo=zone)


def _assemble(uid: str, parts: list[Part], busy_only: bool) -> Iterator[Draft]:
    """One event from its master and overrides; overrides without a master stand alone."""

    def is_wanted(part: Part) -> bool:
        return not part.cancelled and (part.busy or not busy_only)

    # Of what a producer sent twice, the latest revision counts (RFC 5545, 3.8.7.4).
    latest: dict[date | None, Part] = {}
    for part in sorted(parts, key=lambda each: each.sequence):
        latest[part.original] = part
    master = latest.pop(None, None)
    if master is None or not is_wanted(master):
        for part in filter(is_wanted, latest.values()):
            if master is None or not master.cancelled:
                yield _alone(uid, part)
        return
    start, own = master.content.start, getattr(master.content.start, "tzinfo", None)
    named = [
        replace(each, original=_aligned(each.original, start, own or UTC))
        for each in latest.values()
        if each.original is not None
    ]
    gone = [each.original for each in named if not is_wanted(each) and each.original is not None]
    yield Draft(
        uid=uid,
        master=replace(master, removed=tuple(dict.fromkeys((*master.removed, *gone)))),
        overrides=tuple(each for each in named if is_wanted(each)),
    )


def _alone(uid: str, part: Part) -> Draft:
    return Draft(uid=digest(f"{uid} {part.original}"), master=replace(part, original=None))


def _aligned(moment: Any, start: date, own: Any) -> date:
    """The moment in the manner of the series' start, as producers mix days, UTC and zones."""
    if isinstance(start, datetime):
        if isinstance(moment, datetime):
            return moment.astimezone(start.tzinfo)
        return datetime.combine(moment, start.time(), start.tzinfo)
    if not isinstance(moment, datetime):
        day: date = moment
        return day
    return moment.date() if moment.time() == time() else moment.astimezone(own).date()


def _after(start: date, length: timedelta) -> date:
    """Days are counted on the calendar, hours exactly (RFC 5545, 3.3.6)."""
    if not isinstance(start, datetime):
        return start + timedelta(days=max(1, length.days))
    days, rest = timedelta(days=length.days), length - timedelta(days=length.days)
    return ((start + days).astimezone(UTC) + rest).astimezone(start.tzinfo)


def _checked_end(start: date, end: date) -> date:
    """The end in the zone of the start. Raises ``Unsuitable`` unless it comes after it."""
    low, high = series.instant(start, UTC), series.instant(end, UTC)
    if high <= low:
        raise Unsuitable(_("Termina antes de empezar, o no dura nada."))
    if high - low > LONGEST:
        raise Unsuitable(_("Dura más de un año."))
    if isinstance(start, datetime) and isinstance(end, datetime):
        return end.astimezone(start.tzinfo)
    return end


def _in_bounds(moment: Any) -> bool:
    return isinstance(moment, date) and FIRST_YEAR <= moment.year <= LAST_YEAR


def _periods(text: str) -> Iterator[tuple[str, datetime, datetime]]:
    """The periods of a free/busy list with their kind; they are always in UTC."""
    for line in re.findall(r"^FREEBUSY.*?(?=\r?$)", text, re.MULTILINE):
        head, _colon, values = line.partition(":")
        kind = re.search(r"FBTYPE=([A-Z-]+)", head.upper())
        for value in values.split(","):
            try:
                start, end = PERIODS(value.strip())
            except ValueError:
                continue
            until = start + end if isinstance(end, timedelta) else end
            if start.tzinfo and until.tzinfo:
                yield kind[1] if kind else "BUSY", start, until


def _title(event: Any) -> str:
    found = event.get("SUMMARY", "")
    text = str(found[0] if isinstance(found, list) else found)
    shown = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(shown.split())[:MAX_TITLE] or _("(sin título)")


def _uid(event: Any, text: str) -> str:
    uid = str(event.get("UID", "")).strip()
    fits = uid.isprintable() and 0 < len(uid) <= MAX_UID
    return uid if fits else digest(uid or text)


def digest(text: str) -> str:
    """A short name for something long."""
    return blake2b(text.encode(errors="replace"), digest_size=16).hexdigest()


def _destination(event: Any) -> str:
    return str(event.get(DESTINATION, ""))[:40]


def _sequence(event: Any) -> int:
    said = event.get("SEQUENCE", 0)
    return said if isinstance(said, int) else 0


def _says(event: Any, name: str) -> str:
    return str(event.get(name, "")).strip().upper()
