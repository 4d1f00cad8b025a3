"""Entries of the log of changes in words: what was there, and what there is since."""

from typing import Any

from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desvios.calendar.series import read
from desvios.models import ForwardingRules
from portal.models import AuditEvent, Subscriber

MOST_LINES, LONGEST_LINE = 6, 90

LABELS = {
    "object": gettext_lazy("qué"),
    "access_code": gettext_lazy("clave de acceso"),
    "password": gettext_lazy("contraseña"),
    "devices": gettext_lazy("teléfonos"),
    "numberpatterns": gettext_lazy("tipos de números"),
    "factors": gettext_lazy("segundo paso y llaves"),
    "sessions": gettext_lazy("sesiones abiertas"),
    "locked": gettext_lazy("bloqueada"),
    "code_locked": gettext_lazy("clave bloqueada en los teléfonos"),
    "queue": gettext_lazy("cola"),
    "paused": gettext_lazy("en pausa"),
    "member": gettext_lazy("en la cola"),
    "reason": gettext_lazy("motivo"),
    "deleted": gettext_lazy("borrado"),
    "import": gettext_lazy("archivo"),
    "added": gettext_lazy("añadidos"),
    "changed": gettext_lazy("cambiados"),
    "user": gettext_lazy("usuario del portal"),
}
"""Names of what is not a field of a model."""

UNSPOKEN = ("access_code", "access_pin", "password")
"""Of which the log says only whether they were changed."""


def before_in_words(event: AuditEvent) -> list[str]:
    """What was there, a line for each thing."""
    return _lines(event, event.before)


def after_in_words(event: AuditEvent) -> list[str]:
    """What there is since."""
    return _lines(event, event.after)


def changes_in_words(event: AuditEvent) -> list[str]:
    """Each thing that is otherwise: what it was, and what it is."""
    if event.action == AuditEvent.Action.CALENDAR:
        pairs = [(event.before.get(uid), event.after.get(uid)) for uid in event.after]
        return [" → ".join(_title(each) if each else "—" for each in pair) for pair in pairs]
    names = [*event.after, *(name for name in event.before if name not in event.after)]
    return [f"{label(name)}: {_change(event, name)}" for name in names]


def _said(name: str, value: Any) -> str:
    return _("cambio que no se muestra") if name in UNSPOKEN else value_in_words(value)


def _change(event: AuditEvent, name: str) -> str:
    if name in UNSPOKEN:
        return _("cambio que no se muestra")
    told = [value_in_words(each[name]) for each in (event.before, event.after) if name in each]
    return " → ".join(dict.fromkeys(told))


def shortened(lines: list[str]) -> list[str]:
    """As much as fits into a row of a list."""
    shown = [Truncator(line).chars(LONGEST_LINE) for line in lines[:MOST_LINES]]
    return [*shown, "…"] if len(lines) > MOST_LINES else shown


def _lines(event: AuditEvent, values: Any) -> list[str]:
    if event.action == AuditEvent.Action.CALENDAR:
        return [_title(value) for value in values.values() if value]
    said = {name: value for name, value in values.items() if name not in UNSPOKEN or value is True}
    return [f"{label(name)}: {_said(name, value)}" for name, value in said.items()]


def _title(value: Any) -> str:
    """What an event of the calendar is called; an own date where it has no title."""
    try:
        return f"«{read(value['ical']).title}»"
    except (KeyError, TypeError, ValueError):
        return value_in_words(value)


def label(name: str) -> str:
    """How a field is called on the pages; its own name where nobody calls it anything."""
    if name in LABELS:
        return str(LABELS[name])
    if name.endswith("_number_enabled"):
        rule = label(name.removesuffix("_enabled"))
        return _("%(rule)s a un número") % {"rule": rule}
    for model in (ForwardingRules, Subscriber):
        for field in model._meta.fields:
            if field.name == name:
                return str(field.verbose_name)
    return name


def value_in_words(value: Any) -> str:
    """Sí, no, a text, or several of them."""
    if isinstance(value, bool):
        return _("Sí") if value else _("No")
    if isinstance(value, list):
        return ", ".join(map(value_in_words, value)) or "—"
    if isinstance(value, dict):
        return ", ".join(f"{label(name)} {value_in_words(each)}" for name, each in value.items())
    return "—" if value in ("", None) else str(value)
