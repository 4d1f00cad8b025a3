"""A working day in little: everybody comes, rests, clicks, is called, and then both at once."""

import asyncio
import itertools
import json
import random
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from tests.drill.browser import Browser, Tally
from tests.drill.company import CLEAN, NODES, Company, wait_for
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
    ("both", 0.7, True, True),
    ("rest", 0.05, False, False),
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

    def pages_until(self, later: "Moment") -> int:
        return later.pages - self.pages

    def calls_until(self, later: "Moment") -> int:
        return later.calls - self.calls


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
        await asyncio.to_thread(self._expect_streams)
        self.over = True
        clicking.set()
        assert beating.cancel(), beating.exception()
        await asyncio.gather(*tasks)
        await asyncio.to_thread(self.traffic.end)
        for person in self.people:
            await person.browser.close()
        await asyncio.sleep(LEAVE_SECONDS)

    def _expect_streams(self) -> None:
        """With everybody at rest, there is a stream for each open page."""
        wanted = self.tally.streams_open
        with suppress(AssertionError):
            wait_for("streams", lambda: self.meter.read().counts["streams"] == wanted, 30)
            return
        found = self.meter.read().counts["streams"]
        self.tally.strange.append(f"{found} streams, {wanted} open pages")

    async def _live(self, person: Person, clicking: asyncio.Event) -> None:
        await asyncio.sleep(person.chance.uniform(0, CLICKS[1]))
        while True:
            await clicking.wait()
            if self.over:
                return
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
        """What was read while people were at work, and at rest at the end."""
        last = self.spans["rest"][1].reading
        return [each for each in self.meter.readings if self.began <= each.at <= last.at]

    @property
    def rest(self) -> tuple[Reading, Reading]:
        """When everybody had a page open and did nothing: after warming up, and at the end."""
        return self.spans["idle"][1].reading, self.spans["rest"][1].reading
