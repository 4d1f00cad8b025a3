"""What the columns of a table mean: the headings that Outlook, Google and people write. Pure.

Outlook in Spanish mixes Spanish and English headings (the sets it writes are those that Exchange
takes in); Google writes English ones in every language.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.folding import fold

NUMBER, EMAIL, SURNAMES = "number", "email", "surnames"

FIELDS: Mapping[str, object] = {
    "first_name": pgettext_lazy("de pila", "Nombre"),
    "middle_name": _("Segundo nombre"),
    "last_name": _("Apellido 1"),
    "second_last_name": _("Apellido 2"),
    SURNAMES: _("Apellidos"),
    "display_name": _("Nombre en pantalla"),
    "company": _("Empresa"),
    "address": _("Dirección"),
    "postcode": _("Código postal"),
    "city": _("Localidad"),
    "province": _("Provincia"),
    NUMBER: _("Número de teléfono"),
    EMAIL: _("Correo electrónico"),
}
"""What a column may be, with its name for people."""

KNOWN = {
    "first_name": """nombre|nombre de pila|nombre propio|first name|given name|first|firstname|
        nom|nome|izena""",
    "middle_name": """segundo nombre|middle name|additional name|middle|middlename|segon nom|
        segundo nome|bigarren izena""",
    "last_name": """apellido|apellido 1|primer apellido|1er apellido|surname 1|cognom 1|apelido 1|
        1 abizena""",
    "second_last_name": """apellido 2|segundo apellido|2o apellido|surname 2|cognom 2|apelido 2|
        2 abizena""",
    SURNAMES: """apellidos|last name|family name|surname|last|lastname|surnames|cognoms|apelidos|
        abizenak""",
    "display_name": """nombre en pantalla|nombre para mostrar|nombre completo|nombre y apellidos|
        display name|full name|name|file as|displayed name|nom en pantalla|nome en pantalla|
        pantailako izena""",
    "company": """empresa|compania|organizacion|company|company name|organization|
        organization name|organization 1 name|razon social|enpresa""",
    "address": """direccion|domicilio|calle|calle del trabajo|calle del domicilio|
        calle particular|otra calle|address|street|street address|business street|home street|
        other street|business address|home address|work address|address 1 street|
        address 2 street|address 3 street|adreca|enderezo|helbidea""",
    "postcode": """codigo postal|cp|c p|codigo postal del trabajo|codigo postal del domicilio|
        codigo postal particular|otro codigo postal|postal code|postcode|zip|zip code|
        business postal code|home postal code|other postal code|address 1 postal code|
        address 2 postal code|address 3 postal code|home zip|work zip|codi postal|posta kodea""",
    "city": """localidad|poblacion|ciudad|municipio|ciudad de trabajo|ciudad del trabajo|
        ciudad del domicilio|ciudad particular|otra ciudad|city|town|business city|home city|
        other city|address 1 city|address 2 city|address 3 city|work city|localitat|localidade|
        herria""",
    "province": """provincia|provincia o estado|provincia o estado de trabajo|
        provincia o estado del trabajo|provincia o estado del domicilio|
        provincia o estado particular|otra provincia o estado|province|state|region|
        business state|home state|other state|address 1 region|address 2 region|
        address 3 region|work state|probintzia""",
    EMAIL: """correo|correo electronico|email|e mail|mail|direccion de correo electronico|
        direccion de correo|direccion del correo electronico|e mail address|email address|
        primary email|correu electronic|posta elektronikoa""",
    NUMBER: """telefono|numero|numero de telefono|tel|tfno|tlf|movil|celular|telefono movil|
        telefono fijo|fijo|particular|trabajo|telefono particular|telefono del trabajo|
        telefono del domicilio|telefono de la oficina|telefono principal|otro telefono|
        otros telefonos|radiotelefono|telefono del automovil|
        numero de centralita de la organizacion|telefono principal de la compania|
        devolucion de llamada|phone|telephone|phone number|number|mobile|cell|mobile phone|
        cell phone|mobile number|home phone|business phone|work phone|office phone|car phone|
        other phone|other telephone|primary phone|company main phone|radio phone|callback|
        home|work|numero de telefon|telefon|telefono zenbakia|telefonoa""",
}
"""The headings of each kind, as ``_plain`` leaves them and without the digit that counts them."""

MEANINGS = {
    name.strip(): kind
    for kind, names in KNOWN.items()
    for name in " ".join(names.split()).split("|")
}

PLACES = ("business", "trabajo", "work", "home", "domicilio", "particular", "other", "otr")
"""Words that tell one address of a person from another."""


@dataclass(frozen=True, slots=True)
class Column:
    """What a column holds: a key of ``FIELDS`` or ``""``, and of which of several addresses."""

    kind: str
    place: str = ""
    goes_on: bool = False


def column(heading: str, kind: str | None = None) -> Column:
    """What a heading means, or what somebody says it means."""
    plain = _plain(heading)
    place = next((word for word in PLACES if word in plain), "")
    numbered = re.match(r"address [0-9]+", plain)
    goes_on = re.search(r" [23]$", plain) is not None
    return Column(
        _kind(plain) if kind is None else kind, numbered[0] if numbered else place, goes_on
    )


def columns(headings: list[str]) -> list[Column]:
    """What each column means."""
    return [column(heading) for heading in headings]


def _kind(plain: str) -> str:
    if plain in MEANINGS:
        return MEANINGS[plain]
    if found := re.fullmatch(r"(phone|e mail|email) [0-9]+ value", plain):
        return NUMBER if found[1] == "phone" else EMAIL
    kind = MEANINGS.get(re.sub(r" ?[0-9]+(?= |$)", "", plain), "")
    return kind if kind in {NUMBER, EMAIL, "address"} else ""


def is_enough(kinds: Collection[str]) -> bool:
    """Whether people can be told from these columns: somebody's name, and a number."""
    names = {"first_name", "last_name", SURNAMES, "display_name", "company"}
    return NUMBER in kinds and bool(names & set(kinds))


def _plain(heading: str) -> str:
    """The heading as the lists above have it."""
    return fold(heading)
