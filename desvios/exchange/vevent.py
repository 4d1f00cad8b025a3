"""One VEVENT of another calendar: when it takes place, or why it is not taken. Pure."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from desvios.calendar import series
from desvios.calendar.series import DESTINATION, Content
from desvios.exchange.draft import Part, digest
from desvios.exchange.ics_lines import ENABLED, PAUSED, SKIP_HOLIDAYS, WHOLLY
from desvios.exchange.rules import clean_rule
from desvios.exchange.unsuitable import Unsuitable
from desvios.exchange.zones import Zones

FIRST_YEAR, LAST_YEAR = 1990, 2100
LONGEST = timedelta(days=400)
MAX_TITLE = 120
MAX_UID = 200
MAX_DATES = 1_000
SKIPS = {"TRUE": True, "FALSE": False}
PRECISELY_ONE = ("DTSTART", "DTEND", "DURATION", "RRULE", "RECURRENCE-ID")


class Reader:
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
        extra = [
            (aligned(first, start, self.own), last) for first, last in self._dates(event, "RDATE")
        ]
        added = [first for first, _last in extra]
        gone = [aligned(each, start, self.own) for each, _end in self._dates(event, "EXDATE")]
        if len(added) + len(gone) > MAX_DATES:
            raise Unsuitable(_("Tiene demasiadas fechas sueltas."))
        content = Content(
            title=title_of(event),
            start=start,
            end=end,
            destination=_destination(event),
            rule=clean_rule(event, start, self.own) if original is None else "",
        )
        return Part(
            content=content,
            original=original,
            removed=_without(gone, _paused(event)),
            added=tuple(dict.fromkeys(each for each in added if each != start)),
            periods=tuple((first, _checked_end(first, last)) for first, last in extra if last),
            sequence=_sequence(event),
            cancelled=_is_cancelled(event),
            busy=_says(event, "TRANSP") != "TRANSPARENT",
            enabled=_is_enabled(event),
            skip_holidays=SKIPS.get(_says(event, SKIP_HOLIDAYS)),
        )

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

    def _dates(self, event: Any, name: str) -> Iterator[tuple[date, date | None]]:
        """The moments of RDATE and EXDATE; of a period both its ends."""
        listed = event.get(name, [])
        for each in listed if isinstance(listed, list) else [listed]:
            zone = each.params.get("TZID", "")
            for moment in each.dts:
                if not isinstance(moment.dt, tuple):
                    yield self._placed(moment.dt, zone), None
                    continue
                start, end = self._placed(moment.dt[0], zone), moment.dt[1]
                is_length = isinstance(end, timedelta)
                yield start, _after(start, end) if is_length else self._placed(end, zone)

    def _moment(self, value: Any) -> date:
        """What a property says: a day, or a time with its zone, within bounds."""
        return self._placed(value.dt, value.params.get("TZID", ""))

    def _placed(self, moment: Any, name: str) -> date:
        """A day as it is; a time in the zone of that name, or in UTC, or in the own one."""
        if not is_in_bounds(moment):
            raise Unsuitable(_("Su fecha queda fuera de los años 1990 a 2100."))
        if not isinstance(moment, datetime):
            day: date = moment
            return day
        if moment.tzinfo and str(moment.tzinfo) == "UTC":
            return moment.replace(tzinfo=UTC)
        zone = self.zones.find(name) if name else self.own
        if zone is None:
            raise Unsuitable(_("Su zona horaria no se conoce: «%s».") % name[:60])
        return moment.replace(tzinfo=zone)


def aligned(moment: Any, start: date, own: Any) -> date:
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
    """The end in the zone of the start. Raises ``Unsuitable`` unless it comes after it.

    Where clocks are put forward a time may last nothing that is written with a later end.
    """
    low, high = series.instant(start, UTC), series.instant(end, UTC)
    if high <= low and not _is_later_on_the_clock(start, end):
        raise Unsuitable(_("Termina antes de empezar, o no dura nada."))
    if high - low > LONGEST:
        raise Unsuitable(_("Dura más de un año."))
    if isinstance(start, datetime) and isinstance(end, datetime):
        return end.astimezone(start.tzinfo)
    return end


def _is_later_on_the_clock(start: date, end: date) -> bool:
    if not (isinstance(start, datetime) and isinstance(end, datetime)):
        return False
    return start.tzinfo is end.tzinfo and end.replace(tzinfo=None) > start.replace(tzinfo=None)


def is_in_bounds(moment: Any) -> bool:
    """Whether it lies in the years that this calendar is about."""
    return isinstance(moment, date) and FIRST_YEAR <= moment.year <= LAST_YEAR


def title_of(event: Any) -> str:
    """What a person sees of it, on one line."""
    found = event.get("SUMMARY", "")
    text = str(found[0] if isinstance(found, list) else found)
    shown = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(shown.split())[:MAX_TITLE] or _("(sin título)")


def uid_of(event: Any, text: str) -> str:
    """Its UID, or a name made up from what it says."""
    uid = str(event.get("UID", "")).strip()
    fits = uid.isprintable() and 0 < len(uid) <= MAX_UID
    return uid if fits else digest(uid or text)


def _without(moments: list[date], paused: set[str]) -> tuple[date, ...]:
    """Each once, but for those that only a holiday excepts."""
    return tuple(each for each in dict.fromkeys(moments) if each.isoformat() not in paused)


def _is_enabled(event: Any) -> bool:
    return _says(event, ENABLED) != "FALSE"


def _is_cancelled(event: Any) -> bool:
    """Our own export cancels for others what is only switched off, or on a holiday."""
    said = _says(event, "STATUS") == "CANCELLED"
    return said and _is_enabled(event) and WHOLLY not in _paused(event)


def _paused(event: Any) -> set[str]:
    """The exceptions that are there because of a holiday only; our import knows holidays itself."""
    listed = event.get(PAUSED, [])
    return {str(each) for each in (listed if isinstance(listed, list) else [listed])}


def _destination(event: Any) -> str:
    return str(event.get(DESTINATION, ""))[:40]


def _sequence(event: Any) -> int:
    said = event.get("SEQUENCE", 0)
    return said if isinstance(said, int) else 0


def _says(event: Any, name: str) -> str:
    return str(event.get(name, "")).strip().upper()
