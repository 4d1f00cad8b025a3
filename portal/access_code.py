"""The clave de acceso: which digits it may be, and how it is stored.

Salted, and hashed many times over; SHA-1, because Asterisk computes the same when somebody logs in
at a telephone, and offers no slower hash. Six digits are a million: whoever holds the database, or
the telephone system's AstDB, tries them all within minutes. It keeps the clave from who happens to
see it.
"""

import secrets
from itertools import pairwise

from portal.pbx.logins import stretched

ROUNDS = 10_000
"""Takes Asterisk less than a tenth of a second (docs/benchmarks.md). The kit wants whole tens."""

MIN_LENGTH, MAX_LENGTH = 6, 12
"""Asterisk reads no more digits than the latter."""


def fits(code: str) -> bool:
    """Whether it is made of digits, and of as many as it must be."""
    return MIN_LENGTH <= len(code) <= MAX_LENGTH and code.isascii() and code.isdigit()


def is_guessable(code: str, *known: str) -> bool:
    """Whether it is a digit repeated, digits in a row, or one of what others know."""
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(code)}
    return steps in ({0}, {1}, {9}) or any(text and text == code for text in known)


def protect(code: str) -> str:
    """``salt:rounds:hash`` for a code of ASCII digits."""
    salt = secrets.token_hex(8)
    return f"{salt}:{ROUNDS}:{stretched(salt, code, ROUNDS)}"
