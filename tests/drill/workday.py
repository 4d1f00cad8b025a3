"""A working day in little: everybody comes, rests, clicks, is called, and then both at once."""

import asyncio
import itertools
import json
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from tests.drill.browser import Browser, Tally
from tests.drill.company import CLEAN, NODES, Company, wait_for
from tests.drill.load import ACTIVE, PENDING, Change, Placed, allowed
from tests.drill.meter import Meter, Reading
from tests.drill.office import (
    ABSENT,
    AGENT,
    BOXES,
    BUSY,
    CLICKS,
    DEAF,
    ENTER,
    FORWARDERS,
    NUMBERS,
    PLAIN,
    SENT_ON,
    Person,
)
from tests.drill.services import Unit
from tests.drill.switchboard import Side, Traffic
from tests.drill.tally import rows

CALLS_A_SECOND = 5.0
READ_EVERY = 10.0

PHASES = [
    ("warming up", 0.05, True, True),
    ("idle", 0.05, False, False),
    ("pages", 0.075, True, False),
    ("calls", 0.075, False, True),
    ("both", 0.75, True, True),
]
"""Name, part of the time, whether there are clicks, and calls. Together they are all the time."""

CHANGES = f"""
import time
from portal.models import Subscriber
while True:
    Subscriber.objects.filter(number__in={PLAIN!r}).bump()
    time.sleep(10)
"""
"""The link writes the rules of most people into all nodes again, every ten seconds."""

RECEIVED, VOICEMAIL, FORWARDED = 1, 3, 4
"""``CallEntry.Kind``"""

RECORDS_SECONDS = 60

SETTLE = 0.2
"""The part of each phase in which what went on before comes to its end, and nothing is counted."""

LEAVE_SECONDS = 2.0
"""In which the last connections are closed as they should be."""


@dataclass(frozen=True)
class Moment:
    """What had been done, and held, at the beginning or the end of a phase."""

    reading: Reading
    pages: int
    parts: int
    calls: int


def whom() -> Iterator[str]:
    """Who is called: of 20 calls 11 ring, 4 are forwarded, 2 go to voicemail, 3 are sent on."""
    chance = random.Random(5)
    kinds = [PLAIN] * 11 + [FORWARDERS] * 4 + [BOXES] * 2 + [BUSY, ABSENT, BUSY + DEAF]
    turns = {id(kind): itertools.cycle(kind) for kind in kinds}
    while True:
        for kind in chance.sample(kinds, len(kinds)):
            yield next(turns[id(kind)])


