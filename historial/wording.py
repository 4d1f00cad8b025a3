"""How calls and their steps are told: in a word with an icon, and in a sentence."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from portal.pbx.types import VOICEMAIL, Call, CallResult, Reason, Step
from portal.templatetags.portal import duracion, telefono

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Label:
    """A word for a call; ``tone`` is the class of its colour, ``icon`` a name of Lucide's."""

    word: Text
    icon: str
    tone: str


MADE: dict[CallResult, Label] = {
    CallResult.ANSWERED: Label(pgettext_lazy("llamada", "Hecha"), "phone-outgoing", "info"),
    CallResult.MISSED: Label(gettext_lazy("Hecha, sin respuesta"), "phone-outgoing", ""),
    CallResult.BUSY: Label(gettext_lazy("Hecha, comunicaba"), "phone-outgoing", ""),
    CallResult.VOICEMAIL: Label(gettext_lazy("Hecha, saltó el buzón"), "phone-outgoing", ""),
    CallResult.FAILED: Label(gettext_lazy("Hecha, no llegó a sonar"), "phone-off", ""),
}
RECEIVED: dict[CallResult, Label] = {
    CallResult.ANSWERED: Label(pgettext_lazy("llamada", "Recibida"), "phone-incoming", "ok"),
    CallResult.MISSED: Label(pgettext_lazy("llamada", "Perdida"), "phone-missed", "bad"),
    CallResult.BUSY: Label(gettext_lazy("Perdida, comunicabas"), "phone-missed", "bad"),
    CallResult.VOICEMAIL: Label(gettext_lazy("Al buzón"), "voicemail", "bad"),
    CallResult.FORWARDED: Label(pgettext_lazy("llamada", "Desviada"), "phone-forwarded", "warn"),
    CallResult.ELSEWHERE: Label(gettext_lazy("Atendida por otra persona"), "users", ""),
}
LOST = Label(gettext_lazy("Desviada, sin respuesta"), "phone-forwarded", "bad")

REASONS: dict[str, Text] = {
    Reason.CALENDAR: gettext_lazy("por el calendario"),
    Reason.UNCONDITIONAL: gettext_lazy("por desvío incondicional"),
    Reason.DO_NOT_DISTURB: gettext_lazy("por no molestar"),
    Reason.NOT_CONNECTED: gettext_lazy("por no estar conectado"),
    Reason.BUSY: gettext_lazy("por estar ocupado"),
    Reason.NO_ANSWER: gettext_lazy("por no contestar"),
}


def label(call: Call) -> Label:
    """What kind of call it was."""
    if call.outgoing:
        return MADE.get(call.result, MADE[CallResult.MISSED])
    if call.result is CallResult.FORWARDED and call.is_missed:
        return LOST
    return RECEIVED.get(call.result, RECEIVED[CallResult.MISSED])


def named(number: str, names: dict[str, str]) -> str:
    """``María Ibáñez (915 55 12 34)``, or the number where nobody knows it."""
    name = names.get(number)
    return f"{name} ({telefono(number)})" if name else telefono(number)


def whereto(call: Call, names: dict[str, str]) -> str:
    """``A Bruno Gil (202), por no contestar``; ``""`` for a call that went nowhere else."""
    reason = str(REASONS.get(call.reason, ""))
    if call.result is CallResult.VOICEMAIL and not call.outgoing:
        return reason[:1].upper() + reason[1:]
    if call.result is not CallResult.FORWARDED:
        return ""
    target = _("buzón de voz") if call.forwarded_to == VOICEMAIL else ""
    parts = {"to": target or named(call.forwarded_to, names), "why": reason}
    if not call.forwarded_to:
        return reason[:1].upper() + reason[1:]
    return _("A %(to)s, %(why)s") % parts if reason else _("A %(to)s") % parts


def outcome(step: Step) -> str:
    """What came of one step: ``Contestó a los 5 s y hablasteis 3 min 12 s``."""
    times = {"waited": duracion(step.waited), "talked": duracion(step.seconds)}
    if step.queue:
        return _("Esperó en la cola %(waited)s") % times if step.waited else _("Entró en la cola")
    if step.result is CallResult.ANSWERED:
        if not step.waited:
            return _("Contestó; la conversación duró %(talked)s") % times
        return _("Contestó a los %(waited)s; la conversación duró %(talked)s") % times
    if step.result is CallResult.VOICEMAIL:
        return _("Saltó el buzón de voz, %(talked)s") % times
    if step.result is CallResult.BUSY:
        return _("Comunicaba, o se rechazó")
    if step.result is CallResult.FAILED:
        return _("No llegó a sonar")
    return _("Sonó %(waited)s y nadie contestó") % times if step.waited else _("Nadie contestó")


def sent_by(step: Step, names: dict[str, str]) -> str:
    """``Desvío de Ana López (201), por no contestar``; ``""`` where nobody sent it on."""
    if not step.diverter:
        return ""
    who, reason = named(step.diverter, names), REASONS.get(step.reason, "")
    if not reason:
        return _("Desvío de %(who)s") % {"who": who}
    return _("Desvío de %(who)s, %(why)s") % {"who": who, "why": reason}
