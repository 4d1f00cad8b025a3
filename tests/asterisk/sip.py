"""As much of SIP's syntax (RFC 3261, digest of RFC 2617) as a telephone of the tests needs."""

import hashlib
import re
import secrets
from dataclasses import dataclass

SDP = """v=0
o=- 1 1 IN IP4 127.0.0.1
s=-
c=IN IP4 127.0.0.1
t=0 0
m=audio {port} RTP/AVP 8 101
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
"""


@dataclass(frozen=True)
class Message:
    """One request or response as it came."""

    text: str

    @property
    def is_response(self) -> bool:
        return self.text.startswith("SIP/2.0 ")

    @property
    def code(self) -> int:
        return int(self.text.split(" ", 2)[1]) if self.is_response else 0

    @property
    def status(self) -> str:
        """As in ``486 Busy Here``."""
        return self.text.split("\r\n", 1)[0].split(" ", 1)[1]

    @property
    def method(self) -> str:
        return self.header("CSeq").split()[1]

    @property
    def uri_number(self) -> str:
        """The number that a request is addressed to."""
        return self.text.split(" ", 2)[1].removeprefix("sip:").partition("@")[0]

    @property
    def body(self) -> str:
        return self.text.partition("\r\n\r\n")[2]

    def header(self, name: str) -> str:
        """The first header of the name, or ``""``."""
        return next(iter(self.headers(name)), "")

    def headers(self, name: str) -> list[str]:
        head = self.text.partition("\r\n\r\n")[0]
        return re.findall(rf"(?im)^{name}[ \t]*:[ \t]*(.*?)\r?$", head)

    def number(self, name: str = "From") -> str:
        """The user part of the address in a header."""
        found = re.search(r"sip:([^@>;]*)@", self.header(name))
        return found[1] if found else ""

    def display(self, name: str = "From") -> str:
        """The display name in a header, unquoted."""
        found = re.match(r'\s*"((?:[^"\\]|\\.)*)"|\s*([^<]*)', self.header(name))
        assert found
        return re.sub(r"\\(.)", r"\1", found[1]) if found[1] is not None else found[2].strip()

    @property
    def rtp(self) -> int:
        """The port where the sender of this SDP listens."""
        found = re.search(r"(?m)^m=audio (\d+)", self.body)
        return int(found[1]) if found else 0


def write(start: str, headers: list[str], body: str = "") -> bytes:
    body = body.replace("\n", "\r\n")
    lines = [start, *headers, f"Content-Length: {len(body.encode())}", "", body]
    return "\r\n".join(lines).encode()


def reply(request: Message, status: str, tag: str, extra: list[str], body: str = "") -> bytes:
    to = request.header("To")
    headers = [f"Via: {via}" for via in request.headers("Via")]
    headers += [f"From: {request.header('From')}"]
    headers += [f"To: {to}" if ";tag=" in to else f"To: {to};tag={tag}"]
    headers += [f"{name}: {request.header(name)}" for name in ("Call-ID", "CSeq")]
    return write(f"SIP/2.0 {status}", headers + extra, body)


def authorization(challenge: str, user: str, password: str, method: str, uri: str) -> str:
    """The answer to a ``WWW-Authenticate`` with MD5 and ``qop=auth``."""
    realm, nonce, opaque = (_parameter(challenge, name) for name in ("realm", "nonce", "opaque"))
    client = secrets.token_hex(4)
    secret = _md5(f"{user}:{realm}:{password}")
    response = _md5(f"{secret}:{nonce}:00000001:{client}:auth:{_md5(f'{method}:{uri}')}")
    return (
        f'Authorization: Digest username="{user}",realm="{realm}",nonce="{nonce}",uri="{uri}",'
        f'response="{response}",algorithm=MD5,qop=auth,nc=00000001,cnonce="{client}",'
        f'opaque="{opaque}"'
    )


def _parameter(challenge: str, name: str) -> str:
    found = re.search(rf'{name}="?([^",]*)', challenge)
    return found[1] if found else ""


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
