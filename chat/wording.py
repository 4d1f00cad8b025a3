"""States and events in words."""

from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from chat.availability import Availability
from chat.models import Conversation, Kind, Line, Role, State
from portal.templatetags.portal import moment_in_words, telefono

Words = tuple[str, str | Promise]
"""The tone of a state, and the word."""

OF_STATE: dict[str, Words] = {
    State.WAITING: ("warn", gettext_lazy("Esperando")),
    State.ACTIVE: ("ok", gettext_lazy("En curso")),
    State.CLOSED: ("", gettext_lazy("Terminada")),
    State.CALLBACK: ("info", gettext_lazy("Te llamarán")),
}


def event(line: Line) -> str:
    """What happened, for both sides to read."""
    words = {"who": line.name, "what": line.text}
    if line.kind == Kind.TAKEN:
        return _("%(who)s atiende la conversación.") % words
    if line.kind == Kind.PASSED:
        return _("%(who)s pasa la conversación a %(what)s.") % words
    if line.kind == Kind.RETURNED:
        text = _("%(who)s ha perdido la conexión. La conversación vuelve a la espera, en su sitio.")
        return text % words
    if line.kind == Kind.CALLBACK:
        return _("Un agente llamará al %s.") % telefono(line.text)
    if line.role == Role.PORTAL:
        return _("La conversación ha terminado.")
    return _("%(who)s ha terminado la conversación.") % words


def state_of(found: Availability, now: datetime) -> Words:
    """Whether somebody answers, and how soon."""
    if not found.is_open:
        return "", closed(found, now)
    if not found.present:
        return "bad", _("No hay ningún agente ahora")
    if found.ready and not found.waiting:
        text = ngettext("%d agente libre", "%d agentes libres", found.ready)
        return "ok", text % found.ready
    text = ngettext("Ocupados; espera %d persona", "Ocupados; esperan %d personas", found.waiting)
    return "warn", text % found.waiting


def closed(found: Availability, now: datetime) -> str:
    """That it is closed, until when, and because of which holiday."""
    if found.opens_at is None:
        return _("Cerrado hoy por «%s»") % found.holiday if found.holiday else _("Cerrado")
    when = moment_in_words(found.opens_at, now)
    if found.holiday:
        words = {"holiday": found.holiday, "when": when}
        return _("Cerrado hoy por «%(holiday)s». Abre: %(when)s") % words
    return _("Cerrado. Abre: %s") % when


def state_for_user(conversation: Conversation, found: Availability | None) -> Words:
    """How it goes, for whoever asked."""
    if conversation.state == State.ACTIVE and conversation.agent:
        return "ok", _("Te atiende %s") % conversation.agent.name
    if conversation.state == State.WAITING and found:
        if conversation.offered_to_id and found.can_wait:
            return "warn", _("Avisando a un agente")
        if not found.can_wait:
            return "bad", _("Esperando, pero ahora no hay ningún agente")
        return "warn", _("Esperando: vas en el puesto %d") % conversation.place()
    return OF_STATE[conversation.state]


def state_for_agent(conversation: Conversation) -> Words:
    """The same for whoever attends."""
    if conversation.state == State.CALLBACK:
        return "info", _("Por devolver")
    return OF_STATE[conversation.state]
