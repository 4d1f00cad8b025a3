"""What can be dialled at a telephone, for the kit, the page and whoever prints it."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext_lazy as _

MEANINGS = {
    "voicemail": _("Oír tus mensajes de voz"),
    "login": _("Entrar en un teléfono con tu PIN y tu clave de acceso"),
    "logout": _("Salir del teléfono en el que has entrado"),
}
"""What each code of ``settings.FEATURE_CODES`` does, in the order of the list."""


@dataclass(frozen=True, slots=True)
class FeatureCode:
    """A code and what it does, in words."""

    code: str
    meaning: str


def feature_codes() -> list[FeatureCode]:
    """Those that are in use."""
    codes: dict[str, str] = settings.FEATURE_CODES
    return [
        FeatureCode(codes[name], str(text)) for name, text in MEANINGS.items() if codes.get(name)
    ]
