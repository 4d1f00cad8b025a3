"""How numbers, moments and lengths are written on every page."""

import re
from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.conf import settings
from django.contrib.messages.storage.base import Message
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from portal import dates, phone

register = template.Library()

SPACE_IN_NUMBER = re.compile(r"(?<=[0-9]) (?=[0-9])")


@register.filter
def telefono(number: str) -> str:
    """The number grouped as people read it, or ``Número oculto`` where there is none."""
    return phone.display(number, settings.PHONE_REGION) if number else _("Número oculto")


@register.filter
def duracion(seconds: int) -> str:
    """``45 s``, ``3 min 12 s``, ``1 h 05 min``; a dash for nothing."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return _("%(hours)d h %(minutes)02d min") % {"hours": hours, "minutes": minutes}
    if minutes:
        return _("%(minutes)d min %(seconds)02d s") % {"minutes": minutes, "seconds": rest}
    return _("%(seconds)d s") % {"seconds": rest} if rest else "—"


@register.filter
def momento(at: datetime) -> str:
    """``hoy, 10:42``, ``ayer, 18:20``, ``21 nov, 13:02``, in local time."""
    return moment_in_words(at, timezone.now())


def moment_in_words(at: datetime, now: datetime) -> str:
    """The same, for a reader at ``now``. Both times are aware."""
    local, today = timezone.localtime(at), timezone.localdate(now)
    return _("%(day)s, %(time)s") % {
        "day": _day(local, today - local.date(), today.year),
        "time": date_format(local, "H:i"),
    }


def _day(local: datetime, ago: timedelta, this_year: int) -> str:
    near = {0: pgettext("día", "hoy"), 1: pgettext("día", "ayer"), -1: pgettext("día", "mañana")}
    if ago.days in near:
        return near[ago.days]
    return dates.written(local, dates.SHORT if local.year == this_year else dates.SHORT_WITH_YEAR)


@register.filter
def dia(day: date, form: str) -> str:
    """The name of the day (``l``, or in short ``D``) as it stands inside a sentence."""
    return dates.written(day, form)


@register.filter
def motivo(reason: str) -> str:
    """A reason that was chosen or written; those that the portal came with are translated."""
    return _(reason) if reason else ""


@register.filter
def lookup(mapping: dict[str, Any], key: str) -> Any:
    """The value of a key that is not known when the template is written, or ``""``."""
    return mapping.get(key, "")


@register.filter
def lower_first(sentence: str) -> str:
    """The sentence as it goes on after a colon."""
    return sentence[:1].lower() + sentence[1:]


@register.filter
def keep_numbers(text: object) -> str:
    """The text with its grouped numbers kept on one line."""
    return SPACE_IN_NUMBER.sub("\u00a0", str(text))


@register.filter
def undo_url(message: Message) -> str:
    """Where this message's action is undone, or ``""``: the address travels in its extra tags."""
    tags = str(message.extra_tags or "")
    return tags if tags.startswith("/") else ""
