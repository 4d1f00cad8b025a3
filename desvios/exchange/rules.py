"""Repetitions of other producers: checked, and written in the form that ``series`` keeps. Pure."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import dateutil.rrule
from django.utils.translation import gettext as _

from desvios.exchange.unsuitable import Unsuitable

UNITS = {
    "DAILY": timedelta(days=1),
    "WEEKLY": timedelta(days=7),
    "MONTHLY": timedelta(days=31),
    "YEARLY": timedelta(days=366),
}
PARTS = {
    "FREQ",
    "INTERVAL",
    "COUNT",
    "UNTIL",
    "BYDAY",
    "BYMONTHDAY",
    "BYMONTH",
    "BYSETPOS",
    "BYYEARDAY",
    "BYWEEKNO",
    "WKST",
}
MAX_COUNT = 5_000
MAX_INTERVAL = 1_000
MAX_LENGTH = 400
LAST = date(2100, 12, 31)
"""An end later than this is none."""

LATE = 9_956
FOR_EVER = datetime(9000, 1, 1, tzinfo=UTC)
RARELY = 8
"""How many times longer than its unit a rule may wait: 29 February can take eight years."""


def clean_rule(event: Any, start: date, own: ZoneInfo) -> str:
    """The rule of an event as text, ``""`` for none. Raises ``Unsuitable``."""
    if "EXRULE" in event:
        raise Unsuitable(_("Usa una regla de excepciones (EXRULE), que no se admite."))
    if "RRULE" not in event:
        return ""
    rule = event["RRULE"]
    if {part.upper() for part in rule} - PARTS or rule.get("FREQ", [""])[0] not in UNITS:
        raise Unsuitable(_("Se repite de una forma que no se admite, como varias veces al día."))
    _check_numbers(rule)
    _set_until(rule, start, own)
    text: str = rule.to_ical().decode()
    if len(text) > MAX_LENGTH:
        raise Unsuitable(_("Su repetición es demasiado larga."))
    _check_happens(text, start)
    return text


def last_end(rule: str, end: datetime) -> datetime:
    """When the last occurrence has surely ended, if the first one ends at ``end``."""
    if not rule:
        return end
    parts = dict(part.split("=", 1) for part in rule.split(";"))
    if "UNTIL" in parts:
        until = parts["UNTIL"]
        day = datetime(int(until[:4]), int(until[4:6]), int(until[6:8]), tzinfo=UTC)
        return day + timedelta(days=402)
    if "COUNT" in parts:
        filters = {part for part in parts if part.startswith("BY")}
        is_plain = not filters or (filters == {"BYDAY"} and parts["FREQ"] == "WEEKLY")
        unit = UNITS[parts["FREQ"]] * (2 if parts["FREQ"] in {"DAILY", "WEEKLY"} else RARELY)
        longest = unit if is_plain else RARELY * UNITS["YEARLY"]
        try:
            return end + longest * int(parts.get("INTERVAL", 1)) * int(parts["COUNT"])
        except OverflowError:
            return FOR_EVER
    return FOR_EVER


def _check_numbers(rule: Any) -> None:
    count, interval = rule.get("COUNT", [1]), rule.get("INTERVAL", [1])
    if ("COUNT" in rule and "UNTIL" in rule) or len(count) != 1 or len(interval) != 1:
        raise Unsuitable(_("Está mal escrito."))
    if not 1 <= count[0] <= MAX_COUNT:
        raise Unsuitable(_("Se repite demasiadas veces (más de %d).") % MAX_COUNT)
    if not 1 <= interval[0] <= MAX_INTERVAL:
        raise Unsuitable(_("El intervalo de su repetición no se admite."))


def _set_until(rule: Any, start: date, own: ZoneInfo) -> None:
    """UNTIL in the kind that the start asks for (RFC 5545, 3.3.10), as producers mix them."""
    until = rule.get("UNTIL", [None])[0]
    if until is None:
        return
    if until.year > LAST.year:
        del rule["UNTIL"]
        return
    rule["UNTIL"] = [_until(until, start, own)]
    if _plain(rule["UNTIL"][0], start) < _plain(start, start):
        raise Unsuitable(_("Su repetición termina antes de empezar."))


def _until(until: Any, start: date, own: ZoneInfo) -> date:
    if not isinstance(start, datetime):
        if not isinstance(until, datetime):
            day: date = until
            return day
        return until.date() if until.time() == time() else _zoned(until, own).astimezone(own).date()
    zone = start.tzinfo
    if not isinstance(until, datetime):
        until = datetime.combine(until, time(23, 59, 59), zone)
    return _zoned(until, zone).astimezone(UTC)


def _zoned(moment: datetime, zone: Any) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _plain(moment: date, start: date) -> datetime:
    """The time on the clock at the start's place."""
    if not isinstance(moment, datetime):
        return datetime.combine(moment, time())
    zone = getattr(start, "tzinfo", None)
    return moment.astimezone(zone).replace(tzinfo=None) if zone else moment.replace(tzinfo=None)


def _check_happens(text: str, start: date) -> None:
    """Refuse what does not take place in forty years: every look at it would search for longer.

    The search begins near the end of time, so that it is short, in a year that is as far from a
    leap year.
    """
    parts = [part for part in text.split(";") if not part.startswith(("UNTIL=", "COUNT="))]
    late = start.year + (LATE - start.year) // 4 * 4
    shifted = _plain(start, start).replace(year=late)
    if next(iter(dateutil.rrule.rrulestr(";".join(parts), dtstart=shifted)), None) is None:
        raise Unsuitable(_("Su repetición no se cumple nunca."))
