"""Who calls, as Asterisk writes it: ``"Ana" <201>``."""

import re

NOBODY = frozenset({"anonymous", "unknown", "unavailable", "private", "restricted", "withheld"})
"""What stands in the place of a name that was withheld."""


def parse_caller(text: str) -> tuple[str, str]:
    """Number and name from ``"Ana" <201>`` or ``201``; what is withheld or unknown is ``""``."""
    match = re.fullmatch(r'(?:"?(?P<name>.*?)"?\s*)<(?P<number>[^<>]*)>|(?P<bare>.*)', text)
    if match is None:
        return "", ""
    number = match["bare"] if match["number"] is None else match["number"]
    digits = number.strip().removeprefix("+")
    name = (match["name"] or "").strip()
    if re.fullmatch(r"[0-9]+", digits, re.ASCII):
        return digits, name
    return "", "" if name.casefold() in NOBODY else name
