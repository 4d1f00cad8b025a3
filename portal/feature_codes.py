"""What can be dialled at a telephone, for the kit, the page and whoever prints it."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext_lazy as _

MEANINGS = {
    "voicemail": _("Oír tus mensajes de voz"),
    "login": _("Entrar en un teléfono con tu PIN y tu clave de acceso"),
    "logout": _("Salir del teléfono en el que has entrado"),
}
"""What each code of ``settings.FEATURE_CODES`` does, in the order of the list."""

RULES = {
    "unconditional": _("Desviar todas las llamadas"),
    "busy": _("Desviar si comunicas"),
    "no_answer": _("Desviar si no contestas"),
    "not_connected": _("Desviar si tu teléfono no está conectado"),
    "do_not_disturb": _("No molestar"),
}
"""What is changed by the other codes there, each of which is the number in several."""


@dataclass(frozen=True, slots=True)
class FeatureCode:
    """A code and what it does, in words."""

    code: str
    meaning: str


@dataclass(frozen=True, slots=True)
class RuleCodes:
    """A rule and all that can be dialled for it, in words."""

    title: str
    codes: list[FeatureCode]


def feature_codes() -> list[FeatureCode]:
    """Those that are in use."""
    codes: dict[str, str] = settings.FEATURE_CODES
    return [
        FeatureCode(codes[name], str(text)) for name, text in MEANINGS.items() if codes.get(name)
    ]


def rule_codes(example: str, *, has_mailbox: bool) -> list[RuleCodes]:
    """The rules that have a code, with a number to send calls to as an example."""
    in_use = [(name, settings.FEATURE_CODES.get(name)) for name in RULES]
    return [
        RuleCodes(str(RULES[name]), list(_forms(name, code, example, has_mailbox)))
        for name, code in in_use
        if code
    ]


def _forms(name: str, code: str, example: str, has_mailbox: bool) -> Iterator[FeatureCode]:
    """The signs are those of the dialplan kit's ``webfon-codes``."""
    if name == "do_not_disturb":
        yield FeatureCode(f"*{code}#", str(_("Poner")))
    else:
        yield FeatureCode(f"*{code}*{example}#", str(_("A un número")))
        if has_mailbox:
            yield FeatureCode(f"*{code}**#", str(_("A mensa")))
        yield FeatureCode(f"*{code}#", str(_("Otra vez, al último")))
    yield FeatureCode(f"#{code}#", str(_("Quitar")))
    yield FeatureCode(f"*#{code}#", str(_("Oír cómo está")))
