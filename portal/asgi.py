"""One server on one port: the pages are the WSGI application, in threads that keep their databases,
and beside them the stream, which needs no thread of its own for each listener.

The same pages under Django's own ASGI handler reach about half the throughput.
"""

import gc
import signal
from asyncio import get_running_loop, wait_for
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from a2wsgi import WSGIMiddleware
from django.conf import settings
from django.urls import get_resolver

from portal.wsgi import application as pages  # isort: skip - Django must be set up before

from portal import stream  # isort: skip

THREADS = 16

PATIENCE = 30.0
"""Seconds that a client may take for each piece it sends or is sent; a thread waits with it."""

_pages: Any = WSGIMiddleware(pages, workers=THREADS)

# What is loaded by now stays: the collector need not look through it again, 50 ms a time.
get_resolver().check()
gc.collect()
gc.freeze()

STREAM = f"/{settings.PREFIX}eventos/"

GUARDS = [
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"same-origin"),
    (b"x-content-type-options", b"nosniff"),
]
if settings.SECURE_HSTS_SECONDS:
    below = "; includeSubDomains" if settings.SECURE_HSTS_INCLUDE_SUBDOMAINS else ""
    hsts = f"max-age={settings.SECURE_HSTS_SECONDS}{below}"
    GUARDS.append((b"strict-transport-security", hsts.encode()))


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Serve one request; answer the server's start and stop signals."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "http" and scope["path"] == STREAM:
        await stream.serve(scope, receive, _guarded(send))
    elif scope["type"] == "http":
        await _pages(scope, _patient(receive), _patient(send))


def _patient(wire: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """The same, with a deadline: a client that stalls must not hold a thread for ever."""

    async def limited(*args: Any) -> Any:
        return await wait_for(wire(*args), PATIENCE)

    return limited


def _guarded(send: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """The same, with the headers that middleware gives to pages, which streams do not pass."""

    async def say(message: Any) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *GUARDS]
        await send(message)

    return say


async def _lifespan(receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            _close_streams_early()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


def _close_streams_early() -> None:
    """A server waits for open answers before it says that it stops, and a stream has no end."""
    loop = get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        usual = signal.getsignal(number)

        def stop(got: int, frame: Any, usual: Any = usual) -> None:
            loop.call_soon_threadsafe(stream.hub.close)
            if callable(usual):
                usual(got, frame)

        with suppress(ValueError):  # only the main thread may
            signal.signal(number, stop)
