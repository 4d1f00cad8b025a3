"""Where people can be reached now, and what they are to the queues: frozen values.

``node`` says which node tells it. A node that did not answer stands in ``away``; of what only it
knows nothing is said.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from portal.pbx.errors import NotFound

DIGITS = re.compile(r"[0-9]{1,32}", re.ASCII)
DEVICE = re.compile(r"[0-9A-Za-z_.-]{1,80}", re.ASCII)

MOST_REASON = 60
"""Characters of the reason for a pause; Asterisk 22 keeps 79 bytes (app_queue.c)."""

_UNSPEAKABLE = re.compile(r"[\x00-\x1f\x7f|]")


def expect_number(subscriber: str) -> None:
    """Raises ``NotFound`` for what cannot be a subscriber's number."""
    if not DIGITS.fullmatch(subscriber):
        raise NotFound(f"{subscriber!r} is no number")


def expect_place(subscriber: str, device: str) -> None:
    """Raises ``NotFound`` where nobody can be: no number, or no telephone's name."""
    if not DIGITS.fullmatch(subscriber) or not DEVICE.fullmatch(device):
        raise NotFound(f"{subscriber!r} cannot be at {device!r}")


class Use(StrEnum):
    """What a telephone does now."""

    FREE = "free"
    RINGING = "ringing"
    IN_USE = "in-use"
    ON_HOLD = "on-hold"
    UNREACHABLE = "unreachable"
    UNKNOWN = "unknown"  # the telephone system has no telephone of that name


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """One place from which a telephone registered. ``milliseconds``: until it answered a ping."""

    address: str  # host and port, "" where unknown
    user_agent: str = ""
    is_reachable: bool = True
    milliseconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceState:
    """A telephone at which the subscriber is, or an own one where somebody else is."""

    device: str
    node: str
    use: Use
    registrations: tuple[Registration, ...] = ()
    occupant: str = ""  # the subscriber who is there instead; calls to the asked one do not ring
    is_guest: bool = False  # the subscriber logged in there
    since: datetime | None = None  # and when, by the clock of the node

    @property
    def is_connected(self) -> bool:
        """Whether a call would ring there."""
        return any(each.is_reachable for each in self.registrations)


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The telephones of one subscriber, in the order of the nodes."""

    devices: tuple[DeviceState, ...]
    away: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """What one queue is to one subscriber on one node. Moments are aware, lengths seconds.

    Somebody may be asked about a queue and be no member: then ``is_member`` is false, and what
    follows it says nothing.
    """

    queue: str
    node: str
    strategy: str  # as Asterisk names it: ringall, leastrecent …
    waiting: int = 0
    longest_wait: int = 0
    is_member: bool = True
    is_dynamic: bool = False  # whether one may leave
    penalty: int = 0
    use: Use = Use.UNKNOWN
    since: datetime | None = None  # a dynamic member logged in
    is_paused: bool = False
    paused_since: datetime | None = None
    reason: str = ""
    last_call: datetime | None = None  # the end of the last one taken, since Asterisk's start


@dataclass(frozen=True, slots=True)
class Memberships:
    """The queues of one subscriber, by name, then in the order of the nodes."""

    queues: tuple[Membership, ...]
    away: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Staffed:
    """One queue on one node, as nobody's membership, and who is in it.

    A member is named by the subscriber's number, else as the telephone system names it.
    """

    queue: Membership
    members: tuple[tuple[str, Membership], ...]


@dataclass(frozen=True, slots=True)
class Staff:
    """All queues with their members, by name, then in the order of the nodes."""

    queues: tuple[Staffed, ...]
    away: tuple[str, ...] = ()


def clean_reason(text: str) -> str:
    """A reason as every node and its ``queue_log`` can hold it: one line without ``|``."""
    return " ".join(_UNSPEAKABLE.sub(" ", text).split())[:MOST_REASON].strip()
