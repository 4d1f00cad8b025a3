"""The stream of server-sent events: which topics an open page should look at again.

Served beside the pages, without a thread or a database connection for each listener: one thread a
process reads for all of them. https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from threading import Event, Thread
from time import monotonic
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.core.exceptions import DisallowedHost
from django.core.handlers.asgi import ASGIRequest
from django.db import DatabaseError, close_old_connections, connections
from django.utils import timezone
from django.utils.module_loading import import_string

from portal import logs, metrics, news
from portal.access import subscriber_of
from portal.accounts.held import SURE_FOR, HeldSessions
from portal.news import Topic

log = logging.getLogger(__name__)

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]

READ_EVERY = 0.5
"""Seconds between two looks for news."""

HEARTBEAT = 15.0
"""Seconds of silence after which a sign of life is sent; each time the session is looked at."""

GATHER = 0.1
"""Seconds in which topics are gathered, so that a burst is one event of each."""

RETRY = 2000
"""Milliseconds until a browser whose stream broke tries again."""

PATIENCE = 10.0
"""Seconds that a client may take to receive something."""

MOST_OF_ONE, MOST = 8, 2000
"""Listeners of one subscriber, and of the process; pages without a stream poll."""

HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"content-encoding", b"identity"),
    (b"x-accel-buffering", b"no"),
]

ID_HEADER = b"x-request-id"

_executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="stream")


@dataclass(eq=False)
class Listener:
    """An open page."""

    topics: set[Topic] = field(default_factory=set)
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    closing: bool = False
    key: str = ""
    seen_at: float = field(default_factory=monotonic)

    def wake(self, *topics: Topic, closing: bool = False) -> None:
        """Something is to be sent, or it is over."""
        self.topics.update(topics)
        self.closing = self.closing or closing
        self.woken.set()

    def take(self) -> set[Topic]:
        """What is to be sent now."""
        self.woken.clear()
        topics, self.topics = self.topics, set()
        return topics


class Hub:
    """The listeners of this process. Used by its event loop alone, but for ``_follow``."""

    def __init__(self) -> None:
        self._listeners: defaultdict[str, set[Listener]] = defaultdict(set)
        self._ready: asyncio.Future[None] | None = None
        self._stop = Event()

    def is_full(self, number: str) -> bool:
        """Whether one more would be too many."""
        everyone = sum(map(len, self._listeners.values()))
        return everyone >= MOST or len(self._listeners.get(number, ())) >= MOST_OF_ONE

    @contextmanager
    def listening(self, number: str, listener: Listener) -> Iterator[None]:
        """It hears what concerns the number, for as long as the block takes."""
        self._listeners[number].add(listener)
        metrics.STREAMS.inc()
        try:
            yield
        finally:
            metrics.STREAMS.dec()
            self._listeners[number].discard(listener)
            if not self._listeners[number]:
                del self._listeners[number]

    def keys(self) -> set[str]:
        """The sessions of all listeners."""
        return {each.key for listeners in self._listeners.values() for each in listeners}

    async def ready(self) -> None:
        """Return when news is being read; from then on nothing is missed."""
        if self._ready is None:
            loop = asyncio.get_running_loop()
            self._ready = loop.create_future()
            Thread(target=self._follow, args=(loop,), name="news", daemon=True).start()
        await asyncio.shield(self._ready)

    def close(self) -> None:
        """The server is about to stop: let every listener go."""
        self._stop.set()
        for listeners in self._listeners.values():
            for listener in listeners:
                listener.wake(closing=True)

    def deliver(self, items: list[tuple[str, Topic]]) -> None:
        """Wake whom it concerns."""
        for number, topic in items:
            for listener in self._listeners.get(number, ()):
                listener.wake(topic)

    def _deliver_all(self) -> None:
        self.deliver([(number, topic) for number in self._listeners for topic in Topic])

    def _started(self) -> None:
        if self._ready and not self._ready.done():
            self._ready.set_result(None)

    def _follow(self, loop: asyncio.AbstractEventLoop) -> None:
        """Read until the end of the process; after a failure everybody looks at everything."""
        failed = False
        while not self._stop.is_set():
            with suppress(RuntimeError):  # the loop has ended
                try:
                    follower = news.Follower()
                    loop.call_soon_threadsafe(self._started)
                    if failed:
                        loop.call_soon_threadsafe(self._deliver_all)
                    while not self._stop.is_set():
                        follower.pause(self._stop, READ_EVERY)
                        if items := follower.read():
                            loop.call_soon_threadsafe(self.deliver, items)
                except DatabaseError as error:
                    failed = True
                    log.warning("no news for open pages: %s", error)
                    self._stop.wait(READ_EVERY)
                finally:
                    connections.close_all()


hub = Hub()


async def serve(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Answer one request for the stream, for as long as the page is open."""
    given = dict(scope["headers"]).get(ID_HEADER, b"").decode("latin-1")
    with logs.bearing(logs.id_from(given)):
        await _serve(scope, receive, send)


