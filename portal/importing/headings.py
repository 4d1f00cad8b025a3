"""What the columns of a table of subscribers mean, by the headings that people write. Pure."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.csv_table import NotReadable
from portal.folding import fold

NUMBER, DEVICES, USERNAME, EMAIL = "number", "devices", "username", "email"

LABELS: Mapping[str, object] = {
    NUMBER: gettext_lazy("Número"),
    "display_name": gettext_lazy("Nombre"),
    "access_pin": gettext_lazy("PIN de acceso"),
    "mailbox": gettext_lazy("Buzón"),
    "call_class": gettext_lazy("Categoría"),
    "forward_class": gettext_lazy("Categoría para desvíos"),
    "department": gettext_lazy("Departamento"),
    "mobile": gettext_lazy("Móvil"),
    DEVICES: gettext_lazy("Teléfonos"),
    USERNAME: gettext_lazy("Usuario"),
    EMAIL: gettext_lazy("Correo"),
}
"""What a column may be, with its name for people."""

KNOWN = {
    NUMBER: "numero|numero de extension|extension|number|subscriber|num|zenbakia",
    "display_name": """nombre|nombre a mostrar|nombre y apellidos|name|display name|full name|
        nom|nome|izena""",
    "access_pin": "pin|pin de acceso|access pin|pin d acces|sarbide pina",
    "mailbox": "buzon|buzon de voz|mailbox|voicemail|bustia|caixa|postontzia",
    "call_class": """categoria|categoria de llamadas|class|call class|service class|category|
        kategoria""",
    "forward_class": """categoria para desvios|categoria de desvios|forward class|
        forwarding class|category for forwarding|categoria per a desviaments|
        desbideratze kategoria""",
    "department": "departamento|department|area|departament|saila",
    "mobile": "movil|telefono movil|mobile|cell|mobile phone|mobil|mugikorra",
    DEVICES: """telefonos|telefono|dispositivos|dispositivo|devices|device|endpoint|endpoints|
        telephones|telefons|telefonoak""",
    USERNAME: "usuario|usuario del portal|login|user|username|user name|usuari|erabiltzailea",
    EMAIL: "correo|correo electronico|email|e mail|mail|correu|e posta",
}
"""The headings of each kind, as ``fold`` leaves them; those of ``LABELS`` in every language."""

MEANINGS = {name.strip(): kind for kind, names in KNOWN.items() for name in names.split("|")}


def kinds(headings: Sequence[str]) -> list[str]:
    """What each column is: a key of ``LABELS``, or ``""`` for one that is not looked at.

    Raises ``NotReadable`` where people cannot be told from it, or two columns mean the same.
    """
    found = [MEANINGS.get(fold(heading), "") for heading in headings]
    for kind in LABELS:
        if found.count(kind) > 1:
            raise NotReadable(_("Hay dos columnas para lo mismo: %s.") % LABELS[kind])
    if NUMBER not in found:
        wanted = ", ".join(str(label) for label in LABELS.values())
        raise NotReadable(
            _("Falta la columna «Número». La primera línea dice qué es cada columna: %s.") % wanted
        )
    return found


def ignored(headings: Sequence[str]) -> list[str]:
    """The headings of columns that are not looked at."""
    return [heading for heading in headings if heading and fold(heading) not in MEANINGS]