class Workday:
    """Everybody at work for so many seconds. What was seen is in ``meter`` and ``spans``."""

    def __init__(self, company: Company, seconds: float) -> None:
        self.company, self.seconds = company, seconds
        habits: dict[str, str | int] = {**dict.fromkeys(BUSY, 486), **dict.fromkeys(DEAF, "ring")}
        self.sides = [Side(name, company.nodes[name], habits) for name in NODES]
        for side in self.sides:
            side.telephones.register_all([n for n in NUMBERS if n not in ABSENT])
        self.traffic = Traffic(self.sides, whom(), CALLS_A_SECOND, set(BOXES))
        self.meter = Meter(company)
        self.tally = Tally()
        self.spans: dict[str, tuple[Moment, Moment]] = {}
        self.over = False
        self.people: list[Person] = []
        self.began = 0.0

    def run(self) -> None:
        """All of it, to the moment when everybody has left."""
        sql = "SELECT 1 FROM chat_seat"
        wait_for("the agent's seat", lambda: rows(self.company, "webfon", sql), 60)
        said = self.company.machines[0].webfon("shell", "-v0", "-c", ENTER)
        sessions, talks = json.loads(said.partition("ROWS")[2])
        self.people = [
            Person(number, Browser(self.company, cookies, self.tally), talks)
            for number, cookies in sessions.items()
        ]
        asyncio.run(self._go())

    def close(self) -> None:
        self.traffic.end()
        for side in self.sides:
            side.close()

    async def _go(self) -> None:
        clicking = asyncio.Event()
        for path in ("", "desvios/", "informacion/"):  # at once, so that every thread has work
            await asyncio.gather(*(person.browser.get(path) for person in self.people))
        tasks = [asyncio.create_task(self._live(each, clicking)) for each in self.people]
        agent = next(each for each in self.people if each.number == AGENT)
        beating = asyncio.create_task(agent.beat())
        self.began = time.monotonic()
        for name, part, clicks, calls in PHASES:
            clicking.set() if clicks else clicking.clear()
            self.traffic.go() if calls else self.traffic.rest()
            async with self._changes(name == "both"):
                await self._pass(SETTLE * part * self.seconds)
                before = await self._moment()
                await self._pass((1 - SETTLE) * part * self.seconds)
                self.spans[name] = before, await self._moment()
        self.over = True
        assert beating.cancel(), beating.exception()
        await asyncio.gather(*tasks)
        await asyncio.to_thread(self.traffic.end)
        for person in self.people:
            await person.browser.close()
        await asyncio.sleep(LEAVE_SECONDS)

    async def _live(self, person: Person, clicking: asyncio.Event) -> None:
        await asyncio.sleep(person.chance.uniform(0, CLICKS[1]))
        while not self.over:
            await clicking.wait()
            try:
                await person.click()
            except AssertionError as error:
                person.wrong.append(f"{person.number}: {error}")
            await asyncio.sleep(person.chance.uniform(*CLICKS))

    @asynccontextmanager
    async def _changes(self, are_due: bool) -> AsyncIterator[None]:
        machine = self.company.machines[0]
        command = [str(machine.folder / "webfon"), "shell", "-v0", "-c", CHANGES]
        unit = Unit(command, CLEAN, machine.folder / "changes.log")
        if are_due:
            unit.start()
        try:
            yield
        finally:
            unit.stop()

    async def _pass(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0.1:
            await asyncio.sleep(min(left, READ_EVERY, self.seconds / 24))
            await self._read()

    async def _read(self) -> Reading:
        return await asyncio.to_thread(self.meter.read)

    async def _moment(self) -> Moment:
        counted = self.tally.pages, self.tally.parts, len(self.traffic.placed)
        return Moment(await self._read(), *counted)

    @property
    def readings(self) -> list[Reading]:
        """What was read while people were at work."""
        last = self.spans["both"][1].reading
        return [each for each in self.meter.readings if self.began <= each.at <= last.at]


def faults(day: Workday) -> dict[str, list[str]]:
    """Everything that was not as it should be, by kind, each with its words; after the day."""
    return {
        "answers that nobody expected": day.tally.strange,
        "pages that did not say what they should": [w for each in day.people for w in each.wrong],
        "changes that a node did not take at once": [
            str(change) for each in day.people for change in each.changes if change.said == PENDING
        ],
        "calls that ended otherwise": [*day.traffic.faults, *_wrong_calls(day)],
        "calls not in the history as they were": _wrong_records(day),
        "messages lost": _lost_messages(day),
        "contacts and lines lost": _lost_rows(day),
        "faults in the logs": day.company.faults(),
        "streams that stayed open": _left_behind(day),
    }


def _wrong_calls(day: Workday) -> list[str]:
    found = []
    for side, call in day.traffic.placed:
        reached, right = _reached(side, call), _allowed(day, call)
        is_right = len(reached) == 1 and set(reached) <= right if right else not reached
        if call.code != 200 or not is_right:
            found.append(f"{call} at {side.name} reached {reached}, not {right}")
    return found


def _reached(side: Side, call: Placed) -> list[str]:
    return side.telephones.reached.get(call.number, [])


def _allowed(day: Workday, call: Placed) -> set[str]:
    """Whose telephone may have rung; nobody's where voicemail answers."""
    if call.called in BOXES:
        return set()
    if call.called in FORWARDERS:
        person = next(each for each in day.people if each.number == call.called)
        before = Change(call.called, call.called, 0.0, ACTIVE, 0.0, 0.0)
        return allowed([before, *person.changes], call.began, call.ended)
    return {SENT_ON.get(call.called, call.called)}


def _wrong_records(day: Workday) -> list[str]:
    """Each call stands once in the history of whom it was for, as what it was."""
    sql = "SELECT subscriber, other, kind FROM pbx_callentry"
    wanted = {call.number for _side, call in day.traffic.placed}

    def entries() -> list[tuple[str, ...]]:
        return rows(day.company, "webfon_calls", sql)

    with suppress(AssertionError):
        wait_for("records", lambda: wanted <= {e[1] for e in entries()}, RECORDS_SECONDS)
    held = Counter(entries())
    found = []
    for side, call in day.traffic.placed:
        kind = VOICEMAIL if call.called in BOXES else FORWARDED
        if call.called in _reached(side, call):
            kind = RECEIVED
        if held[call.called, call.number, kind] != 1:
            kinds = [entry for entry in held if entry[1] == call.number]
            found.append(f"{call} at {side.name} is {kinds}")
    return found


def _lost_messages(day: Workday) -> list[str]:
    """Each message that was left was deleted by its owner or is there."""
    left = sum(call.called in BOXES and call.code == 200 for _side, call in day.traffic.placed)
    spools = [side.node.spool for side in day.sides]
    there = sum(1 for spool in spools for _ in spool.glob("default/23?/*/msg*.txt"))
    removed = sum(each.removed for each in day.people)
    return [] if left == there + removed else [f"{left} left, {removed} deleted, {there} there"]


def _lost_rows(day: Workday) -> list[str]:
    wanted = {
        "SELECT count(*) FROM agenda_contact WHERE display_name LIKE 'Contacto %'": sum(
            each.contacts for each in day.people
        ),
        "SELECT count(*) FROM chat_line WHERE text LIKE '% dice %'": sum(
            each.lines for each in day.people
        ),
    }
    found = []
    for sql, number in wanted.items():
        [(held,)] = rows(day.company, "webfon", sql)
        if int(held) != number:
            found.append(f"{sql}: {held}, not {number}")
    return found


def _left_behind(day: Workday) -> list[str]:
    """Streams of pages that nobody has open any more end within a heartbeat."""
    with suppress(AssertionError):
        wait_for("the streams", lambda: not day.meter.read().counts["streams"], 30)
        return []
    return [f"{day.meter.read().counts['streams']} streams"]
