"""A thin blocking AMI client: one connection, one thread at a time, never beyond a deadline.

Every failure is ``PBXUnavailable``; neither errors nor logs ever hold a secret or a value.
"""

import socket
import ssl
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event
from typing import Self

from portal import logs
from portal.pbx.asterisk.addresses import resolve
from portal.pbx.asterisk.wire import Action, Message, Parser, Reply, action, encode, pieces
from portal.pbx.errors import PBXRejected, PBXUnavailable

BATCH = 64
"""Actions on the way at once. Their bytes fit the socket buffers both ways, so that neither side
ever waits for the other to read; Asterisk drops a session that does not read (``writetimeout``)."""

MAX_EVENTS = 1000
"""Unread events kept for ``next_event``; older ones are dropped."""

EVENTS = "system,call,user,agent"
"""Classes of events that are asked for; a user is given those that its ``read`` has."""

LATER = frozenset({"OriginateResponse"})
"""Events that bear the id of an action and are no part of its reply; they may even come before."""

STOP_SLICE = 0.8
"""Seconds until a wait that can be stopped looks at its ``stop``; also the longest that looking up
a name, connecting and agreeing on TLS may each take then."""

CHUNK = 65536


class LoginRefused(PBXUnavailable):
    """User, secret or address is not the node's. Mending it makes the node available again."""


class NotBooted(PBXUnavailable):
    """Logged in, but ``FullyBooted`` did not come: still starting, or ``read = system`` missing."""


@dataclass(frozen=True, slots=True)
class Account:
    """Where a node listens and as whom to log in. ``tls_ca`` is the path of a CA, "" for no TLS."""

    host: str
    port: int
    user: str
    secret: str = field(repr=False)
    tls_ca: str = ""


class TimedOut(PBXUnavailable):
    """Nothing came before the deadline."""


class Deadline:
    """A point on the monotonic clock, ``seconds`` from now. Setting ``stop`` brings it forward."""

    def __init__(self, seconds: float, stop: Event | None = None) -> None:
        self._end = time.monotonic() + seconds
        self._stop = stop

    def wait(self) -> float:
        """How many seconds to wait now, before asking again. Raises ``TimedOut`` at the end."""
        left = self._end - time.monotonic()
        if left <= 0 or (self._stop and self._stop.is_set()):
            raise TimedOut("no answer before the deadline")
        return min(left, STOP_SLICE) if self._stop else left


