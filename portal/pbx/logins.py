"""Logging in at a telephone: how nodes look at the clave, and what they tell the link of it."""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from portal.pbx.presence import expect_number
from portal.pbx.types import News, NodeEvent

NOBODY = "-"

SECONDS = re.compile(r"[0-9]{1,11}", re.ASCII)
WRONG = re.compile(r"([0-9]{1,4})-([0-9]{1,11})", re.ASCII)


class Deed(StrEnum):
    """What happened."""

    IN = "in"
    OUT = "out"
    DISPLACED = "displaced"  # somebody else logged in there
    WRONG = "wrong"  # the PIN, or the clave
    LOCKED = "locked"  # too many wrong ones lately, whatever was keyed now


@dataclass(frozen=True, slots=True, kw_only=True)
class TelephoneLogin:
    """``subscriber`` is "" where the PIN is nobody's, ``address`` where no telephone did it."""

    deed: Deed
    device: str
    subscriber: str = ""
    address: str = ""

    def event(self) -> NodeEvent:
        """The news that says so: of the telephone, in a state that ``read`` understands."""
        words = (self.deed, self.subscriber or NOBODY, self.address or NOBODY)
        return NodeEvent(News.LOGIN, self.device, " ".join(words))


def read(device: str, state: str) -> TelephoneLogin:
    """What ``event`` said. Raises ``ValueError`` for anything else."""
    deed, *rest = state.split(" ")
    subscriber, address = ("" if word == NOBODY else word for word in rest)
    return TelephoneLogin(deed=Deed(deed), device=device, subscriber=subscriber, address=address)


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedLogin:
    """What other nodes have known since ``at``: the subscriber came to the device, or left it."""

    device: str
    subscriber: str
    is_in: bool
    at: datetime

    def is_overtaken(self, since: str) -> bool:
        """Whether whoever is there logged in later: ``since`` is what stands in ``since/…``."""
        return bool(SECONDS.fullmatch(since)) and int(since) > self.at.timestamp()


@dataclass(frozen=True, slots=True)
class WrongLogins:
    """How many there were in a row with one PIN at one node, and when the last was."""

    count: int
    last: datetime

    def lock(self, tries: int, lasting: timedelta, now: datetime) -> bool:
        """Whether the node lets nobody in with the PIN now, as the kit's ``webfon-try`` has it."""
        return self.count >= tries and self.last <= now < self.last + lasting


def wrong_key(subscriber: str) -> str:
    """Where a node counts them. Raises ``NotFound`` for what is no number."""
    expect_number(subscriber)
    return f"wrong/subscriber/{subscriber}"


def wrong_logins(text: str) -> WrongLogins | None:
    """What stands at ``wrong_key``; ``None`` for anything else."""
    found = WRONG.fullmatch(text)
    if not found:
        return None
    return WrongLogins(int(found[1]), datetime.fromtimestamp(int(found[2]), UTC))


def stretched(salt: str, code: str, rounds: int) -> str:
    """As the kit's ``webfon-admit`` has it: SHA-1 of the salt and the round before."""
    digest = code
    for _ in range(rounds):
        digest = hashlib.sha1(f"{salt}{digest}".encode(), usedforsecurity=False).hexdigest()
    return digest


def matches(code: str, stored: str) -> bool:
    """Whether it is the clave stored as ``salt:rounds:hash``, compared in constant time."""
    try:
        salt, rounds, digest = stored.split(":")
        return hmac.compare_digest(stretched(salt, code, int(rounds)), digest)
    except ValueError:
        return False
