"""Telephones and queues in words."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.pbx.errors import PBXError, PBXUnavailable
from portal.pbx.presence import DeviceState, Membership, Use

Words = tuple[str, str | Promise]
"""The tone of a state, and the word."""

OF_USE: dict[Use, Words] = {
    Use.FREE: ("ok", _("Libre")),
    Use.RINGING: ("info", _("Sonando")),
    Use.IN_USE: ("info", _("En una llamada")),
    Use.ON_HOLD: ("info", _("En espera")),
    Use.UNREACHABLE: ("bad", _("Sin conexión")),
    Use.UNKNOWN: ("warn", _("La centralita no lo conoce")),
}

OF_STRATEGY = {
    "ringall": _("suenan todos a la vez"),
    "leastrecent": _("suena quien lleva más tiempo sin atender"),
    "fewestcalls": _("suena quien menos ha atendido"),
    "random": _("suena uno al azar"),
    "wrandom": _("suena uno al azar, según la penalización"),
    "rrmemory": _("suena uno tras otro, por turno"),
    "rrordered": _("suena uno tras otro, por turno y en orden"),
    "linear": _("suena siempre en el mismo orden"),
}
"""By the names of ``queues.conf`` (Asterisk 22)."""

AWAY = _("La centralita no responde. Lo que hay aquí vuelve solo cuando responda.")
REFUSED = _("La centralita no deja ver esto al portal. Avisa a quien administra el portal.")


def state_of(device: DeviceState) -> Words:
    """What a telephone does, or why it does not ring."""
    if device.use is Use.UNKNOWN:
        return OF_USE[Use.UNKNOWN]
    return OF_USE[device.use] if device.is_connected else OF_USE[Use.UNREACHABLE]


def state_in(queue: Membership) -> Words:
    """What somebody does in a queue."""
    if not queue.is_member:
        return "", _("Fuera")
    if queue.is_paused:
        return "warn", _("En pausa")
    if queue.use in (Use.UNREACHABLE, Use.RINGING, Use.IN_USE, Use.ON_HOLD):
        return OF_USE[queue.use]
    return "ok", _("Atendiendo")


def strategy(name: str) -> str:
    """Whom a queue rings; a strategy that is not known by its own name."""
    return str(OF_STRATEGY.get(name, name))


def why_not(error: PBXError) -> str:
    """Why nothing is shown."""
    return str(AWAY if isinstance(error, PBXUnavailable) else REFUSED)
