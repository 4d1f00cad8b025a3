"""What a form proposes from what was typed already: name, kind of telephone, province. Pure."""

from typing import Literal

import phonenumbers

from portal import phone

PROVINCES = dict(
    enumerate(
        (
            "Álava", "Albacete", "Alicante", "Almería", "Ávila", "Badajoz", "Illes Balears",
            "Barcelona", "Burgos", "Cáceres", "Cádiz", "Castellón", "Ciudad Real", "Córdoba",
            "A Coruña", "Cuenca", "Girona", "Granada", "Guadalajara", "Gipuzkoa", "Huelva",
            "Huesca", "Jaén", "León", "Lleida", "La Rioja", "Lugo", "Madrid", "Málaga", "Murcia",
            "Navarra", "Ourense", "Asturias", "Palencia", "Las Palmas", "Pontevedra", "Salamanca",
            "Santa Cruz de Tenerife", "Cantabria", "Segovia", "Sevilla", "Soria", "Tarragona",
            "Teruel", "Toledo", "Valencia", "Valladolid", "Bizkaia", "Zamora", "Zaragoza",
            "Ceuta", "Melilla",
        ),
        start=1,
    )
)  # fmt: skip
"""The provinces in the order of the first two digits of their postcodes."""

POSTCODE_LENGTH = 5


def province(postcode: str) -> str:
    """The province of a Spanish postcode, or ``""``."""
    code = postcode.strip()
    if len(code) != POSTCODE_LENGTH or not (code.isascii() and code.isdigit()):
        return ""
    return PROVINCES.get(int(code[:2]), "")


def display_name(first_name: str, last_name: str, second_last_name: str) -> str:
    """The names one after the other."""
    return " ".join(" ".join([first_name, last_name, second_last_name]).split())


def number_type(text: str, region: str = "ES") -> Literal["landline", "mobile", ""]:
    """The kind of telephone behind a number, or ``""`` for what is no number.

    A short number is one of the company's, thus a landline; so is what is neither for sure.
    """
    try:
        digits = phone.normalise(text, region)
    except phone.InvalidNumber:
        return ""
    if len(digits) <= phone.SHORT:
        return "landline"
    written = "+" + digits[2:] if digits.startswith("00") else digits
    kind = phonenumbers.number_type(phonenumbers.parse(written, region))
    return "mobile" if kind == phonenumbers.PhoneNumberType.MOBILE else "landline"
