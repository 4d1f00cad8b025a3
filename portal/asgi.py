"""One server on one port: the pages are the WSGI application, in threads that keep their databases.

The same pages under Django's own ASGI handler reach about half the throughput.
"""

from asyncio import wait_for
from collections.abc import Awaitable, Callable
from typing import Any

from a2wsgi import WSGIMiddleware

from portal.wsgi import application as pages

THREADS = 16

PATIENCE = 30.0
"""Seconds that a client may take for each piece it sends or is sent; a thread waits with it."""

_pages: Any = WSGIMiddleware(pages, workers=THREADS)


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Serve one request; answer the server's start and stop signals."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "http":
        await _pages(scope, _patient(receive), _patient(send))


def _patient(wire: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """The same, with a deadline: a client that stalls must not hold a thread for ever."""

    async def limited(*args: Any) -> Any:
        return await wait_for(wire(*args), PATIENCE)

    return limited


async def _lifespan(receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
