"""Names of hosts to addresses, within a deadline: the system's resolver knows none."""

import socket
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from threading import Thread
from typing import Any

from portal.pbx.errors import PBXUnavailable

Address = tuple[socket.AddressFamily, tuple[Any, ...]]


def resolve(host: str, port: int, timeout: float) -> list[Address]:
    """The addresses of a host, best first. Numbers need no look-up and never wait."""
    try:
        return _look_up(host, port, socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return _look_up_in_time(host, port, timeout)


def _look_up_in_time(host: str, port: int, timeout: float) -> list[Address]:
    answer: Future[list[Address]] = Future()
    Thread(target=_answer, args=(answer, host, port), daemon=True).start()
    try:
        return answer.result(timeout)
    except TimeoutError:
        raise PBXUnavailable(f"the name {host!r} was not resolved before the deadline") from None
    except (OSError, UnicodeError) as error:
        raise PBXUnavailable(f"the name {host!r} is not resolved: {error}") from None


def _answer(answer: Future[list[Address]], host: str, port: int) -> None:
    with suppress(InvalidStateError):
        try:
            answer.set_result(_look_up(host, port, 0))
        except (OSError, UnicodeError) as error:
            answer.set_exception(error)


def _look_up(host: str, port: int, flags: int) -> list[Address]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
    return [(family, address) for family, _, _, _, address in found]
