"""What calls that the portal begins are known by, on the node and in the call records."""

import re
import secrets

PREFIX = "webfon-"
"""No call that somebody dialled has a ``linkedid`` like that."""

PATTERN = re.compile(rf"{PREFIX}[0-9a-f]{{16}}", re.ASCII)


def new_linkedid() -> str:
    """One that no other call has."""
    return f"{PREFIX}{secrets.token_hex(8)}"


def is_linkedid(text: str) -> bool:
    """Whether the text is one of ours."""
    return PATTERN.fullmatch(text) is not None
