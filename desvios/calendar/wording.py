"""Repetitions, stretches of time and moments in words."""

from datetime import date, datetime, timedelta, tzinfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from desvios.calendar.repetition import WEEKDAYS, Kind, Repetition
from portal import dates

WEEKDAY_NAMES = {
    "MO": lambda: _("lunes"),
    "TU": lambda: _("martes"),
    "WE": lambda: _("miércoles"),
    "TH": lambda: _("jueves"),
    "FR": lambda: _("viernes"),
    "SA": lambda: _("sábado"),
    "SU": lambda: _("domingo"),
}

NTH_NAMES = {
    1: lambda: _("primer"),
    2: lambda: _("segundo"),
    3: lambda: _("tercer"),
    4: lambda: _("cuarto"),
    -1: lambda: _("último"),
}

WORKDAYS = WEEKDAYS[:5]


def repetition_in_words(repetition: Repetition, start: date, *, skip_holidays: bool = False) -> str:
    """``Cada martes y jueves, hasta el 31 dic 2026, salvo festivos``."""
    words = _FREQUENCY_WORDS[repetition.kind](repetition, start)
    if repetition.until:
        words += _(", hasta el %(day)s") % {"day": day_and_year(repetition.until)}
    elif repetition.count:
        words += ngettext(", %(n)d vez", ", %(n)d veces", repetition.count) % {
            "n": repetition.count
        }
    return words + (_(", salvo festivos") if skip_holidays else "")


def _once(repetition: Repetition, start: date) -> str:
    return _("Una sola vez")


def _daily(repetition: Repetition, start: date) -> str:
    return ngettext("Cada día", "Cada %(n)d días", repetition.every) % {"n": repetition.every}


def _weekly(repetition: Repetition, start: date) -> str:
    days = repetition.weekdays or (WEEKDAYS[start.weekday()],)
    if repetition.every == 1 and tuple(days) == WORKDAYS:
        return _("De lunes a viernes")
    names = get_text_list([WEEKDAY_NAMES[day]() for day in WEEKDAYS if day in days], _("y"))
    return ngettext("Cada %(days)s", "Cada %(n)d semanas, el %(days)s", repetition.every) % {
        "n": repetition.every,
        "days": names,
    }


def _monthly_by_date(repetition: Repetition, start: date) -> str:
    words = ngettext(
        "El día %(day)d de cada mes", "El día %(day)d cada %(n)d meses", repetition.every
    ) % {"n": repetition.every, "day": start.day}
    return words + (_(" que lo tiene") if start.day > 28 else "")


def _monthly_by_weekday(repetition: Repetition, start: date) -> str:
    return ngettext(
        "El %(nth)s %(weekday)s de cada mes",
        "El %(nth)s %(weekday)s cada %(n)d meses",
        repetition.every,
    ) % {
        "n": repetition.every,
        "nth": NTH_NAMES[repetition.nth](),
        "weekday": WEEKDAY_NAMES[repetition.weekday](),
    }


def _yearly(repetition: Repetition, start: date) -> str:
    return ngettext("Cada año, el %(day)s", "Cada %(n)d años, el %(day)s", repetition.every) % {
        "n": repetition.every,
        "day": dates.written(start, dates.LONG),
    }


def _other(repetition: Repetition, start: date) -> str:
    return _("Se repite de otra manera, como vino de otro calendario")


_FREQUENCY_WORDS = {
    Kind.NONE: _once,
    Kind.DAILY: _daily,
    Kind.WEEKLY: _weekly,
    Kind.MONTHLY_BY_DATE: _monthly_by_date,
    Kind.MONTHLY_BY_WEEKDAY: _monthly_by_weekday,
    Kind.YEARLY: _yearly,
    Kind.OTHER: _other,
}


def day_and_year(day: date) -> str:
    """``31 dic 2026``."""
    return dates.written(day, dates.SHORT_WITH_YEAR)


def day_in_words(day: date, today: date) -> str:
    """``martes 24 nov``, with the year where it is not this one."""
    form = dates.WEEKDAY if day.year == today.year else dates.WEEKDAY_WITH_YEAR
    return dates.written(day, form)


def hour_in_words(at: datetime) -> str:
    """``las 18:00``, ``la 1:00``, ``medianoche``; ``at`` is local."""
    if not (at.hour or at.minute):
        return _("medianoche")
    text = date_format(at, "G:i")
    return (_("la %s") if at.hour == 1 else _("las %s")) % text


def span_in_words(start: datetime, end: datetime, zone: tzinfo, today: date) -> str:
    """``martes 24 nov, 15:00–19:00``; ``martes 24 nov, todo el día``; with both days if it takes
    more than one."""
    start, end = start.astimezone(zone), end.astimezone(zone)
    first, last = start.date(), (end - timedelta(seconds=1)).date()
    whole = not any((start.hour, start.minute, end.hour, end.minute))
    if first == last:
        hours = _("todo el día") if whole else f"{start:%H:%M}–{_end_of_day(end, first)}"
        return f"{day_in_words(first, today)}, {hours}"
    if whole:
        return f"{day_in_words(first, today)} – {day_in_words(last, today)}"
    days = day_in_words(first, today), day_in_words(end.date(), today)
    return f"{days[0]}, {start:%H:%M} – {days[1]}, {end:%H:%M}"


def _end_of_day(end: datetime, day: date) -> str:
    return f"{end:%H:%M}" if end.date() == day else "24:00"


def until_in_words(end: datetime, now: datetime) -> str:
    """``hasta las 18:00``, ``hasta mañana a las 8:00``, ``hasta el viernes 27 nov a las 9:00``."""
    local, today = timezone.localtime(end), timezone.localdate(now)
    if local.date() == today:
        return _("hasta %(hour)s") % {"hour": hour_in_words(local)}
    if not (local.hour or local.minute) and local.date() == today + timedelta(days=1):
        return _("hasta medianoche")
    return _("hasta %(day)s a %(hour)s") % {
        "day": near_day(local.date(), today),
        "hour": hour_in_words(local),
    }


def at_in_words(start: datetime, now: datetime) -> str:
    """``a las 14:00``, ``mañana a las 9:00``, ``el lunes 30 nov a las 9:00``."""
    local, today = timezone.localtime(start), timezone.localdate(now)
    if local.date() == today:
        return _("a %(hour)s") % {"hour": hour_in_words(local)}
    return _("%(day)s a %(hour)s") % {
        "day": near_day(local.date(), today),
        "hour": hour_in_words(local),
    }


def near_day(day: date, today: date) -> str:
    """``hoy``, ``mañana``, ``el viernes 27 nov``."""
    near = {0: pgettext("día", "hoy"), 1: pgettext("día", "mañana")}
    days = (day - today).days
    return near[days] if days in near else _("el %s") % day_in_words(day, today)
