"""A SIP request that a telephone of the tests makes, up to its final response."""

import secrets
from collections.abc import Callable
from typing import Protocol

from tests.asterisk import sip
from tests.asterisk.sip import Message


class Line(Protocol):
    """What a request needs to know of its telephone."""

    user: str
    port: int
    contact: str

    def send(self, data: bytes) -> None: ...

    def response(self, accept: Callable[[Message], bool], seconds: float) -> Message | None: ...


class Request:
    """A request of a phone, with the one that answers the challenge for its password."""

    def __init__(self, phone: Line, method: str, uri: str, to: str, caller: str = "") -> None:
        self.phone, self.method, self.uri, self.to = phone, method, uri, to
        self.caller = caller or phone.user
        self.call_id = secrets.token_hex(10)
        self.number = 0

    def send(self, extra: list[str], body: str = "", patience: float = 5.0) -> Message:
        """Send it, with the password if asked for; the final response."""
        self._write(self.method, self.to, extra, body)
        final = self._final(patience)
        if final.code == 401:
            self._acknowledge(final)
            challenge = final.header("WWW-Authenticate")
            password = f"secret-{self.phone.user}"
            extra = [
                *extra,
                sip.authorization(challenge, self.phone.user, password, self.method, self.uri),
            ]
            self._write(self.method, self.to, extra, body)
            final = self._final(patience)
        self._acknowledge(final)
        return final

    def send_in_dialog(self, method: str, final: Message) -> Message:
        self._write(method, final.header("To"), [])
        return self._final(5.0)

    def _write(
        self, method: str, to: str, extra: list[str], body: str = "", branch: str = ""
    ) -> None:
        if method not in ("ACK", "CANCEL"):
            self.number += 1
        branch = f"z9hG4bK{self.call_id}{self.number}{branch}"
        headers = [
            f"Via: SIP/2.0/UDP 127.0.0.1:{self.phone.port};branch={branch}",
            "Max-Forwards: 70",
            f"From: <sip:{self.caller}@127.0.0.1>;tag={self.call_id[:8]}",
            f"To: {to}",
            f"Call-ID: {self.call_id}",
            f"CSeq: {self.number} {method}",
            self.phone.contact,
        ]
        self.phone.send(sip.write(f"{method} {self.uri} SIP/2.0", headers + extra, body))

    def _final(self, patience: float) -> Message:
        cseq = f"{self.number} "

        def is_final(message: Message) -> bool:
            mine = message.header("Call-ID") == self.call_id and message.code >= 200
            return mine and message.header("CSeq").startswith(cseq) and message.method != "CANCEL"

        final = self.phone.response(is_final, patience)
        if final is None and self.method == "INVITE":
            self._write("CANCEL", self.to, [])
            final = self.phone.response(is_final, 5.0)
        assert final, f"{self.method} {self.uri}: no final response"
        return final

    def _acknowledge(self, final: Message) -> None:
        """RFC 3261, 13.2.2.4 and 17.1.1.3: after a 200 the ACK is a transaction of its own."""
        if self.method == "INVITE":
            branch = "ack" if final.code == 200 else ""
            self._write("ACK", final.header("To"), [], branch=branch)
