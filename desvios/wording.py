"""What happens to calls, in words."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from desvios.calendar.pages.coming import end_of_stretch, next_change
from desvios.calendar.pages.initial import zone_name
from desvios.calendar.series import read
from desvios.calendar.wording import at_in_words, until_in_words
from desvios.changes import CODE, GENERAL, ZONE
from desvios.models import ForwardingRules
from desvios.plan import Kind
from portal import phone
from portal.models import AuditEvent, Subscriber
from portal.pbx.routing import Action, Classes, Decision, Hop, Outcome, Step, decide
from portal.pbx.types import VOICEMAIL, ForwardingPlan, LineState, Reason

MANY = 5
"""So many events in one change are only counted."""

Namer = Callable[[str], str]
"""A number's name for this reader, or ``""``."""


def to_destination(destination: str, name: str = "") -> str:
    """``al 600 12 31 23`` or ``al buzón de voz``, to follow a verb."""
    if destination == VOICEMAIL:
        return _("al buzón de voz")
    number = phone.display(destination, settings.PHONE_REGION)
    if name:
        return _("a %(name)s (%(number)s)") % {"name": name, "number": number}
    return _("al %(number)s") % {"number": number}


def destination_in_words(destination: str, name: str = "") -> str:
    """``600 12 31 23``, ``Carla (203)`` or ``buzón de voz``."""
    if destination == VOICEMAIL:
        return _("buzón de voz")
    number = phone.display(destination, settings.PHONE_REGION)
    return f"{name} ({number})" if name else number


def seconds_in_words(seconds: int) -> str:
    """``20 segundos``."""
    return ngettext("%(n)d segundo", "%(n)d segundos", seconds) % {"n": seconds}


def now_in_words(
    plan: ForwardingPlan, instant: datetime, classes: Classes, name: Namer
) -> list[str]:
    """What happens to a call now, a sentence for each case that differs."""
    first = decide(plan, instant, LineState.IDLE, classes)
    if first.action is not Action.RING:
        return [_outright(first, plan, instant, name)]
    sentences = [_("Ahora, las llamadas suenan en tu teléfono.")]
    for state, opening in (
        (LineState.NO_ANSWER, _("Si no contestas en %s") % seconds_in_words(plan.ring_seconds)),
        (LineState.BUSY, _("Si comunicas")),
        (LineState.NOT_CONNECTED, _("Si tu teléfono no está conectado")),
    ):
        then = decide(plan, instant, state, classes)
        if then.action is not Action.RELEASE:
            to = to_destination(then.destination, name(then.destination))
            sentences.append(_("%(case)s, van %(to)s.") % {"case": opening, "to": to})
    return sentences


def _outright(decision: Decision, plan: ForwardingPlan, instant: datetime, name: Namer) -> str:
    """The sentence where nothing rings."""
    if decision.action is Action.RELEASE:
        return _("No molestar: quien te llama oye el tono de ocupado.")
    to = to_destination(decision.destination, name(decision.destination))
    if decision.reason is Reason.DO_NOT_DISTURB:
        return _("No molestar: las llamadas van %(to)s.") % {"to": to}
    end = end_of_stretch(plan, instant) if decision.reason is Reason.CALENDAR else None
    if end:
        return _("Todas las llamadas van %(to)s %(until)s.") % {
            "to": to,
            "until": until_in_words(end, instant),
        }
    return _("Todas las llamadas van %(to)s.") % {"to": to}


def coming_in_words(subscriber: Subscriber, now: datetime, name: Namer) -> str:
    """``A las 14:00 empezará «Comida»: buzón de voz.``, or ``""``."""
    change = next_change(subscriber, now)
    if change is None:
        return ""
    at, title = at_in_words(change.at, now), str(change.event)
    at = at[:1].upper() + at[1:]
    if not change.begins:
        return _("%(at)s terminará «%(title)s».") % {"at": at, "title": title}
    to = destination_in_words(change.destination, name(change.destination))
    return _("%(at)s empezará «%(title)s»: %(to)s.") % {"at": at, "title": title, "to": to}


def forbidden(plan: ForwardingPlan, instant: datetime, classes: Classes) -> list[str]:
    """The destinations in force that the category forbids by now."""
    steps = {step for state in LineState for step in decide(plan, instant, state, classes).steps}
    denied = {step.destination for step in steps if step.outcome is Outcome.DENIED}
    return [phone.display(number, settings.PHONE_REGION) for number in sorted(denied)]


GROUP_NAMES = {
    Kind.UNCONDITIONAL: lambda: _("Incondicional"),
    Kind.NOT_CONNECTED: lambda: _("No conectado"),
    Kind.BUSY: lambda: _("Ocupado"),
    Kind.NO_ANSWER: lambda: _("No contestación"),
}

RULE_NAMES = {
    Reason.CALENDAR: lambda: _("Desvío por calendario"),
    Reason.UNCONDITIONAL: lambda: _("Desvío incondicional"),
    Reason.DO_NOT_DISTURB: lambda: _("No molestar"),
    Reason.NOT_CONNECTED: lambda: _("Desvío por no conectado"),
    Reason.BUSY: lambda: _("Desvío por ocupado"),
    Reason.NO_ANSWER: lambda: _("Desvío por no contestación"),
}

