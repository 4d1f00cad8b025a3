"""Fetching a calendar from an address that a user typed, and from nowhere that it must not reach.

The name is resolved once, every address is checked, and the connection goes to a checked address;
the certificate is checked against the name. Redirects go the same way. One deadline is for all.
"""

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Thread, Timer
from time import monotonic
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from desvios.exchange.ics_lines import MAX_BYTES

DEADLINE = 10.0
MAX_REDIRECTS = 3
PIECE = 65_536
REDIRECTS = {301, 302, 303, 307, 308}
KEPT_IN_PATH = "%/:=&?~+!$,;'@()*[]"
NAT64 = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Unfetchable(Exception):
    """No calendar came; the message says why, in words, without the address."""


class TooSlow(Unfetchable):
    """It had not come whole by the deadline; who can wait for longer may get it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came. ``data`` is ``None`` where nothing changed since the last time."""

    data: bytes | None
    etag: str = ""
    last_modified: str = ""


def resolve(host: str, port: int) -> list[str]:
    """All addresses of a name. Raises ``OSError``."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_rest, address in found))


def dial(address: str, port: int, timeout: float) -> socket.socket:
    """A connection to an address, never to a name. Raises ``OSError``."""
    return socket.create_connection((address, port), timeout=timeout)


def is_public(text: str) -> bool:
    """Whether an address is one of the open internet, also inside an address that wraps another."""
    try:
        address: Address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        if address in NAT64:
            return is_public(str(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)))
        if address.ipv4_mapped or address.sixtofour or address.teredo:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


@dataclass(frozen=True, slots=True)
class Fetcher:
    """How calendars are fetched; tests put other names and certificates in."""

    resolve: Callable[[str, int], Sequence[str]] = resolve
    dial: Callable[[str, int, float], socket.socket] = dial
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    deadline: float = DEADLINE

    def fetch(self, url: str, *, etag: str = "", last_modified: str = "") -> Answer:
        """Fetch a calendar. Raises ``Unfetchable``; takes no longer than the deadline."""
        end = monotonic() + self.deadline
        for _step in range(MAX_REDIRECTS + 1):
            found = self._once(checked(url), etag, last_modified, end)
            if isinstance(found, Answer):
                return found
            url = urljoin(url, found)
        raise Unfetchable(_("La dirección lleva de una a otra sin llegar a un calendario."))

    def _once(self, url: SplitResult, etag: str, last_modified: str, end: float) -> Answer | str:
        """One request: its answer, or where it says to go instead."""
        try:
            with self._connected(url, end) as connection:
                connection.request("GET", target(url), headers=_headers(url, etag, last_modified))
                return _answer(connection.getresponse(), end)
        except ssl.SSLCertVerificationError as error:
            raise Unfetchable(_("El certificado de ese servidor no es válido.")) from error
        except TimeoutError as error:
            raise TooSlow(_("El servidor no respondió a tiempo.")) from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            if monotonic() >= end:
                raise TooSlow(_("El servidor no respondió a tiempo.")) from error
            raise Unfetchable(_("No se pudo hablar con ese servidor.")) from error

    @contextmanager
    def _connected(self, url: SplitResult, end: float) -> Iterator[http.client.HTTPConnection]:
        host, port = url.hostname or "", url.port or (443 if url.scheme == "https" else 80)
        raw = self._dial(host, self._addresses(host, port, end), port, end)
        # The copy outlives the wrapping into TLS; shutting it down wakes whoever still reads.
        handle = raw.dup()
        watch = Timer(max(0.0, end - monotonic()), _shut, [handle])
        watch.daemon = True
        watch.start()
        try:
            if url.scheme == "https":
                raw = self.tls.wrap_socket(raw, server_hostname=host)
            connection = http.client.HTTPConnection(host, port)
            connection.sock = raw
            yield connection
        finally:
            watch.cancel()
            raw.close()
            handle.close()

    def _addresses(self, host: str, port: int, end: float) -> Sequence[str]:
        """The addresses of the name, once every one of them is found to be public."""
        try:
            found = _within(end, lambda: self.resolve(host, port))
        except (OSError, UnicodeError) as error:
            raise Unfetchable(_("Ese servidor no existe: «%s».") % host) from error
        if not found:
            raise Unfetchable(_("Ese servidor no existe: «%s».") % host)
        if not _is_trusted(host) and not all(map(is_public, found)):
            raise Unfetchable(_("Esa dirección no es de internet: no se puede leer desde aquí."))
        return found

    def _dial(self, host: str, addresses: Sequence[str], port: int, end: float) -> socket.socket:
        for address in addresses:
            if (left := end - monotonic()) <= 0:
                break
            with suppress(OSError):
                return self.dial(address, port, min(left, self.deadline / 2))
        raise Unfetchable(_("No se pudo hablar con ese servidor."))


def checked(text: str) -> SplitResult:
    """An address that may be tried. Raises ``Unfetchable`` with what is wrong with it."""
    text = text.strip()
    if text.lower().startswith("webcal://"):
        text = "https" + text[len("webcal") :]
    if not text.isprintable() or " " in text:
        raise Unfetchable(_("Esa dirección tiene espacios o caracteres que no se ven."))
    try:
        url = urlsplit(text)
        port, host = url.port, (url.hostname or "").encode("idna").decode()
    except (ValueError, UnicodeError) as error:
        raise Unfetchable(_("Eso no es una dirección. Empieza por https://")) from error
    if not host or port == 0:
        raise Unfetchable(_("Eso no es una dirección. Empieza por https://"))
    if url.scheme != "https" and not (url.scheme == "http" and _is_trusted(host)):
        raise Unfetchable(_("La dirección tiene que empezar por https://"))
    if url.username or url.password:
        raise Unfetchable(_("La dirección no puede llevar usuario ni contraseña."))
    netloc = f"[{host}]" if ":" in host else host
    return url._replace(netloc=f"{netloc}:{port}" if port else netloc, fragment="")


def target(url: SplitResult) -> str:
    """The path to ask for, with what may not stand in a request line written otherwise."""
    path = quote(url.path or "/", safe=KEPT_IN_PATH)
    return f"{path}?{quote(url.query, safe=KEPT_IN_PATH)}" if url.query else path


def host_of(url: str) -> str:
    """Whose address it is; the rest of it may be a secret."""
    return urlsplit(url).hostname or ""


def _is_trusted(host: str) -> bool:
    """Whether the administrator named this host of the company's own network."""
    return host.lower() in settings.CALENDAR_INTRANET_HOSTS


