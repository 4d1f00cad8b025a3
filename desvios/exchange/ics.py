"""Calendars of other producers, read into events as ``series`` keeps them. Pure.

Each event is taken whole or refused with the reason. Rules are those of RFC 5545 for what is
wanted here: when it takes place, how it repeats, and whether one is busy meanwhile.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from time import thread_time
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
from django.utils.translation import gettext as _

from desvios.calendar import series
from desvios.calendar.series import Content
from desvios.exchange.draft import Draft, Part, digest
from desvios.exchange.ics_lines import NotReadable, split
from desvios.exchange.unsuitable import Unsuitable
from desvios.exchange.vevent import LONGEST, Reader, aligned, is_in_bounds, title_of, uid_of
from desvios.exchange.zones import Zones

PATIENCE = 1.8
"""Seconds of work that a whole calendar may cost; an honest one costs a fraction."""

PERIODS: Any = icalendar.vPeriod.from_ical


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
    reader = Reader(Zones(components.zones, zone, now), zone)
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
        reading.drafts.extend(_busy_times(components.busy, zone))
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
    reader: Reader, text: str, by_uid: dict[str, list[Part]], faulty: dict[str, Refusal]
) -> None:
    """Read one event. A fault in a part of a series is a fault of the series."""
    try:
        event: Any = icalendar.Event.from_ical(text)
    except (ValueError, IndexError, KeyError, TypeError):
        faulty[f"#{len(faulty)}"] = Refusal(_("(sin título)"), _("Está mal escrito."))
        return
    uid = uid_of(event, text)
    try:
        by_uid.setdefault(uid, []).append(reader.part(event))
    except Unsuitable as wrong:
        faulty.setdefault(uid, Refusal(title_of(event), str(wrong)))
    except (ValueError, ArithmeticError, LookupError, TypeError, AttributeError):
        faulty.setdefault(uid, Refusal(title_of(event), _("Está mal escrito.")))


def _busy_times(texts: Iterable[str], zone: ZoneInfo) -> Iterator[Draft]:
    """What a free/busy list (RFC 5545, 3.6.4) says, as events."""
    for text in texts:
        for kind, start, end in _periods(text):
            if kind == "FREE" or not is_in_bounds(start) or not start < end <= start + LONGEST:
                continue
            content = Content(
                title=_("Ocupado"),
                start=start.astimezone(zone),
                end=end.astimezone(zone),
                destination="",
            )
            yield Draft(uid=digest(f"{start} {end}"), master=Part(content=content))


def _assemble(uid: str, parts: list[Part], busy_only: bool) -> Iterator[Draft]:
    """One event from its master and overrides; overrides without a master stand alone."""

    def is_wanted(part: Part) -> bool:
        return not part.cancelled and (not busy_only or (part.busy and part.enabled))

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
        replace(each, original=aligned(each.original, start, own or UTC))
        for each in latest.values()
        if each.original is not None
    ]
    known = {each.original for each in named}
    named += [_as_override(master, *each) for each in master.periods if each[0] not in known]
    gone = [each.original for each in named if not is_wanted(each) and each.original is not None]
    yield Draft(
        uid=uid,
        master=replace(master, removed=tuple(dict.fromkeys((*master.removed, *gone)))),
        overrides=tuple(each for each in named if is_wanted(each)),
    )


def _as_override(master: Part, start: date, end: date) -> Part:
    """An extra date with its own end: the series there, but for that."""
    return Part(content=replace(master.content, start=start, end=end, rule=""), original=start)


def _alone(uid: str, part: Part) -> Draft:
    return Draft(uid=digest(f"{uid} {part.original}"), master=replace(part, original=None))


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
