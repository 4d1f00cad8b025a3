"""What the form of an event shows before anything is typed."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy

from desvios.calendar.repetition import WEEKDAYS, from_rule
from desvios.calendar.series import Content
from portal import phone
from portal.pbx.types import VOICEMAIL

ZONES = {
    "Europe/Madrid": gettext_lazy("Península y Baleares"),
    "Atlantic/Canary": gettext_lazy("Canarias"),
    "Europe/London": gettext_lazy("Londres, Lisboa"),
    "Europe/Paris": gettext_lazy("París, Berlín, Roma"),
    "Europe/Athens": gettext_lazy("Atenas, Bucarest"),
    "America/New_York": gettext_lazy("Nueva York"),
    "America/Mexico_City": gettext_lazy("Ciudad de México"),
    "America/Bogota": gettext_lazy("Bogotá, Lima"),
    "America/Argentina/Buenos_Aires": gettext_lazy("Buenos Aires"),
    "America/Los_Angeles": gettext_lazy("Los Ángeles"),
    "Asia/Tokyo": gettext_lazy("Tokio"),
    "UTC": gettext_lazy("Hora universal (UTC)"),
}

NEVER, ON_DAY, AFTER = "never", "until", "count"
TO_NUMBER = "number"


def zone_name(name: str) -> str:
    """A zone as people call it."""
    return str(ZONES.get(name, name.rsplit("/", maxsplit=1)[-1].replace("_", " ")))


def zone_choices(own: str, also: str = "") -> list[tuple[str, Any]]:
    """The person's own zone first; ``also`` is one that an event already has."""
    names = list(dict.fromkeys([own, *ZONES, *([also] if also else [])]))
    return [(name, zone_name(name)) for name in names]


def initial_of(content: Content, own: str, *, enabled: bool, skip_holidays: bool) -> dict[str, Any]:
    """The values of the form's fields for an event; ``own`` is the zone where it names none."""
    repetition = from_rule(content.rule, content.start)
    is_number = content.destination != VOICEMAIL
    return {
        "title": content.title,
        **_initial_times(content, own),
        "to": TO_NUMBER if is_number else VOICEMAIL,
        "number": phone.display(content.destination, settings.PHONE_REGION) if is_number else "",
        "enabled": enabled,
        "repeat": repetition.kind.value,
        "every": repetition.every,
        "weekdays": repetition.weekdays or [WEEKDAYS[content.start.weekday()]],
        "nth": repetition.nth,
        "weekday": repetition.weekday,
        "ends": ON_DAY if repetition.until else AFTER if repetition.count else NEVER,
        "until": repetition.until,
        "count": repetition.count,
        "skip_holidays": skip_holidays,
    }


def _initial_times(content: Content, own: str) -> dict[str, Any]:
    start, end = content.start, content.end
    if isinstance(start, datetime) and isinstance(end, datetime):
        zone = getattr(start.tzinfo, "key", "UTC" if start.tzinfo else own)
        return {
            "all_day": False,
            "start_date": start.date(),
            "start_time": start.time(),
            "end_date": end.date(),
            "end_time": end.time(),
            "zone": zone,
        }
    last = end - timedelta(days=1)
    return {"all_day": True, "start_date": start, "end_date": last, "zone": own}


def initial_of_new(
    first: datetime, last: datetime | None, destination: str, *, all_day: bool = False
) -> dict[str, Any]:
    """The values for an event that is not there yet; without ``last`` it takes an hour."""
    last = last or first + timedelta(hours=1)
    content = Content(title="", start=first, end=last, destination=destination)
    own = getattr(first.tzinfo, "key", "UTC")
    shown = initial_of(content, own, enabled=True, skip_holidays=False)
    return {**shown, "all_day": all_day, "weekdays": [], "weekday": WEEKDAYS[first.weekday()]}
