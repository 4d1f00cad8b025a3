"""One node as the rest of the back end sees it: ask it, and it answers or counts as away."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Lock, Timer

from portal import metrics
from portal.pbx.asterisk.ami import Account, Connection, Deadline, is_refused
from portal.pbx.asterisk.wire import Action, Reply
from portal.pbx.errors import PBXRejected, PBXUnavailable

logger = logging.getLogger(__name__)

MAX_IDLE = 4
"""Connections kept open for the next request; more may be in use at once."""

KEPT_SECONDS = 0.5
"""How long. Asterisk wakes every session for every event, whether that wants any or not: one that
is open costs it 2 ms of processor a call; opening one, 0.25 ms (docs/benchmarks.md).
"""

SECONDS_PER_ACTION = 0.001
"""What each action of a request adds to its deadline; Asterisk needs some 0.05 ms."""

AWAY_SECONDS = 3.0
"""How long a node that failed is not asked again, so that pages do not wait again and again."""


class Breaker:
    """Whether a node is worth asking. ``clock`` is monotonic, in seconds."""

    def __init__(self, pause: float = AWAY_SECONDS, clock: Callable[[], float] = time.monotonic):
        self._pause, self._clock = pause, clock
        self._lock = Lock()
        self._away_until: float | None = None

    def admit(self, name: str = "") -> None:
        """Raise ``PBXUnavailable`` while the node is away, but let one caller try each pause."""
        with self._lock:
            if self._away_until is None:
                return
            if self._clock() < self._away_until:
                raise PBXUnavailable(f"node {name}: away a moment ago")
            self._away_until = self._clock() + self._pause

    def failed(self) -> None:
        """The node counts as away from now on, for a pause."""
        with self._lock:
            self._away_until = self._clock() + self._pause

    def succeeded(self) -> None:
        """The node answers."""
        with self._lock:
            self._away_until = None


class Node:
    """A server of the telephone system. Safe to use from several threads.

    ``timeout`` is in seconds and covers a whole request of a few actions, connecting included.
    ``kept`` are the seconds for which a connection waits for the next request.
    """

    def __init__(
        self,
        name: str,
        account: Account,
        timeout: float,
        breaker: Breaker | None = None,
        kept: float = KEPT_SECONDS,
    ) -> None:
        self.name, self.account, self.timeout, self._kept = name, account, timeout, kept
        self.breaker = breaker or Breaker()
        self._lock = Lock()
        self._idle: list[tuple[float, Connection]] = []
        self._sweeper: Timer | None = None

    def request(self, actions: Sequence[Action], seconds: float | None = None) -> list[Reply]:
        """The reply to each action, in order. Raises ``PBXUnavailable``, or ``PBXRejected``
        when one of them must not be sent; then none was. ``seconds`` is for what takes long.
        """
        deadline = Deadline((seconds or self.timeout) + SECONDS_PER_ACTION * len(actions))
        with self._connection(deadline) as connection:
            began = time.perf_counter()
            replies = connection.request(actions, deadline)
            metrics.AMI_SECONDS.labels(self.name).observe(time.perf_counter() - began)
            return replies

    def is_stopped(self) -> bool:
        """Whether the host answers and says that nobody listens there. Asks anew every time."""
        return is_refused(self.account, Deadline(self.timeout))

    def close(self) -> None:
        """Close what is idle. The node can still be asked; it is then connected to anew."""
        with self._lock:
            idle, self._idle = self._idle, []
        for _, connection in idle:
            connection.close()

    @contextmanager
    def _connection(self, deadline: Deadline) -> Iterator[Connection]:
        self.breaker.admit(self.name)
        try:
            connection = self._reuse() or Connection.open(self.account, deadline)
        except PBXUnavailable as error:
            raise self._away(error) from error
        try:
            yield connection
        except PBXRejected:
            self._keep(connection)
            raise
        except BaseException as error:
            connection.close()
            if isinstance(error, PBXUnavailable):
                raise self._away(error) from error
            raise
        self._keep(connection)

    def _reuse(self) -> Connection | None:
        while True:
            with self._lock:
                if not self._idle:
                    return None
                _, connection = self._idle.pop()
            if connection.is_fresh():
                return connection
            connection.close()

    def _keep(self, connection: Connection) -> None:
        self.breaker.succeeded()
        with self._lock:
            if len(self._idle) < MAX_IDLE:
                self._idle.append((time.monotonic(), connection))
                self._sweep_later()
                return
        connection.close()

    def _sweep_later(self) -> None:
        if self._sweeper is None:
            self._sweeper = Timer(self._kept, self._sweep)
            self._sweeper.daemon = True
            self._sweeper.start()

    def _sweep(self) -> None:
        """Close what nobody has used for long, and look again while something is kept."""
        with self._lock:
            since = time.monotonic() - self._kept
            old = [connection for at, connection in self._idle if at <= since]
            self._idle = [(at, connection) for at, connection in self._idle if at > since]
            self._sweeper = None
            if self._idle:
                self._sweep_later()
        for connection in old:
            connection.close()

    def _away(self, error: PBXUnavailable) -> PBXUnavailable:
        self.breaker.failed()
        metrics.AMI_FAILURES.labels(self.name).inc()
        self.close()
        logger.warning("Node %s: %s", self.name, error)
        return type(error)(f"node {self.name}: {error}")
