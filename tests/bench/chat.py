"""The chat on PostgreSQL, two processes: open pages, and lines on their way to them"""

import asyncio
import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import cycle
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from uuid import uuid4

from tests.asterisk.instance import Instance
from tests.asterisk.postgres import Server
from tests.asterisk.product import Product
from tests.chat.crowd import TOKEN, Side, invite, send_while_killing
from tests.server import environment, prepare

PEOPLE = 1000
RATES, SECONDS = (25, 50, 100), 15
SENDERS = 12
IDLE = 20.0
TICKS = os.sysconf("SC_CLK_TCK")
SETTLE = 3.0
LATEST = 60.0
"""Seconds after which a line counts as not delivered."""

TALKS, LINES = 358, 14
"""10,024 lines: each side may write 15 within seconds before it is slowed down."""

CLIENT = re.compile(r'data-client="([0-9a-f-]+)"')


def run(instance: Instance) -> Iterator[tuple[str, str]]:
    """Open a page for each conversation, look at what that costs, then let the agents write."""
    with tempfile.TemporaryDirectory(prefix="webfon-chat-") as folder:
        server = Server().start("max_connections=200")
        for name in ("webfon", "calls"):
            with server.connect() as link:
                link.execute(f"CREATE DATABASE {name}")
        databases = {
            "DATABASE_URL": server.url("webfon"),
            "CDR_DATABASE_URL": server.url("calls"),
        }
        env = environment(Path(folder), WEBFON_DEMO="yes", **databases)
        webs = [Product(env), Product(env)]
        try:
            prepare(env)
            for web in webs:
                web.start_web()
            yield from asyncio.run(_measure(webs, invite(env, PEOPLE)))
            yield _killed(webs)
        finally:
            for web in webs:
                if web.web:
                    web.kill_web()
            server.remove()


def _killed(webs: list[Product]) -> tuple[str, str]:
    """Ten thousand lines, while one process and then the other is killed."""
    pairs = invite(webs[0].env, TALKS, first=5000)
    began = time.perf_counter()
    senders = send_while_killing(pairs, webs, LINES)
    lasted = time.perf_counter() - began
    wanted = {client_id for sender in senders for client_id, _text in sender.sent}
    stored: list[str] = []
    for user, _agent in pairs:
        _, page = user.ask(webs[0].port, "GET", f"{user.pk}/lineas/?desde=0")
        stored += [each for each in CLIENT.findall(page) if each in wanted]
    lost, twice = len(wanted - set(stored)), len(stored) - len(set(stored))
    pace = len(wanted) / lasted
    return (
        f"{len(wanted)} lines while processes are killed",
        f"{lost} lost, {twice} twice, {pace:.0f} a second",
    )


class Page:
    """A user's open page: hears that there is something new, and fetches it."""

    def __init__(self, side: Side, port: int, sent: dict[str, float], took: list[float]) -> None:
        self.side, self.port, self.sent, self.took = side, port, sent, took
        self.last = 2
        self.opened = asyncio.Event()

    async def live(self) -> None:
        """Listen until the end."""
        reader, writer = await asyncio.open_connection("localhost", self.port)
        moment = int(time.time() * 1000)
        path = f"/webs/webfon3/eventos/?desde={moment}"
        writer.write(_request("GET", path, self.side))
        while line := await reader.readline():
            if line == b"event: hola\n":
                self.opened.set()
            elif line == b"event: chat\n":
                await self.look()

    async def look(self) -> None:
        """What is new, over a connection that stays open as a browser's does."""
        path = f"/webs/webfon3/chat/{self.side.pk}/lineas/?desde={self.last}"
        _status, text = await _ask(self, self.port, _request("GET", path, self.side))
        for number, client_id in re.findall(r'data-number="(\d+)" data-client="([^"]+)"', text):
            self.last = max(self.last, int(number))
            if began := self.sent.pop(client_id, None):
                self.took.append(time.perf_counter() - began)


