"""A SIP telephone in plain Python: registers, is called, calls, and remembers what it saw."""

import re
import secrets
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.asterisk import sip
from tests.asterisk.request import Request
from tests.asterisk.rtp import Stream
from tests.asterisk.sip import Message

ANSWER, RING, SILENT = "answer", "ring", "silent"
STATUS = {180: "180 Ringing", 200: "200 OK", 487: "487 Request Terminated"}

RESPONSES_KEPT = 50
"""More than one request ever gets; each new one is looked for among them."""


@dataclass
class Incoming:
    """A call that arrived, or the memory of it."""

    invite: Message
    tag: str = field(default_factory=lambda: secrets.token_hex(6))
    cancelled: bool = False


@dataclass
class Phone:
    """One telephone on a port of its own.

    ``behaviour`` says what it does with a call: ``ANSWER``, ``RING`` until the caller gives up,
    ``SILENT`` (no reply to anything), or a SIP code to refuse with.
    """

    user: str
    server: int
    port: int = 0
    behaviour: str | int = ANSWER
    redirect_to: str = ""  # whereto a 302 points
    extra: tuple[str, ...] = ()  # headers of every call it makes
    calls: list[Message] = field(default_factory=list)
    notifies: list[Message] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", self.port))
        self.port = self._socket.getsockname()[1]
        self.sound = Stream()
        self._hung_up = 0
        self._news = threading.Condition()
        self._responses: deque[Message] = deque(maxlen=RESPONSES_KEPT)
        self._incoming: dict[str, Incoming] = {}
        self.contact = f"Contact: <sip:{self.user}@127.0.0.1:{self.port}>"
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    # --- What a test does with it ---

    def register(self, seconds: int = 300) -> "Phone":
        uri = f"sip:127.0.0.1:{self.server}"
        request = Request(self, "REGISTER", uri, f"<sip:{self.user}@127.0.0.1>")
        final = request.send(extra=[f"Expires: {seconds}"])
        assert final.code == 200, final.status
        return self

    def unregister(self) -> None:
        self.behaviour = ANSWER
        self.register(seconds=0)

    def call(
        self, number: str, *, talk: float = 0.0, hang_up_after: float = 30.0, caller: str = ""
    ) -> Message:
        """Call, talk for so many seconds if somebody answers, and hang up.

        Hangs up while it rings after ``hang_up_after`` seconds. Returns the final response.
        """
        request, final = self._dial(number, caller, hang_up_after)
        if final.code == 200:
            self.talk(final, talk)
            request.send_in_dialog("BYE", final)
        return final

    @contextmanager
    def in_call(self, number: str, *, caller: str = "", patience: float = 5.0) -> Iterator[Message]:
        """A call that is answered within ``patience`` seconds and lasts as long as the block."""
        request, final = self._dial(number, caller, patience)
        assert final.code == 200, final.status
        try:
            yield final
        finally:
            request.send_in_dialog("BYE", final)

    def wait_until_cancelled(self, seconds: float = 2.0) -> None:
        """A caller gave up, or was sent on."""
        with self._news:
            assert self._news.wait_for(
                lambda: any(call.cancelled for call in self._incoming.values()), seconds
            )

    def transfer(self, number: str) -> None:
        """Hand the latest call that it answered to another number, without asking there."""
        self._within_call("REFER", f"Refer-To: <sip:{number}@127.0.0.1:{self.server}>")

    def accept(self) -> None:
        """Answer the latest call, which rings."""
        call = next(reversed(self._incoming.values()))
        self._answer(call.invite, call.tag)

    def hang_up(self) -> None:
        """End the latest call that it answered."""
        self._within_call("BYE")

    def _within_call(self, method: str, *extra: str) -> None:
        """A request to whoever made the latest call that it answered."""
        call = next(reversed(self._incoming.values()))
        invite = call.invite
        target = re.search(r"<(.*)>", invite.header("Contact"))
        assert target
        headers = [
            f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};branch=z9hG4bK{secrets.token_hex(8)}",
            "Max-Forwards: 70",
            f"From: {invite.header('To')};tag={call.tag}",
            f"To: {invite.header('From')}",
            f"Call-ID: {invite.header('Call-ID')}",
            f"CSeq: 1 {method}",
            self.contact,
            *extra,
        ]
        self.send(sip.write(f"{method} {target[1]} SIP/2.0", headers))

    def die(self) -> None:
        """Say nothing any more, without unregistering."""
        self.behaviour = SILENT

    def wait_for_call(self, count: int = 1, seconds: float = 5.0) -> Message:
        """The latest call, once ``count`` have arrived."""
        with self._news:
            assert self._news.wait_for(lambda: len(self.calls) >= count, seconds), "no call came"
            return self.calls[-1]

    def wait_until_hung_up(self, seconds: float = 5.0) -> None:
        """The other side ended a call."""
        with self._news:
            assert self._news.wait_for(lambda: self._hung_up > 0, seconds), "nobody hung up"

    def wait_for_notify(self, accept: Callable[[Message], bool], seconds: float = 5.0) -> None:
        with self._news:
            assert self._news.wait_for(lambda: any(map(accept, self.notifies)), seconds)

    def close(self) -> None:
        self._socket.sendto(b"", self._socket.getsockname())  # wakes the listener, which ends
        self._listener.join(1)
        self._socket.close()
        self.sound.close()

    # --- What it does by itself ---

    def _listen(self) -> None:
        while data := self._socket.recv(65535):
            message = Message(data.decode("utf-8", "replace"))
            with self._news:
                self._take(message)
                self._news.notify_all()

    def _take(self, message: Message) -> None:
        if message.is_response:
            self._responses.append(message)
        elif self.behaviour == SILENT:
            return
        elif message.method == "INVITE":
            self._take_call(message)
        elif message.method == "CANCEL":
            self._take_cancel(message)
        elif message.method != "ACK":
            if message.method == "NOTIFY":
                self.notifies.append(message)
            if message.method == "BYE":
                self._hung_up += 1
            self._reply(message, "200 OK")

    def _take_call(self, invite: Message) -> None:
        call_id = invite.header("Call-ID")
        if ";tag=" in invite.header("To"):  # a change within a call
            self._answer(invite, "")
            return
        if call_id in self._incoming:  # sent again
            return
        call = self._incoming[call_id] = Incoming(invite)
        self.calls.append(invite)
        if isinstance(self.behaviour, int):
            extra = [f"Contact: <sip:{self.redirect_to}>"] if self.redirect_to else []
            self._reply(invite, f"{self.behaviour} Refused", call.tag, extra)
            return
        self._reply(invite, STATUS[180], call.tag, [self.contact])
        if self.behaviour == ANSWER:
            self._answer(invite, call.tag)

    def _answer(self, invite: Message, tag: str) -> None:
        extra = [self.contact, "Content-Type: application/sdp"]
        body = sip.SDP.format(port=self.sound.port)
        self._reply(invite, STATUS[200], tag, extra, body)

    def _take_cancel(self, cancel: Message) -> None:
        self._reply(cancel, STATUS[200])
        if call := self._incoming.get(cancel.header("Call-ID")):
            call.cancelled = True
            self._reply(call.invite, STATUS[487], call.tag)

    def _reply(
        self,
        request: Message,
        status: str,
        tag: str = "t",
        extra: Sequence[str] = (),
        body: str = "",
    ) -> None:
        self.send(sip.reply(request, status, tag, list(extra), body))

    def send(self, data: bytes) -> None:
        self._socket.sendto(data, ("127.0.0.1", self.server))

    def response(self, accept: Callable[[Message], bool], seconds: float) -> Message | None:
        """The first response that ``accept`` likes, or ``None`` when none comes in time."""
        with self._news:
            return self._news.wait_for(lambda: next(filter(accept, self._responses), None), seconds)

    def _dial(self, number: str, caller: str, patience: float) -> tuple[Request, Message]:
        uri = f"sip:{number}@127.0.0.1:{self.server}"
        request = Request(self, "INVITE", uri, f"<{uri}>", caller)
        extra = ["Content-Type: application/sdp", *self.extra]
        body = sip.SDP.format(port=self.sound.port)
        return request, request.send(extra, body, patience)

    def talk(self, answer: Message, seconds: float) -> None:
        """Send silence, as a voice: recording counts what it hears."""
        self.sound.send_tone(answer.rtp, 0, seconds)

    def press(self, answer: Message, keys: str) -> None:
        """Press keys, to whoever sent this SDP."""
        self.sound.press(answer.rtp, keys)
