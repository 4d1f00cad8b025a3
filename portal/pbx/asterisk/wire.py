"""How AMI looks on the wire: actions to bytes, bytes to messages. Pure: no socket, no clock."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NoReturn

from portal.pbx.errors import PBXRejected, PBXUnavailable

MAX_LINE_BYTES = 1022
"""The longest header that Asterisk 22 reads, without CR/LF: 1017 bytes after ``Val: ``."""

MAX_MESSAGE_BYTES = 256 * 1024
"""A message longer than this is no AMI."""

BANNER = b"Asterisk Call Manager/"

CONTROL = re.compile(r"[\x00-\x1f\x7f]")

Message = Mapping[str, str]
"""Headers by name; of a repeated header the first."""


@dataclass(frozen=True, slots=True)
class Action:
    """What a node is asked. ``headers`` are sent in their order; its repr shows no values.

    ``request_id`` names the request that it is done for, where that is not the one that asks.
    """

    name: str
    headers: tuple[tuple[str, str], ...] = ()
    request_id: str = ""

    def __repr__(self) -> str:
        return f"<Action {self.name}>"


def action(name: str, /, **headers: str) -> Action:
    """An action with headers named as in the AMI documents."""
    return Action(name, tuple(headers.items()))


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back for one action: the response, and the events of a list."""

    response: Message
    events: tuple[Message, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the node says that it did what was asked."""
        return self.response.get("Response") == "Success"

    @property
    def message(self) -> str:
        """The node's own words, for logs and the operator, never for users."""
        return self.response.get("Message", "")


def encode(action: Action, action_id: str) -> bytes:
    """The bytes of an action. Raises ``PBXRejected`` for what must never be sent."""
    lines = [("Action", action.name), ("ActionID", action_id), *action.headers]
    return b"".join(_line(name, value) for name, value in lines) + b"\r\n"


def _line(name: str, value: str) -> bytes:
    if CONTROL.search(value):
        raise PBXRejected(f"control character in header {name}")
    try:
        line = f"{name}: {value}".encode()
    except UnicodeEncodeError:
        # Without "from": the original's text holds the value.
        raise PBXRejected(f"header {name} is not valid text") from None
    if len(line) > MAX_LINE_BYTES:
        raise PBXRejected(f"header {name} is longer than an AMI line")
    return line + b"\r\n"


def pieces(data: bytes) -> Iterator[bytes]:
    """Cut encoded actions into runs of whole lines, each of which Asterisk reads at once.

    Over TLS it waits for the socket, not for what OpenSSL has already taken from it: of a longer
    record the rest would lie unread until more came (Asterisk 22, ``get_input`` of manager.c).
    """
    start = end = 0
    for line in data.splitlines(keepends=True):
        if end + len(line) - start > MAX_LINE_BYTES + 2:
            yield data[start:end]
            start = end
        end += len(line)
    if end > start:
        yield data[start:end]


class Parser:
    """Turns the bytes of one connection, in any pieces, into messages."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def banner(self, data: bytes) -> bool:
        """Take in bytes; true once the greeting has come. Raises for any other greeting."""
        self._buffer += data
        line, end, rest = bytes(self._buffer).partition(b"\n")
        if not BANNER.startswith(line[: len(BANNER)]) or len(line) > MAX_LINE_BYTES:
            _garbage("this is no Asterisk manager port")
        if end:
            self._buffer[:] = rest
        return bool(end) and line.startswith(BANNER)

    def feed(self, data: bytes) -> Iterator[Message]:
        """Take in bytes and give the messages that are complete. Raises for what is no AMI."""
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            block = bytes(self._buffer[:end]).lstrip(b"\r\n")
            del self._buffer[: end + 4]
            if block:
                yield _message(block.split(b"\r\n"))
        if len(self._buffer) > MAX_MESSAGE_BYTES:
            _garbage("a message without an end")


def _message(lines: Iterable[bytes]) -> Message:
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.decode("utf-8", "replace").partition(":")
        if colon:
            headers.setdefault(name, value.removeprefix(" "))
    if "Response" not in headers and "Event" not in headers:
        _garbage("a message that is neither response nor event")
    return headers


def _garbage(what: str) -> NoReturn:
    raise PBXUnavailable(f"unintelligible: {what}")
