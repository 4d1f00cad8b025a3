"""What happened to a simulated call, in words."""

from collections.abc import Callable, Iterator

from django.utils.translation import gettext as _

from portal.pbx.routing import Action, Hop
from portal.pbx.simulated.route import Ending, Route
from portal.pbx.types import VOICEMAIL, LineState, Reason

Namer = Callable[[str], str]
"""How a number is told: ``201 Ana López``."""

REASONS = {
    Reason.CALENDAR: lambda: _("desvío por calendario"),
    Reason.UNCONDITIONAL: lambda: _("desvío incondicional"),
    Reason.NOT_CONNECTED: lambda: _("no está conectado"),
    Reason.BUSY: lambda: _("comunica"),
    Reason.NO_ANSWER: lambda: _("no contesta"),
    Reason.DO_NOT_DISTURB: lambda: _("no molestar"),
}

STATES = {
    LineState.IDLE: lambda: _("suena el teléfono"),
    LineState.NOT_CONNECTED: lambda: _("no está conectado"),
    LineState.BUSY: lambda: _("comunica"),
    LineState.NO_ANSWER: lambda: _("suena y no contesta"),
}

ENDINGS = {
    Ending.ANSWERED: lambda: _("Contesta %(who)s y hablan %(seconds)d segundos."),
    Ending.VOICEMAIL: lambda: _("Queda un mensaje de %(message)d segundos en el buzón de %(who)s."),
    Ending.BUSY: lambda: _("%(who)s comunica; la llamada termina."),
    Ending.UNANSWERED: lambda: _("%(who)s no contesta; la llamada termina."),
    Ending.NOT_CONNECTED: lambda: _("%(who)s no está conectado; la llamada termina."),
    Ending.REFUSED: lambda: _("La categoría de quien llama no permite %(who)s."),
    Ending.LOOP: lambda: _("La llamada volvería a %(who)s; termina aquí."),
}


def tell(route: Route, name: Namer) -> Iterator[str]:
    """One sentence for each thing that happened, in order."""
    caller = name(route.caller) if route.caller else _("Un número oculto")
    yield _("%(caller)s llama a %(called)s.") % {"caller": caller, "called": name(route.called)}
    for hop in route.hops:
        yield _step(hop, name)
    yield ENDINGS[route.ending]() % {
        "who": name(route.last),
        "seconds": round(route.legs[-1].talked),
        "message": route.message_seconds,
    }


def _step(hop: Hop, name: Namer) -> str:
    decision, here = hop.decision, name(hop.subscriber)
    if decision.action is Action.RING or decision.reason is None:
        state = STATES[hop.state]() if decision.action is Action.RING else _("no hay desvío")
        return f"{here}: {state}."
    to = _("buzón de voz") if decision.destination == VOICEMAIL else name(decision.destination)
    return f"{here}: {REASONS[decision.reason]()} → {to}."
