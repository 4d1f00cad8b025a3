"""People who click and telephones that call, all the while, each in a thread of its own."""

import itertools
import re
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from uuid import uuid4

from tests.asterisk.instance import Instance
from tests.asterisk.phone import Phone
from tests.drill.visitor import Refused, Visitor

ACTIVE, PENDING = "activo en la centralita", "pendiente de aplicar"
HTMX = {"HX-Request": "true"}
STATIC = re.compile(r'(?:href|src)="(/webs/webfon3/static/[^"]+)"')


class Worker(threading.Thread):
    """Does one thing after another; ``turn`` is held meanwhile, so that a drill can wait for it."""

    pause = 0.3

    def __init__(self, name: str) -> None:
        super().__init__(name=name, daemon=True)
        self.turn = threading.Lock()
        self.ended = threading.Event()
        self.fault: BaseException | None = None

    def run(self) -> None:
        try:
            while not self.ended.wait(self.pause):
                with self.turn:
                    self.once()
        except BaseException as error:
            self.fault = error

    def once(self) -> None:
        raise NotImplementedError


def at_rest(workers: Sequence[Worker]) -> ExitStack:
    """Let each finish what it does, and keep it from more until the block ends."""
    held = ExitStack()
    for worker in workers:
        held.enter_context(worker.turn)
        if worker.fault:
            held.close()
            raise worker.fault
    return held


@dataclass
class Change:
    """One saving of rules: what was wanted, when it was sent, and what the page said and when."""

    name: str
    target: str
    sent: float
    said: str = ""
    said_at: float = 0.0
    sure_at: float = float("inf")
    """From when every node must carry it out."""


def allowed(changes: Sequence[Change], began: float, ended: float) -> set[str]:
    """Where a call of that time may have gone, by changes in their order."""
    sure = max((n for n, each in enumerate(changes) if each.sure_at < began), default=0)
    return {each.target for each in changes[sure:] if each.sent <= ended}


class Forwarder(Worker):
    """Sends all calls of a subscriber to one colleague, then to another, and reads what is said.

    Each change carries a name of its own, by which it is known in the log and on the nodes.
    """

    def __init__(self, visitor: Visitor, number: str, targets: Sequence[str]) -> None:
        super().__init__(f"forwarder {number}")
        self.visitor, self.number = visitor, number
        self.targets = itertools.cycle(targets)
        self.changes: list[Change] = []

    def once(self) -> None:
        try:
            form = self.visitor.get("desvios/").form("desvios/")
        except Refused:
            return
        change = Change(f"{self.number} n.º {len(self.changes)}", next(self.targets), time.time())
        form |= {"display_name": change.name, "unconditional_number": change.target}
        form["unconditional_number_enabled"] = "on"
        self.changes.append(change)
        refusals = self.visitor.refusals()
        try:
            page = self.visitor.post("desvios/", form)
        except Refused:
            return
        change.said = next((words for words in (ACTIVE, PENDING) if words in page.notices), "")
        change.said_at = time.time()
        if change.said == ACTIVE:
            change.sure_at = change.said_at
        was_told = change.said or page.status == 409 or self.visitor.refusals() > refusals
        assert was_told, (page.status, page.notices)

    def allowed(self, began: float, ended: float) -> set[str]:
        """Where a call of that time may have gone."""
        return allowed(self.changes, began, ended)


class Collector(Worker):
    """Writes down one contact after another."""

    def __init__(self, visitor: Visitor) -> None:
        super().__init__("collector")
        self.visitor = visitor
        self.tried: list[str] = []
        self.said: list[str] = []

    def once(self) -> None:
        name, refusals = f"Contacto {len(self.tried):04}", self.visitor.refusals()
        try:
            form = self.visitor.get("agenda/nuevo/").form("agenda/nuevo/")
            number = f"9100{len(self.tried):05}"
            self.tried.append(name)
            page = self.visitor.post("agenda/nuevo/", form | {"first_name": name, "number": number})
        except Refused:
            return
        if f"«{name}» está en tu agenda" in page.notices:
            self.said.append(name)
        else:
            assert self.visitor.refusals() > refusals, (page.status, page.words[:500])