class Connection:
    """A logged-in session. After ``PBXUnavailable`` it is of no further use: close it."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._parser = Parser()
        self._messages: deque[Message] = deque()
        self._events: deque[Message] = deque(maxlen=MAX_EVENTS)
        self._sent = 0

    @classmethod
    def open(
        cls, account: Account, deadline: Deadline, *, booted: bool = True, events: bool = False
    ) -> Self:
        """Connect and log in; with ``booted``, wait for ``FullyBooted``, and then want no more
        events unless ``events`` says so.
        """
        connection = cls(_connect(account, deadline))
        try:
            connection._greet(deadline)
            connection._login(account, deadline)
            if booted:
                connection._wait_booted(deadline)
            if booted and not events:
                connection.request([action("Events", EventMask="off")], deadline)
        except BaseException:
            connection.close()
            raise
        return connection

    def request(self, actions: Iterable[Action], deadline: Deadline) -> list[Reply]:
        """Send the actions pipelined, in order, and collect the reply to each, in order.

        Raises ``PBXRejected`` before anything is sent when one of them must not be sent.
        A node's own refusal is in the reply and raises nothing.
        """
        packets = [self._packet(item) for item in actions]
        replies: list[Reply] = []
        for start in range(0, len(packets), BATCH):
            replies += self._exchange(packets[start : start + BATCH], deadline)
        return replies

    def next_event(self, deadline: Deadline) -> Message:
        """The next event, however long ago it came. After ``TimedOut`` it may be asked again."""
        while not self._events:
            message = self._next(deadline)
            if "Event" in message:
                return message
        return self._events.popleft()

    def is_fresh(self) -> bool:
        """Whether an idle connection still stands, as far as can be seen without asking."""
        try:
            self._socket.settimeout(0)
            data = self._socket.recv(CHUNK)
            self._messages.extend(self._parser.feed(data))
        except (BlockingIOError, ssl.SSLWantReadError):
            return True
        except (OSError, PBXUnavailable):
            return False
        return bool(data)

    def close(self) -> None:
        """End the session. May be called at any time, also twice."""
        with suppress(OSError):
            self._socket.close()

    def _packet(self, item: Action) -> tuple[str, bytes]:
        self._sent += 1
        action_id = "-".join(filter(None, [item.request_id or logs.current(), str(self._sent)]))
        return action_id, encode(item, action_id)

    def _exchange(
        self, packets: Sequence[tuple[str, bytes]], deadline: Deadline
    ) -> Iterator[Reply]:
        self._send(b"".join(data for _, data in packets), deadline)
        for action_id, _ in packets:
            yield self._reply(action_id, deadline)

    def _reply(self, action_id: str, deadline: Deadline) -> Reply:
        """Asterisk answers a session's actions one after the other, so replies come in order."""
        response = self._own(action_id, deadline)
        if "Event" in response:
            raise PBXUnavailable("unintelligible: a list without its response")
        if response.get("EventList", "").lower() != "start":
            return Reply(response)
        events: list[Message] = []
        while True:
            event = self._own(action_id, deadline)
            if event.get("EventList", "").lower() in ("complete", "cancelled"):
                return Reply(response, tuple(events))
            events.append(event)

    def _own(self, action_id: str, deadline: Deadline) -> Message:
        """The next message that belongs to the action; events of the system are put aside."""
        while True:
            message = self._next(deadline)
            is_later = message.get("Event") in LATER
            if message.get("ActionID") == action_id and not is_later:
                return message
            if "Event" not in message:
                raise PBXUnavailable("unintelligible: a response to nothing that was asked")
            self._events.append(message)

    def _next(self, deadline: Deadline) -> Message:
        while not self._messages:
            self._messages.extend(self._parser.feed(self._receive(deadline)))
        return self._messages.popleft()

    def _send(self, data: bytes, deadline: Deadline) -> None:
        is_tls = isinstance(self._socket, ssl.SSLSocket)
        for piece in pieces(data) if is_tls else [data]:
            self._send_piece(memoryview(piece), deadline)

    def _send_piece(self, view: memoryview, deadline: Deadline) -> None:
        while view:
            try:
                self._socket.settimeout(deadline.wait())
                view = view[self._socket.send(view) :]
            except TimeoutError:
                continue
            except OSError as error:
                raise _unreached(error) from None

    def _receive(self, deadline: Deadline) -> bytes:
        while True:
            try:
                self._socket.settimeout(deadline.wait())
                data = self._socket.recv(CHUNK)
            except TimeoutError:
                continue
            except OSError as error:
                raise _unreached(error) from None
            if not data:
                raise PBXUnavailable("the node closed the connection")
            return data

    def _greet(self, deadline: Deadline) -> None:
        while not self._parser.banner(self._receive(deadline)):
            pass
        self._messages.extend(self._parser.feed(b""))

    def _login(self, account: Account, deadline: Deadline) -> None:
        # Without events Asterisk does not say that it is booted, so they are asked for here.
        login = action("Login", Username=account.user, Secret=account.secret, Events=EVENTS)
        try:
            reply = self.request([login], deadline)[0]
        except PBXRejected as error:
            raise LoginRefused(f"user or secret cannot be sent: {error}") from None
        if not reply.ok:
            raise LoginRefused(f"the node refused the login as {account.user!r}")

    def _wait_booted(self, deadline: Deadline) -> None:
        try:
            while self.next_event(deadline).get("Event") != "FullyBooted":
                pass
        except PBXUnavailable as error:
            raise NotBooted(f"the node did not say that it is fully booted: {error}") from None


def is_refused(account: Account, deadline: Deadline) -> bool:
    """Whether the host is there and nothing listens at the port: the node does not run."""
    for family, address in resolve(account.host, account.port, deadline.wait()):
        with socket.socket(family, socket.SOCK_STREAM) as sock:
            try:
                sock.settimeout(deadline.wait())
                sock.connect(address)
            except ConnectionRefusedError:
                continue
            except OSError:
                return False
            return False
    return True


def _connect(account: Account, deadline: Deadline) -> socket.socket:
    failure = PBXUnavailable("the host has no address")
    for family, address in resolve(account.host, account.port, deadline.wait()):
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.settimeout(deadline.wait())
            sock.connect(address)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return _secure(sock, account, deadline) if account.tls_ca else sock
        except (OSError, PBXUnavailable) as error:
            sock.close()
            failure = _unreached(error)
    raise failure


def _secure(sock: socket.socket, account: Account, deadline: Deadline) -> ssl.SSLSocket:
    context = ssl.create_default_context(cafile=account.tls_ca)
    sock.settimeout(deadline.wait())
    return context.wrap_socket(sock, server_hostname=account.host)


def _unreached(error: Exception) -> PBXUnavailable:
    if isinstance(error, PBXUnavailable):
        return error
    if isinstance(error, TimeoutError):
        return TimedOut("no answer before the deadline")
    return PBXUnavailable(f"not reached: {error}")
