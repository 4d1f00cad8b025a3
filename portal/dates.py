"""How days are written: the parts, their order and the capitals are each language's own.

The forms are Django's (docs.djangoproject.com, ``date`` among the template filters).
"""

from datetime import date

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext_lazy

CAPITALS = {"en"}
"""Languages that write months and days of the week with a capital; Django does in more."""

SHORT = pgettext_lazy("fecha", "j M")
SHORT_WITH_YEAR = pgettext_lazy("fecha", "j M Y")
WEEKDAY = pgettext_lazy("fecha", "l j M")
WEEKDAY_WITH_YEAR = pgettext_lazy("fecha", "l j M Y")
LONG = pgettext_lazy("fecha", r"j \d\e F")
LONG_WITH_YEAR = pgettext_lazy("fecha", r"j \d\e F \d\e Y")
LONG_WITH_WEEKDAY = pgettext_lazy("fecha", r"l j \d\e F \d\e Y")
MONTH = pgettext_lazy("fecha", r"F \d\e Y")

WITHIN_A_MONTH = (
    pgettext_lazy("de un día a otro del mismo mes: el primero", "j"),
    pgettext_lazy("de un día a otro del mismo mes: el último", r"j \d\e F \d\e Y"),
)
ACROSS_MONTHS = (
    pgettext_lazy("de un día a otro de otro mes: el primero", r"j \d\e F"),
    pgettext_lazy("de un día a otro de otro mes: el último", r"j \d\e F \d\e Y"),
)


def written(day: date, form: str | Promise) -> str:
    """The day, or moment in local time, in the language that is spoken now."""
    words = date_format(day, str(form))
    return words if get_language() in CAPITALS else words.lower()
