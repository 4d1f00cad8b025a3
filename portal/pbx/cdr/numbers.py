"""The numbers of call records: in dialled form, and those that may be a subscriber's."""

import re
from functools import lru_cache

import phonenumbers
from django.conf import settings

from portal import phone

DIGITS = re.compile(r"\+?[0-9]+", re.ASCII)
NATIONAL_LENGTH = 9
LONGEST, LONGEST_OWN = 20, 15
"""Characters that are kept of a number, and those of a subscriber's."""


@lru_cache(maxsize=10_000)
def dialled(number: str) -> str:
    """The number as it would be dialled; "" where it is none, as that of a withheld caller.

    A trunk may hand over an international number with or without its plus.
    """
    if not DIGITS.fullmatch(number):
        return ""
    if _lacks_plus(number):
        number = f"+{number}"
    try:
        return phone.normalise(number, settings.PHONE_REGION)
    except phone.InvalidNumber:
        return number.removeprefix("+")[:LONGEST]


def _lacks_plus(number: str) -> bool:
    if len(number) <= NATIONAL_LENGTH or number.startswith(("+", "0")):
        return False
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(f"+{number[:LONGEST]}"))
    except phonenumbers.NumberParseException:
        return False


def dialled_or_code(number: str) -> str:
    """The same; what is no number, as ``*98``, stays."""
    return dialled(number) or number[:LONGEST]


def beginning(typed: str) -> str:
    """The digits with which a number begins, as people type them. Raises ``ValueError``."""
    digits = phone.SEPARATORS.sub("", typed)
    if digits.startswith("+"):
        digits = "00" + digits[1:]
    if not (digits.isascii() and digits.isdigit() and len(digits) <= LONGEST):
        raise ValueError("no beginning of a number")
    own = phonenumbers.country_code_for_region(settings.PHONE_REGION)
    return digits.removeprefix(f"00{own}")


def may_be_subscriber(number: str) -> bool:
    """Whether calls are kept as this number sees them: it is short, or of the company's pattern."""
    if not (number.isascii() and number.isdigit() and len(number) <= LONGEST_OWN):
        return False
    return len(number) <= phone.SHORT or bool(_subscribers().fullmatch(number))


def _subscribers() -> re.Pattern[str]:
    return _compiled(settings.SUBSCRIBER_PATTERN)


@lru_cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(phone.to_regex([pattern]))
