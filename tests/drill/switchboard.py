"""The telephones of all subscribers of a node, and the world outside that calls them at a pace."""

import itertools
import re
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.asterisk.instance import CONF, PHONES, Instance
from tests.asterisk.phone import Phone
from tests.asterisk.sip import Message
from tests.drill.company import wait_for
from tests.drill.load import Placed

TALK_SECONDS = 2.0
"""How long an answered call lasts."""

MESSAGE_SECONDS = 0.4
"""How long a caller speaks to voicemail."""

REGISTERED_SECONDS = 7200
CALLING = 600
"""How many there are in the world outside; each calls again after minutes."""

CALLERS = 12
"""Who may be calling at the same time, at each node; more than are needed at the pace."""


def equip(node: Instance, numbers: Sequence[str], boxes: Sequence[str]) -> None:
    """Write telephones for these numbers, and mailboxes for some, into a node; it starts anew."""
    template = (CONF / "phone.tmpl").read_text()
    more = ""
    for number in numbers:
        mailbox = f"{number}@default" if number in boxes else ""
        if number not in PHONES:
            text = template.replace("@NAME@", number).replace("@CALLERID@", f"<{number}>")
            more += text.replace("@MAILBOX@", mailbox)
    node.stop()
    _append(node.folder / "etc/pjsip.conf", more)
    _be_patient(node.folder / "etc/pjsip.conf")
    _append(node.folder / "etc/voicemail.conf", "".join(f"{box} => 1111,x\n" for box in boxes))
    greeting = next(node.spool.glob("default/*/unavail.wav")).read_bytes()
    for box in boxes:
        (node.spool / "default" / box).mkdir(exist_ok=True)
        (node.spool / "default" / box / "unavail.wav").write_bytes(greeting)
    node.start()


def _be_patient(path: Path) -> None:
    """Telephones are asked whether they are there as the kit has it, and not as for one test."""
    text, count = re.subn(r"(?m)^qualify_timeout = 0.5\n", "", path.read_text())
    assert count == 1
    path.write_text(text)


def _append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


class Telephones(Phone):
    """Many telephones at one port: each number is registered there, and does what it always does.

    ``habits`` are the behaviours of numbers that do not just answer.
    """

    def __init__(self, node: Instance, habits: dict[str, str | int]) -> None:
        self.habits = habits
        self.reached: dict[str, list[str]] = defaultdict(list)
        super().__init__("", node.sip)

    def register_all(self, numbers: Sequence[str]) -> None:
        for self.user in numbers:
            self.contact = f"Contact: <sip:{self.user}@127.0.0.1:{self.port}>"
            self.register(REGISTERED_SECONDS)

    def _take_call(self, invite: Message) -> None:
        number = invite.uri_number
        self.behaviour = self.habits.get(number, "answer")
        known = len(self.calls)
        super()._take_call(invite)
        if len(self.calls) > known and self.behaviour == "answer":
            self.reached[invite.number()].append(number)
        del self.calls[:-1], self.notifies[:]


class Side:
    """One node: who is called there, and by whom."""

    def __init__(self, name: str, node: Instance, habits: dict[str, str | int]) -> None:
        self.name, self.node = name, node
        self.telephones = Telephones(node, habits)
        self.outside = [Phone("trunk", node.sip, extra=("X-Test: trunk",)) for _ in range(CALLERS)]

    def close(self) -> None:
        for phone in (self.telephones, *self.outside):
            phone.close()


@dataclass(frozen=True)
class Outcome:
    """A call, at which node, and whose telephones it reached."""

    side: Side
    call: Placed
    reached: list[str] = field(default_factory=list)


@dataclass
class Traffic:
    """Calls at a pace, in turn over all sides, until ``ended``; ``whom`` says who is called next.

    ``boxes`` are the numbers whose callers speak to voicemail.
    """

    sides: Sequence[Side]
    whom: Iterator[str]
    pace: float
    boxes: set[str]
    placed: list[Outcome] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    latest: float = 0.0
    """Seconds by which a call came too late, at most."""

    def __post_init__(self) -> None:
        self.going = threading.Event()
        self.ended = threading.Event()
        self._lock = threading.Lock()
        self._due = 0.0
        self._numbers = itertools.cycle(range(620_000_000, 620_000_000 + CALLING))
        self._threads = [
            threading.Thread(target=self._run, args=(side, phone), daemon=True)
            for pair in zip(*(side.outside for side in self.sides), strict=True)
            for side, phone in zip(self.sides, pair, strict=True)
        ]
        for thread in self._threads:
            thread.start()

    def go(self) -> None:
        """Call, from now on."""
        self._due = time.monotonic()
        self.going.set()

    def rest(self) -> None:
        """No new calls."""
        self.going.clear()

    def end(self) -> None:
        self.ended.set()
        self.going.set()
        for thread in self._threads:
            thread.join(30)

    def _run(self, side: Side, phone: Phone) -> None:
        while not self.ended.is_set():
            self.going.wait()
            with self._lock:
                due = self._due
                self._due += 1 / self.pace
            if self.ended.wait(max(0.0, due - time.monotonic())) or not self.going.is_set():
                continue
            with self._lock:
                self.latest = max(self.latest, time.monotonic() - due)
                call = Placed(str(next(self._numbers)), next(self.whom), time.time())
                outcome = Outcome(side, call)
                self.placed.append(outcome)
            self._place(side, phone, call)
            outcome.reached.extend(side.telephones.reached.pop(call.number, ()))

    def _place(self, side: Side, phone: Phone, call: Placed) -> None:
        speak = self._leave_message if call.called in self.boxes else _talk
        try:
            with phone.in_call(f"916000{call.called}", caller=call.number, patience=20) as answer:
                call.code = answer.code
                speak(side, phone, call, answer)
        except AssertionError as error:
            self.faults.append(f"{call} at {side.name}: {error}")
        call.ended = time.time()

    def _leave_message(self, side: Side, phone: Phone, call: Placed, answer: Message) -> None:
        box = side.node.spool / "default" / call.called / "tmp"
        wait_for("the recording", lambda: list(box.glob("*.wav")), 20)
        phone.sound.send_tone(answer.rtp, 850, MESSAGE_SECONDS)


def _talk(side: Side, phone: Phone, call: Placed, answer: Message) -> None:
    time.sleep(TALK_SECONDS)