OUTCOMES = {
    Outcome.OFF: lambda: _("no está puesto"),
    Outcome.NOT_NOW: lambda: _("está puesto, pero no es el caso"),
    Outcome.DENIED: lambda: _("está puesto, pero la categoría no permite ese número"),
    Outcome.NO_MAILBOX: lambda: _("está puesto, pero no hay buzón"),
}


def explain(hops: Iterable[Hop], own: str, name: Namer) -> list[dict[str, Any]]:
    """Each subscriber that the call visits: who, the rules looked at, and what happens."""
    return [
        {
            "who": _("Tu número") if hop.subscriber == own else name(hop.subscriber),
            "number": hop.subscriber,
            "steps": [_step(step, name) for step in hop.decision.steps],
            "result": _result(hop, name),
        }
        for hop in hops
    ]


def _step(step: Step, name: Namer) -> dict[str, Any]:
    rule = RULE_NAMES[step.reason]()
    if step.outcome is Outcome.APPLIES:
        to = to_destination(step.destination, name(step.destination))
        return {"rule": rule, "text": _("se aplica: la llamada va %(to)s") % {"to": to}, "on": True}
    return {"rule": rule, "text": OUTCOMES[step.outcome](), "on": False}


def _result(hop: Hop, name: Namer) -> str:
    decision = hop.decision
    if decision.action is Action.RING:
        return _("Suena el teléfono.")
    if decision.action is Action.RELEASE:
        tones = {
            LineState.NO_ANSWER: _("La llamada termina sin respuesta."),
            LineState.NOT_CONNECTED: _("Quien llama oye que no está disponible."),
        }
        return tones.get(hop.state, _("Quien llama oye el tono de ocupado."))
    to = to_destination(decision.destination, name(decision.destination))
    return _("La llamada va %(to)s.") % {"to": to}


def describe(event: AuditEvent) -> list[str]:
    """A change in words, a line for each field: ``Desvío ocupado: 203 → 204``."""
    if event.action == AuditEvent.Action.CALENDAR:
        pairs = [(event.before[uid], event.after[uid]) for uid in event.after]
        if len(pairs) > MANY:
            return _many_changes(pairs)
        return [_calendar_change(before, after) for before, after in pairs]
    if event.action == AuditEvent.Action.FEED:
        return _feed_change(event.before, event.after)
    lines = [_field_change(name, event.before[name], event.after[name]) for name in event.after]
    if event.action == AuditEvent.Action.OVERTAKEN:
        return [*lines, _("No vale: después se cambió otra vez, y vale lo último.")]
    return lines


def _many_changes(pairs: list[tuple[Any, Any]]) -> list[str]:
    """How many events were added, removed and changed, where a line for each were too much."""
    added = sum(before is None for before, _after in pairs)
    gone = sum(after is None for _before, after in pairs)
    counts = {
        _("Calendario: %d eventos añadidos"): added,
        _("Calendario: %d eventos borrados"): gone,
        _("Calendario: %d eventos cambiados"): len(pairs) - added - gone,
    }
    return [words % count for words, count in counts.items() if count]


def _calendar_change(before: Any, after: Any) -> str:
    title = read((after or before)["ical"]).title
    if before is None:
        return _("Calendario: se añadió «%s»") % title
    if after is None:
        return _("Calendario: se borró «%s»") % title
    return _("Calendario: se cambió «%s»") % title


def _feed_change(before: Any, after: Any) -> list[str]:
    if "in_use" in after:
        began = _("Suscripción a «%s»"), _("Suscripción a «%s» anulada")
        return [began[not after["in_use"]] % after["name"]]
    lines = []
    if before["name"] != after["name"]:
        lines.append(f"{_('nombre')}: {before['name']} → {after['name']}")
    if "destination" in after:
        old, new = (destination_in_words(each["destination"]) for each in (before, after))
        lines.append(f"{_('destino')}: {old} → {new}")
    if "enabled" in after:
        lines.append(_("encendida") if after["enabled"] else _("apagada"))
    about = _("Suscripción a «%s»") % after["name"]
    return [f"{about}, {line}" for line in lines]


def _field_change(name: str, before: Any, after: Any) -> str:
    if name == CODE:
        return _("Clave de acceso: cambiada")
    label = _label(name)
    return f"{label}: {_value(name, before)} → {_value(name, after)}"


def _label(name: str) -> str:
    if name == GENERAL:
        return _("Nombre a mostrar")
    if name == ZONE:
        return _("Zona horaria")
    labels = {field.name: field.verbose_name for field in ForwardingRules._meta.fields}
    if name.endswith("_number_enabled"):
        return _("%(rule)s a un número") % {"rule": labels[name.removesuffix("_enabled")]}
    return str(labels[name])


def _value(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return _("Sí") if value else _("No")
    if name == ZONE:
        return zone_name(value)
    if name.endswith("_number"):
        return phone.display(value, settings.PHONE_REGION) if value else _("ninguno")
    return str(value)