class Talker(Worker):
    """One side of a conversation; sends a line again until it is taken, as its page does."""

    pause = 1.2  # more would be a flood

    def __init__(self, visitor: Visitor, conversation: str, side: str) -> None:
        super().__init__(side)
        self.visitor, self.conversation = visitor, conversation
        self.taken = 0
        self.id = str(uuid4())

    def once(self) -> None:
        try:
            form = self.visitor.get(self.conversation).form("escribir/")
            if self.name == "agente":
                self.visitor.post("chat/presente/", form, **HTMX)
            line = form | {"client_id": self.id, "text": self.text(self.taken)}
            page = self.visitor.post(f"{self.conversation}escribir/", line, **HTMX)
        except Refused:
            return
        assert page.status in {200, 429}, (page.status, page.words)
        if page.status == 200:
            self.taken, self.id = self.taken + 1, str(uuid4())

    def text(self, number: int) -> str:
        return f"{self.name} dice {number:04}"


class Reader(Worker):
    """Goes from page to page, with what each needs to look as it should."""

    def __init__(self, visitor: Visitor) -> None:
        super().__init__("reader")
        self.visitor = visitor
        paths = ["", "agenda/", "historial/", "buzon/", "desvios/calendario/", "informacion/"]
        self.paths = itertools.cycle([*paths, "ajustes/", "salud/"])
        self.held: list[str] = []

    def once(self) -> None:
        path = next(self.paths)
        try:
            page = self.visitor.get(path)
            assert page.status == 200, (path, page.status)
            self._look(page.text)
        except Refused:
            return
        assert path == "salud/" or "Cerrar sesión" in page.words, (path, page.words[:300])

    def _look(self, text: str) -> None:
        """Ask for what is not held yet, and once more for one that is."""
        named = dict.fromkeys(STATIC.findall(text))
        for file in [*(named.keys() - set(self.held)), *self.held[:1]]:
            assert self.visitor.get(file).status == 200, file
        self.held = [*self.held[1:], *self.held[:1], *(named.keys() - set(self.held))]


@dataclass
class Placed:
    """A call: who was called, when, and how it ended; ``code`` 0 where the node said nothing."""

    number: str
    called: str
    began: float
    ended: float = float("inf")
    code: int = 0


@dataclass
class Line:
    """The telephones of one node, and the world outside that calls them."""

    name: str
    node: Instance
    phones: dict[str, Phone] = field(default_factory=dict)
    outside: list[Phone] = field(default_factory=list)
    away: list[tuple[float, float]] = field(default_factory=list)
    died: float = 0.0
    repaired: float = 0.0

    def __post_init__(self) -> None:
        for user in ("201", "202", "203", "204"):
            self.phones[user] = Phone(user, self.node.sip)
        self.register()

    def from_outside(self) -> Phone:
        """Somebody else of the world outside, whom the node knows by a header."""
        self.outside.append(Phone("trunk", self.node.sip, extra=("X-Test: trunk",)))
        return self.outside[-1]

    def register(self) -> None:
        for phone in self.phones.values():
            phone.register()

    def reached(self, number: str) -> list[str]:
        """Whose telephones rang for a call from this number."""
        mine = f"sip:{number}@"
        return [
            user
            for user, phone in self.phones.items()
            for call in phone.calls
            if mine in call.header("From")
        ]

    def knew_at(self, moment: float) -> float:
        """Until when changes count for a call: a crash takes the last second of AstDB with it."""
        return min(moment, self.died - 1.5) if self.died <= moment <= self.repaired else moment

    def was_away(self, began: float, ended: float) -> bool:
        """Whether the node was away during a part of that time."""
        return any(begin <= ended and began <= end for begin, end in self.away)

    def may_have_lost(self, moment: float) -> bool:
        """Whether a call that ended then may have died with its node before it was written down."""
        return self.died - 2 <= moment <= self.repaired

    def close(self) -> None:
        for phone in (*self.phones.values(), *self.outside):
            phone.close()


class Caller(Worker):
    """Calls from outside, one subscriber after the other, each time from another number."""

    pause = 0.6

    def __init__(self, line: Line, first: int, subscribers: Sequence[str]) -> None:
        super().__init__(f"caller of {line.name}")
        self.line, self.subscribers = line, itertools.cycle(subscribers)
        self.outside = line.from_outside()
        self.numbers = itertools.count(first)
        self.calls: list[Placed] = []

    def once(self) -> None:
        self.place(next(self.subscribers))

    def place(self, subscriber: str) -> Placed:
        call = Placed(str(next(self.numbers)), subscriber, time.time())
        self.calls.append(call)
        try:
            final = self.outside.call(
                f"916000{subscriber}", talk=0.04, hang_up_after=2.0, caller=call.number
            )
            call.code = final.code
        except AssertionError:  # the node is away
            call.code = 0
        call.ended = time.time()
        return call