def _headers(url: SplitResult, etag: str, last_modified: str) -> dict[str, str]:
    headers = {
        "Host": url.netloc,
        "User-Agent": "Webfon",
        "Accept": "text/calendar, text/plain;q=0.5, */*;q=0.1",
        "Accept-Encoding": "identity",
        "Connection": "close",
    }
    if etag:
        headers["If-None-Match"] = etag
    if last_modified:
        headers["If-Modified-Since"] = last_modified
    return headers


def _answer(response: http.client.HTTPResponse, end: float) -> Answer | str:
    status = response.status
    if status in REDIRECTS and response.headers.get("Location"):
        return str(response.headers["Location"])
    if status == 304:
        return Answer(None)
    if status != 200:
        raise Unfetchable(_status_in_words(status))
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Unfetchable(
            _("El servidor envía el calendario comprimido, aunque se pidió sin ello.")
        )
    data = _read(response, end)
    if response.headers.get_content_type() == "text/html" or data.lstrip()[:1] == b"<":
        raise Unfetchable(
            _("Esa dirección da una página web, no un calendario. Busca la que termina en .ics.")
        )
    return Answer(
        data,
        etag=response.headers.get("ETag", "")[:300],
        last_modified=response.headers.get("Last-Modified", "")[:100],
    )


def _read(response: http.client.HTTPResponse, end: float) -> bytes:
    """The whole body, as long as it is neither too much nor too late."""
    said = response.headers.get("Content-Length", "")
    pieces, size = [], 0
    while size <= MAX_BYTES and not (said.isdecimal() and int(said) > MAX_BYTES):
        if monotonic() >= end:
            raise TimeoutError
        piece = response.read1(PIECE)
        if not piece:
            break
        pieces.append(piece)
        size += len(piece)
    else:
        raise Unfetchable(_("El calendario pasa de 2 MB."))
    if monotonic() >= end:
        raise TimeoutError
    if said.isdecimal() and size < int(said):
        raise Unfetchable(_("El calendario llegó cortado."))
    return b"".join(pieces)


def _status_in_words(status: int) -> str:
    if status in {404, 410}:
        return _("El calendario ya no está en esa dirección.")
    if status in {401, 403}:
        return _("El servidor no deja leer el calendario sin identificarse.")
    return _("El servidor respondió con un error (%d).") % status


def _within(end: float, ask: Callable[[], Sequence[str]]) -> Sequence[str]:
    """The answer of something that knows no deadline, or ``TimeoutError`` at ours."""
    answers: SimpleQueue[Sequence[str] | Exception] = SimpleQueue()

    def work() -> None:
        try:
            answers.put(ask())
        except (OSError, UnicodeError) as error:
            answers.put(error)

    Thread(target=work, daemon=True).start()
    try:
        answer = answers.get(timeout=max(0.0, end - monotonic()))
    except Empty as error:
        raise TooSlow(_("El servidor no respondió a tiempo.")) from error
    if isinstance(answer, Exception):
        raise answer
    return answer


def _shut(handle: socket.socket) -> None:
    with suppress(OSError):
        handle.shutdown(socket.SHUT_RDWR)
