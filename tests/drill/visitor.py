"""Somebody with a browser without JavaScript, who comes through nginx by https."""

import html
import re
import socket
import ssl
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.client import HTTPException, HTTPSConnection
from http.cookiejar import CookieJar
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from tests.drill.company import NAME, Company

PREFIX = f"https://{NAME}/webs/webfon3/"
PATIENCE = 20.0
"""Seconds until somebody presses the button again."""

REFUSALS = {502, 503, 504}
"""Answers that say that something is away."""

NO_ANSWER = 0


class Refused(Exception):
    """What was asked was not done, and that was said; ``status`` 0 where no answer came."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Forms(HTMLParser):
    """The forms of a page, with what a browser would send of each as it stands."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []
        self._select = self._area = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((given.get("action", ""), {}))
        if not self.forms:
            return
        fields, name = self.forms[-1][1], given.get("name", "")
        if tag == "input" and name:
            to_tick = given.get("type") in {"checkbox", "radio"}
            if not to_tick or "checked" in given:
                fields[name] = given.get("value", "on" if to_tick else "")
        elif tag in {"select", "textarea"}:
            self._select, self._area = (name, "") if tag == "select" else ("", name)
            fields[name] = ""
        elif tag == "option" and self._select and ("selected" in given or not fields[self._select]):
            fields[self._select] = given.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._area and self.forms:
            self.forms[-1][1][self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag in {"select", "textarea"}:
            self._select = self._area = ""


@dataclass(frozen=True)
class Page:
    """An answer."""

    status: int
    address: str
    text: str
    headers: Any

    def form(self, action: str) -> dict[str, str]:
        """The first form that is sent to an address with such an end."""
        found = [fields for where, fields in Forms(self.text).forms if where.endswith(action)]
        assert found, f"no form for {action} at {self.address}: {self.text[:2000]}"
        return found[0]

    @property
    def notices(self) -> str:
        """What the page says of what was done."""
        found = re.findall(
            r'<div class="notice \w+">\s*<p class="text">(.*?)</p>', self.text, re.DOTALL
        )
        return " ".join(_plain(each) for each in found)

    @property
    def words(self) -> str:
        """What stands on the page."""
        return _plain(self.text)


def _plain(text: str) -> str:
    bare = re.sub(r"<(?:svg|script|style).*?</\w+>|<[^>]*>", " ", text, flags=re.DOTALL)
    return " ".join(html.unescape(bare).replace("\xa0", " ").split())


class _Handler(urllib.request.HTTPSHandler):
    """Finds the company's name where the drill's nginx listens, and trusts its certificate."""

    def __init__(self, company: Company) -> None:
        context = ssl.create_default_context(cafile=str(company.certificate))
        super().__init__(context=context)
        self._port = company.https

    def https_open(self, request: urllib.request.Request) -> Any:
        def connection(host: str, **given: Any) -> HTTPSConnection:
            made = HTTPSConnection(host, context=self._context, **given)
            made._create_connection = self._connect  # type: ignore[attr-defined]
            return made

        return self.do_open(connection, request)  # type: ignore[arg-type]

    def _connect(self, _address: object, *rest: Any) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self._port), *rest)


class _Stay(urllib.request.HTTPRedirectHandler):
    """Leaves it to us to go elsewhere: what was posted is done by then, whatever comes next."""

    def redirect_request(self, *_: Any) -> None:
        return None


@dataclass
class Visitor:
    """One session. ``answers`` counts all that it was answered, by status."""

    company: Company
    answers: Counter[int] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.cookies = CookieJar()
        kept = urllib.request.HTTPCookieProcessor(self.cookies)
        self._opener = urllib.request.build_opener(_Handler(self.company), kept, _Stay())

    def refusals(self) -> int:
        """How often nothing came, or that something is away."""
        return sum(self.answers[status] for status in (NO_ANSWER, *REFUSALS))

    def get(self, path: str, **headers: str) -> Page:
        """A page that is there. Raises ``Refused``."""
        page = self._ask(path, None, headers)
        while page.status in {301, 302}:
            page = self._ask(page.headers["Location"], None, headers)
        return page

    def insist(self, path: str) -> Page:
        """A page, asked for until it comes, as somebody does who wants to know."""
        deadline = time.monotonic() + 60
        while True:
            try:
                return self.get(path)
            except Refused:
                assert time.monotonic() < deadline, f"{path} does not come back"
                time.sleep(0.5)

    def post(self, path: str, fields: Mapping[str, object], **headers: str) -> Page:
        """Send a form; where that leads to a page, wait for the page. Raises ``Refused``."""
        page = self._ask(path, urlencode(fields, doseq=True).encode(), headers)
        return self.insist(page.headers["Location"]) if page.status == 302 else page

    def log_in(self, login: str, password: str) -> Page:
        fields = self.get("entrar/").form("entrar/")
        page = self.post("entrar/", fields | {"login": login, "password": password})
        assert "/entrar/" not in page.address, page.words
        return page

    def _ask(self, path: str, data: bytes | None, headers: Mapping[str, str]) -> Page:
        address = urljoin(PREFIX, path)
        request = urllib.request.Request(address, data, {"Referer": address, **headers})
        try:
            with self._opener.open(request, timeout=PATIENCE) as answer:
                page = _page(answer, address)
        except urllib.error.HTTPError as answer:
            with answer:
                page = _page(answer, address)
        except (OSError, HTTPException):
            self.answers[NO_ANSWER] += 1
            raise Refused(NO_ANSWER) from None
        self.answers[page.status] += 1
        if page.status >= 500:
            raise Refused(page.status)
        return page


def _page(answer: Any, address: str) -> Page:
    text = answer.read().decode(errors="replace")
    return Page(answer.status, urlsplit(address).path, text, answer.headers)