async def _measure(webs: list[Product], pairs: Any) -> list[tuple[str, str]]:
    sent: dict[str, float] = {}
    took: list[float] = []
    ports = cycle([web.port for web in webs])
    for user, _agent in pairs[:4]:
        await _ask(user.pk, next(ports), _request("GET", f"/webs/webfon3/chat/{user.pk}/", user))
    before = _memory(webs)
    pages = [Page(user, next(ports), sent, took) for user, _agent in pairs]
    listening = [asyncio.create_task(page.live()) for page in pages]
    for page in pages:
        await asyncio.wait_for(page.opened.wait(), 60)
    await asyncio.sleep(SETTLE)
    found = [
        (f"memory of each of {PEOPLE} open pages", f"{(_memory(webs) - before) / PEOPLE:.0f} KB")
    ]
    busy = _seconds(webs)
    await asyncio.sleep(IDLE)
    load = 100 * (_seconds(webs) - busy) / IDLE
    found.append((f"load of {PEOPLE} idle pages, of one core", f"{load:.1f} %"))
    for rate in RATES:
        busy = _seconds(webs)
        stored, lasted = await _write(pairs, ports, rate, sent)
        load = (_seconds(webs) - busy) / lasted
        pace = f"{rate} lines a second: {stored / lasted:.0f} stored"
        found.append((pace, _spread(took, load)))
        found.append(("  not delivered", str(len(sent))))
        took.clear()
        sent.clear()
    for task in listening:
        task.cancel()
    return found


async def _write(pairs: Any, ports: Any, rate: int, sent: dict[str, float]) -> tuple[int, float]:
    """Agents write at this pace. Returns the lines stored, and how long it took."""
    queue: asyncio.Queue[Side | None] = asyncio.Queue()
    stored = 0

    async def sender(name: int) -> None:
        nonlocal stored
        while side := await queue.get():
            client_id = str(uuid4())
            body = f"text=Buenos+dias&client_id={client_id}&desde=9999"
            path = f"/webs/webfon3/chat/{side.pk}/escribir/"
            sent[client_id] = time.perf_counter()
            status, _text = await _ask(name, next(ports), _request("POST", path, side, body))
            stored += status == 200

    senders = [asyncio.create_task(sender(each)) for each in range(SENDERS)]
    began = time.perf_counter()
    agents = cycle([agent for _user, agent in pairs])
    for each in range(rate * SECONDS):
        await asyncio.sleep(max(0.0, began + each / rate - time.perf_counter()))
        queue.put_nowait(next(agents))
    for _ in senders:
        queue.put_nowait(None)
    await asyncio.gather(*senders)
    lasted = time.perf_counter() - began
    while sent and time.perf_counter() - began < lasted + LATEST:
        await asyncio.sleep(0.1)
    return stored, lasted


_links: dict[Any, tuple[asyncio.StreamReader, asyncio.StreamWriter]] = {}


async def _ask(who: Any, port: int, request: bytes) -> tuple[int, str]:
    """One exchange over the connection of whoever asks."""
    key = (who, port)
    for _attempt in range(2):
        if key not in _links:
            _links[key] = await asyncio.open_connection("localhost", port)
        reader, writer = _links[key]
        with suppress(OSError, asyncio.IncompleteReadError):
            writer.write(request)
            return await _answer(reader)
        del _links[key]
    return 0, ""


async def _answer(reader: asyncio.StreamReader) -> tuple[int, str]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    status, length = int(head.split()[1]), re.search(r"content-length: (\d+)", head, re.IGNORECASE)
    body = await reader.readexactly(int(length[1])) if length else b""
    return status, body.decode()


def _request(method: str, path: str, side: Side, body: str = "") -> bytes:
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: localhost",
        f"Cookie: sessionid={side.session}; csrftoken={TOKEN}",
        f"X-CSRFToken: {TOKEN}",
        "HX-Request: true",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def _memory(webs: list[Product]) -> float:
    """Kilobytes that the processes hold."""
    return sum(
        int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{web.web.pid}/status").read_text())[1])  # type: ignore[union-attr,index]
        for web in webs
    )


def _seconds(webs: list[Product]) -> float:
    """Time that they have computed for."""
    stats = [Path(f"/proc/{web.web.pid}/stat").read_text() for web in webs]  # type: ignore[union-attr]
    return sum(sum(map(int, each.rsplit(")")[1].split()[11:13])) for each in stats) / TICKS


def _spread(seconds: list[float], load: float) -> str:
    if len(seconds) < 2:
        return "nothing was delivered"
    last = quantiles(seconds, n=20)[-1]
    return f"p50 {median(seconds) * 1000:.0f} ms, p95 {last * 1000:.0f} ms, {load:.1f} cores"