async def _serve(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    listener = Listener()
    leaving = asyncio.create_task(_leave(receive, listener))
    try:
        await _let_in(scope, send, listener)
    finally:
        leaving.cancel()


async def _let_in(scope: dict[str, Any], send: Send, listener: Listener) -> None:
    """Who left while others were asked about costs nothing more: people turn pages fast."""
    number, began = await _ask(lambda: ("", None) if listener.closing else _who(scope))
    if listener.closing:
        return
    if not number:
        await _refuse(send, 403)
    elif hub.is_full(number):
        await _refuse(send, 503)
    else:
        with hub.listening(number, listener):
            listener.key = ASGIRequest(scope, BytesIO()).COOKIES[settings.SESSION_COOKIE_NAME]
            await _listen(scope, send, listener, number, began)


async def _listen(
    scope: dict[str, Any], send: Send, listener: Listener, number: str, began: datetime
) -> None:
    try:
        await asyncio.wait_for(hub.ready(), PATIENCE)
        listener.wake(*await _ask(lambda: () if listener.closing else news.since(number, began)))
    except (TimeoutError, DatabaseError):
        await _refuse(send, 503)
        return
    with suppress(TimeoutError):  # a client that does not read
        await _talk(scope, send, number, listener)


async def _talk(scope: dict[str, Any], send: Send, number: str, listener: Listener) -> None:
    headers = [*HEADERS, _id_header()]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await _say(send, f"retry: {RETRY}\n" + _event("hola"))
    while not listener.closing:
        with suppress(TimeoutError):
            await asyncio.wait_for(listener.woken.wait(), HEARTBEAT)
            await asyncio.sleep(0 if listener.closing else GATHER)
        topics = listener.take()
        if not listener.closing and not await _may_stay(scope, number, listener):
            await _say(send, _event("salir"))
            break
        await _say(send, "".join(map(_event, sorted(topics))) or ":\n\n")
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _may_stay(scope: dict[str, Any], number: str, listener: Listener) -> bool:
    if monotonic() - listener.seen_at < SURE_FOR and await sessions.holds(listener.key, hub.keys):
        return True
    listener.seen_at = monotonic()
    return bool((await _ask(_who, scope))[0] == number)


def _event(name: str) -> str:
    """One event; its id is the moment, from which a browser asks again after a break."""
    moment = int(timezone.now().timestamp() * 1000)
    return f"id: {moment}\nevent: {name}\ndata: 1\n\n"


async def _say(send: Send, text: str) -> None:
    message = {"type": "http.response.body", "body": text.encode(), "more_body": True}
    await asyncio.wait_for(send(message), PATIENCE)


async def _leave(receive: Receive, listener: Listener) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    listener.wake(closing=True)


async def _refuse(send: Send, status: int) -> None:
    headers = [(b"cache-control", b"no-store"), _id_header()]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def _id_header() -> tuple[bytes, bytes]:
    return ID_HEADER, logs.current().encode()


async def _ask(function: Callable[..., Any], *args: Any) -> Any:
    """The function's answer from the thread that may use databases."""

    def ask() -> Any:
        close_old_connections()
        return function(*args)

    return await asyncio.get_running_loop().run_in_executor(_executor, logs.carried(ask))


sessions = HeldSessions(_ask)


def _who(scope: dict[str, Any]) -> tuple[str, datetime]:
    """Whose session it is, by number, "" for nobody; and up to when the page knows everything."""
    request: Any = ASGIRequest(scope, BytesIO())
    try:
        request.get_host()
        engine = import_string(f"{settings.SESSION_ENGINE}.SessionStore")
        request.session = engine(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
        request.user = get_user(request)
        subscriber = subscriber_of(request)
    except (DisallowedHost, DatabaseError):
        return "", timezone.now()
    return subscriber.number if subscriber else "", _began(request)


def _began(request: ASGIRequest) -> datetime:
    text = request.headers.get("Last-Event-ID", "") or request.GET.get("desde", "")
    try:
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)
