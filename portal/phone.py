"""Telephone numbers: as people write them, as they are dialled, as pages show them. Pure.

Dialled form: ASCII digits only. National numbers have nine, international ones start with 00,
short ones are whatever the company uses.
"""

import re
import unicodedata
from functools import lru_cache

import phonenumbers
from django.utils.translation import gettext as _

SEPARATORS = re.compile(r"[\s.\-()/\u2010-\u2015]")
PATTERN = re.compile(r"(?:[0-9XZN]|\[[0-9](?:-?[0-9])*\])+\.?")
SYMBOLS = {"X": "[0-9]", "Z": "[1-9]", "N": "[2-9]", ".": "[0-9]+"}
SHORT, LONGEST = 6, 17
LONGEST_INPUT = 40


class InvalidNumber(ValueError):
    """The text is no number; the message says why, for the person who wrote it."""


def normalise(text: str, region: str = "ES") -> str:
    """The digits to dial for a number as people write it: ``+34 600 12 31 23`` → ``600123123``.

    Raises ``InvalidNumber`` with a message for the field.
    """
    if len(text) > LONGEST_INPUT:
        raise InvalidNumber(_("El número es demasiado largo."))
    if any(unicodedata.category(c) in {"Cc", "Cf"} for c in text.strip()):
        raise InvalidNumber(_("El número contiene caracteres que no se ven. Escríbelo a mano."))
    digits = SEPARATORS.sub("", text)
    if digits.startswith("+"):
        digits = "00" + digits[1:]
    if not re.fullmatch(r"[0-9]+", digits):
        raise InvalidNumber(_("Escribe solo cifras, espacios y, al principio, +."))
    if len(digits) <= SHORT and not digits.startswith("00"):
        return digits
    return _long(digits, region)


def _long(digits: str, region: str) -> str:
    """A national or international number, checked for its length."""
    own_prefix = f"00{phonenumbers.country_code_for_region(region)}"
    if len(digits) <= LONGEST:
        parsed = _parse(digits, region)
        if parsed and phonenumbers.is_possible_number(parsed):
            return digits.removeprefix(own_prefix)
    raise InvalidNumber(_("Ese número no existe: le faltan o le sobran cifras."))


def _parse(digits: str, region: str) -> phonenumbers.PhoneNumber | None:
    text = "+" + digits[2:] if digits.startswith("00") else digits
    try:
        return phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None


@lru_cache(maxsize=10_000)
def display(number: str, region: str = "ES") -> str:
    """The number grouped as people of the region read it: ``600 12 31 23``."""
    if len(number) <= SHORT or not (parsed := _parse(number, region)):
        return number
    if not phonenumbers.is_possible_number(parsed):
        return number
    style = phonenumbers.PhoneNumberFormat
    own = parsed.country_code == phonenumbers.country_code_for_region(region)
    return phonenumbers.format_number(parsed, style.NATIONAL if own else style.INTERNATIONAL)


def is_emergency(number: str, region: str = "ES") -> bool:
    """Whether the digits call for help in the region: ``112``."""
    return phonenumbers.is_emergency_number(number, region)


def is_pattern(text: str) -> bool:
    """Whether the text is a pattern of numbers: digits, X, Z (1–9), N (2–9), sets, a final dot."""
    return PATTERN.fullmatch(text) is not None


def to_regex(patterns: list[str]) -> str:
    """One regular expression for all patterns, the same for POSIX (Asterisk) and Python.

    Without patterns the result is ``""``, which permits nothing.
    """
    if not patterns:
        return ""
    return f"^({'|'.join(_pattern_to_regex(pattern) for pattern in patterns)})$"


def _pattern_to_regex(pattern: str) -> str:
    parts = re.findall(r"\[[^]]+\]|.", pattern)
    regex = "".join(SYMBOLS.get(part, part) for part in parts)
    return re.sub(r"((?:\[[^]]+\]))\1+", _repeat, regex)


def _repeat(match: re.Match[str]) -> str:
    """``[0-9][0-9][0-9]`` as ``[0-9]{3}``: a class must fit into one AstDB value."""
    return f"{match[1]}{{{len(match[0]) // len(match[1])}}}"
