"""An open browser, one of hundreds: pages over a connection that stays, and the stream of news.

Much lighter than ``visitor.Visitor``, and it hears what an open page hears.
"""

import asyncio
import gzip
import re
import ssl
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from email.message import Message
from email.parser import BytesHeaderParser
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urljoin, urlsplit

from tests.drill.company import NAME, Company
from tests.drill.visitor import PREFIX, Page

PATIENCE = 30.0
"""Seconds after which nobody waits for an answer any more."""

RENDERED_AT = re.compile(r'data-rendered-at="(\d+)"')

Link = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Tally:
    """What all browsers saw together."""

    def __init__(self) -> None:
        self.pages = self.parts = self.streams_open = 0
        self.statuses: Counter[int] = Counter()
        self.strange: list[str] = []
        self.seconds: list[float] = []

    @property
    def asked(self) -> int:
        """Pages, forms sent and parts of pages."""
        return self.pages + self.parts


class Browser:
    """One person's. ``hear`` is done for every topic of news that the open page hears."""

    def __init__(self, company: Company, cookies: Mapping[str, str], tally: Tally) -> None:
        self.port, self.cookies, self.tally = company.https, dict(cookies), tally
        self.tls = ssl.create_default_context(cafile=str(company.certificate))
        self.hear: Callable[[str], Coroutine[None, None, object]]
        self.turn = asyncio.Lock()
        self.link: Link | None = None
        self.stream: asyncio.Task[None] | None = None

    async def get(self, path: str) -> Page:
        """A page, which then is the one that is open: its stream takes the place of the last."""
        page = await self._ask(path)
        self.tally.pages += 1
        if found := RENDERED_AT.search(page.text):
            await self._close_stream()
            self.stream = asyncio.create_task(self._follow(found[1]))
        return page

    async def part(self, path: str) -> Page:
        """What a script fetches."""
        self.tally.parts += 1
        return await self._ask(path, headers={"HX-Request": "true", "X-News": "1"})

    async def post(self, path: str, fields: Mapping[str, object], **headers: str) -> Page:
        """Send a form; where that leads to a page, open it."""
        self.tally.parts += "HX-Request" in headers
        self.tally.pages += "HX-Request" not in headers
        page = await self._ask(path, urlencode(fields, doseq=True), headers)
        return await self.get(page.headers["Location"]) if page.status == 302 else page

    async def close(self) -> None:
        """Leave."""
        await self._close_stream()
        self._hang_up()

    def _hang_up(self) -> None:
        if self.link:
            self.link[1].transport.abort()
            self.link = None

    async def _ask(
        self, path: str, body: str | None = None, headers: Mapping[str, str] | None = None
    ) -> Page:
        address = urljoin(PREFIX, path)
        began = time.perf_counter()
        async with self.turn:
            try:
                async with asyncio.timeout(PATIENCE):
                    page = await self._exchange(address, body, headers or {})
            except asyncio.CancelledError:  # the page is left before its part came
                self._hang_up()
                raise
            except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
                self._hang_up()
                self.tally.strange.append(f"{urlsplit(address).path}: {error!r}")
                return Page(0, address, "", {})
        self.tally.seconds.append(time.perf_counter() - began)
        self.tally.statuses[page.status] += 1
        if page.status not in {200, 204, 302}:
            self.tally.strange.append(f"{page.address}: {page.status} {page.words[:200]}")
        return page

    async def _exchange(self, address: str, body: str | None, headers: Mapping[str, str]) -> Page:
        request = self._request(address, body, headers)
        if self.link and self.link[0].at_eof():  # nginx closes what nobody used for long
            self.link = None
        self.link = self.link or await self._connect()
        reader, writer = self.link
        writer.write(request)
        head = await self._head(reader)
        content = await _content(reader, head)
        if head.get("Connection") == "close":
            self._hang_up()
        status, path = int(head["Status"]), urlsplit(address).path
        return Page(status, path, content.decode(errors="replace"), head)

    def _request(self, address: str, body: str | None, headers: Mapping[str, str]) -> bytes:
        split = urlsplit(address)
        target = f"{split.path}?{split.query}" if split.query else split.path
        given = {
            "Host": NAME,
            "Referer": address,
            "Accept-Encoding": "gzip",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            **headers,
        }
        if body is not None:
            given |= {"Content-Type": "application/x-www-form-urlencoded"}
            given |= {"Content-Length": str(len(body)), "Origin": f"https://{NAME}"}
        lines = [f"{'GET' if body is None else 'POST'} {target} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in given.items()]
        return ("\r\n".join(lines) + "\r\n\r\n" + (body or "")).encode()

    async def _connect(self) -> Link:
        return await asyncio.open_connection(
            "127.0.0.1", self.port, ssl=self.tls, server_hostname=NAME, limit=1 << 20
        )

    async def _head(self, reader: asyncio.StreamReader) -> Message:
        text = await reader.readuntil(b"\r\n\r\n")
        first, _, rest = text.partition(b"\r\n")
        head = BytesHeaderParser().parsebytes(rest)
        head["Status"] = first.split()[1].decode()
        for line in head.get_all("Set-Cookie", ()):
            for name, cookie in SimpleCookie(line).items():
                self.cookies[name] = cookie.value
        return head

    async def _follow(self, since: str) -> None:
        """Hear news until the page is left; that it ends by itself is a fault."""
        said = "it ended"
        try:
            reader, writer = await self._connect()
        except OSError as error:
            self.tally.strange.append(f"stream: {error!r}")
            return
        try:
            writer.write(self._request(urljoin(PREFIX, f"eventos/?desde={since}"), None, {}))
            head = await self._head(reader)
            said = f"{head['Status']}, {said}"
            self.tally.streams_open += 1
            try:
                while line := await reader.readline():
                    topic = line.decode().removeprefix("event: ").strip()
                    if line.startswith(b"event: ") and topic != "hola":
                        await self.hear(topic)
            finally:
                self.tally.streams_open -= 1
            self.tally.strange.append(f"stream: {said}")
        except (OSError, asyncio.IncompleteReadError) as error:
            self.tally.strange.append(f"stream: {error!r}")
        finally:
            writer.transport.abort()  # as browsers do: nobody waits for the other's farewell

    async def _close_stream(self) -> None:
        if self.stream:
            self.stream.cancel()
            await asyncio.wait([self.stream])  # which, unlike a bare await, hears its own end
            if not self.stream.cancelled() and (fault := self.stream.exception()):
                self.tally.strange.append(f"stream: {fault!r}")
            self.stream = None


async def _content(reader: asyncio.StreamReader, head: Message) -> bytes:
    if head["Status"] in {"204", "304"}:
        return b""
    if head.get("Transfer-Encoding") == "chunked":
        parts = []
        while size := int(await reader.readline(), 16):
            parts.append((await reader.readexactly(size + 2))[:-2])
        await reader.readline()
        content = b"".join(parts)
    else:
        content = await reader.readexactly(int(head["Content-Length"]))
    return gzip.decompress(content) if head.get("Content-Encoding") == "gzip" else content
