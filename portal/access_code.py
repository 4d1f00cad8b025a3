"""The clave de acceso as it is stored: salted, and hashed many times over.

SHA-1 because the dialplan must compute the same and Asterisk offers no slower hash; the rounds make
up for some of that. It protects six digits for minutes against somebody who holds the database.
"""

import hashlib
import hmac
import secrets

ROUNDS = 1000
MIN_LENGTH, MAX_LENGTH = 6, 12


def protect(code: str) -> str:
    """``salt:rounds:hash`` for a code of ASCII digits."""
    salt = secrets.token_hex(8)
    return f"{salt}:{ROUNDS}:{_hash(salt, code, ROUNDS)}"


def matches(code: str, stored: str) -> bool:
    """Whether the code is the stored one, compared in constant time."""
    salt, rounds, digest = stored.split(":")
    return hmac.compare_digest(_hash(salt, code, int(rounds)), digest)


def _hash(salt: str, code: str, rounds: int) -> str:
    digest = code
    for _ in range(rounds):
        digest = hashlib.sha1(f"{salt}{digest}".encode(), usedforsecurity=False).hexdigest()
    return digest
