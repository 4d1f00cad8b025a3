"""The clave de acceso: which digits it may be, and how it is stored.

Salted, and hashed many times over; SHA-1, because Asterisk computes the same when somebody logs in
at a telephone, and offers no slower hash. Six digits are a million: whoever holds the database, or
the telephone system's AstDB, tries them all within minutes. It keeps the clave from who happens to
see it.
"""

import secrets
from itertools import pairwise

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from portal.pbx.logins import stretched

ROUNDS = 10_000
"""Takes Asterisk about a tenth of a second (docs/benchmarks.md). The kit wants whole tens."""

MIN_LENGTH, MAX_LENGTH = 6, 12
"""Asterisk reads no more digits than the latter."""


def check(code: str, *known: str | None) -> None:
    """Raise ``ValidationError`` for what is no clave, or the first that others would try.

    ``known`` is what they know of the person.
    """
    if not (MIN_LENGTH <= len(code) <= MAX_LENGTH and code.isascii() and code.isdigit()):
        raise ValidationError(
            _("La clave tiene de %(least)d a %(most)d cifras, y nada más.")
            % {"least": MIN_LENGTH, "most": MAX_LENGTH}
        )
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(code)}
    if steps in ({0}, {1}, {9}) or code in known:
        raise ValidationError(
            _("Esa clave se adivina enseguida. Evita cifras repetidas o seguidas, y tu PIN.")
        )


def protect(code: str) -> str:
    """``salt:rounds:hash`` for a code of ASCII digits."""
    salt = secrets.token_hex(8)
    return f"{salt}:{ROUNDS}:{stretched(salt, code, ROUNDS)}"
