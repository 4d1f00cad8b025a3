"""What the processes of a company hold and use, minute by minute, and whether that grows."""

import os
import re
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import linear_regression, median

from tests.drill.company import NODES, Company

TICKS = os.sysconf("SC_CLK_TCK")
WARM_UP = 0.25
"""The part of the time after which everything should have found its level."""

MOST_KIB, MOST_SHARE = 4096, 0.03
"""What the memory of a process may be higher in the last quarter than in the second: noise."""

OTHERS, OTHERS_SHARE = "PostgreSQL", 0.2
"""160 processes, each of which goes on to open and remember tables that it had not been asked for:
what their memory and their descriptors may be higher in the last quarter than in the second.
"""

MOST_COUNT, MOST_COUNT_SHARE = 16, 0.05
"""What may be counted more, of descriptors and connections, when people rest at the end than when
they rested after warming up: nginx keeps up to 16 connections to the web, each process up to 4 to a
node for each of the manager's users, which bursts fill. A leak would be of thousands.
"""

STREAMS = re.compile(r"^webfon_streams ([\d.]+)$", re.MULTILINE)
ESTABLISHED = "01"


@dataclass(frozen=True)
class Held:
    """What a process, or a family of them, holds now, and has computed for.

    ``own`` is what it shares with nobody but copies of itself (anonymous memory), without what a
    database has in common; ``whole`` is with its part of that, too. KiB, counts and seconds.
    """

    own: int = 0
    whole: int = 0
    descriptors: int = 0
    seconds: float = 0.0

    def __add__(self, other: "Held") -> "Held":
        return Held(
            self.own + other.own,
            self.whole + other.whole,
            self.descriptors + other.descriptors,
            self.seconds + other.seconds,
        )


@dataclass(frozen=True)
class Reading:
    """Everything at one moment."""

    at: float
    held: dict[str, Held]
    counts: dict[str, int]


@dataclass
class Meter:
    """Reads; keeps what it read. The processes of the webs and of the link stay the same ones."""

    company: Company
    readings: list[Reading] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.known = dict(self._processes())

    def read(self) -> Reading:
        """Now. Raises ``AssertionError`` where a process is not the one that it was."""
        now = dict(self._processes())
        assert now == self.known, f"somebody was started anew: {self.known} → {now}"
        held = {name: measured([pid]) for name, pid in now.items()}
        for name, root in self._families():
            held[name] = measured(family(root))
        reading = Reading(time.monotonic(), held, self._counts())
        self.readings.append(reading)
        return reading

    def _processes(self) -> Iterator[tuple[str, int]]:
        services = self.company.services
        for name in ("web 1", "web 2"):
            root = _pid(services[name])
            workers = [pid for pid in family(root) if "spawn_main" in _command(pid)]
            yield name, root
            yield from ((f"{name}{'ab'[n]}", pid) for n, pid in enumerate(sorted(workers)))
        for name in ("link", "link 2"):
            yield name, _pid(services[name])
        for name in NODES:
            yield name, _pid(services[f"node {name}"])

    def _families(self) -> Iterator[tuple[str, int]]:
        """Those whose members come and go."""
        for name in ("nginx", "PostgreSQL"):
            yield name, _pid(self.company.services[name])

    def _counts(self) -> dict[str, int]:
        with self.company.database.connect() as connection:
            sql = "SELECT count(*) FROM pg_stat_activity WHERE datname LIKE 'webfon%'"
            [(databases,)] = connection.execute(sql).fetchall()
        ports = [node.ami for node in self.company.nodes.values()]
        return {
            "databases": databases,
            "managers": sum(connections_to(port) for port in ports),
            "streams": sum(_streams(self.company, port) for port in self.company.webs),
        }


def _pid(service: object) -> int:
    process = service.process  # type: ignore[attr-defined]
    assert process, f"{service} was not started"
    assert process.poll() is None, f"{service} has ended"
    return int(process.pid)


def _command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text()


def family(pid: int) -> list[int]:
    """The process and all that descend from it."""
    found = [pid]
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in tasks.read_text().split():
            found += family(int(child))
    return found


def measured(pids: Sequence[int]) -> Held:
    """The sum; whoever ends meanwhile counts for what its parent knows of it."""
    total = Held()
    for pid in pids:
        folder = Path(f"/proc/{pid}")
        try:
            rollup = (folder / "smaps_rollup").read_text()
            stat = (folder / "stat").read_text().rpartition(")")[2].split()
            descriptors = sum(1 for _ in (folder / "fd").iterdir())
        except (FileNotFoundError, ProcessLookupError):
            continue
        seconds = sum(map(int, stat[11:15])) / TICKS  # its own, and of its children that ended
        total += Held(_kib(rollup, "Pss_Anon"), _kib(rollup, "Pss"), descriptors, seconds)
    return total


def _kib(rollup: str, name: str) -> int:
    found = re.search(rf"(?m)^{name}: +(\d+) kB", rollup)
    return int(found[1]) if found else 0


def connections_to(port: int) -> int:
    """How many are connected to a port of this machine."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    rows = [line.split() for line in lines]
    return sum(row[1].endswith(f":{port:04X}") and row[3] == ESTABLISHED for row in rows)


def _streams(company: Company, port: int) -> int:
    headers = {"Authorization": f"Bearer {company.secret['operator_token']}", "Host": "127.0.0.1"}
    address = f"http://127.0.0.1:{port}/webs/webfon3/metricas/"
    with urllib.request.urlopen(
        urllib.request.Request(address, headers=headers), timeout=20
    ) as page:
        found = STREAMS.search(page.read().decode())
    return round(float(found[1])) if found else 0


@dataclass(frozen=True)
class Trend:
    """How memory went: its level in the second and in the last quarter, and by the minute; KiB."""

    second: float
    last: float
    each_minute: float

    @property
    def more(self) -> float:
        return self.last - self.second

    def grows(self, share: float = MOST_SHARE) -> bool:
        """Whether it rose by more than both allowances."""
        return self.more > max(MOST_KIB, share * self.second)


def trend(times: Sequence[float], values: Sequence[float], end: float) -> Trend:
    """Of what was read at times from 0 to ``end`` seconds, without the warming up."""
    warm = [(at, value) for at, value in zip(times, values, strict=True) if at >= WARM_UP * end]
    second = [value for at, value in warm if at < 0.5 * end]
    last = [value for at, value in warm if at >= 0.75 * end]
    slope = linear_regression(*zip(*warm, strict=True)).slope
    return Trend(median(second), median(last), 60 * slope)


def trends(readings: Sequence[Reading], what: str = "own") -> dict[str, Trend]:
    """Of own memory, or of another field of ``Held``, by process."""
    begin, end = readings[0].at, readings[-1].at - readings[0].at
    times = [each.at - begin for each in readings]
    return {
        name: trend(times, [getattr(each.held[name], what) for each in readings], end)
        for name in readings[0].held
    }


def counted(reading: Reading) -> dict[str, int]:
    """Descriptors, connections, and streams. Which worker has which pages is chance."""
    descriptors: Counter[str] = Counter()
    for name, held in reading.held.items():
        whose = "the webs" if name.startswith("web ") else name
        descriptors[f"descriptors of {whose}"] += held.descriptors
    return {**descriptors, **reading.counts}


def growth(readings: Sequence[Reading], rest: tuple[Reading, Reading]) -> list[str]:
    """What grew, in words; nothing should. ``rest``: when people rested, early and at the end."""
    found = [
        f"memory of {name}: {memory}"
        for name, memory in trends(readings).items()
        if memory.grows(OTHERS_SHARE if name == OTHERS else MOST_SHARE)
    ]
    opened = trends(readings, "descriptors").get(OTHERS)
    if opened and opened.more > OTHERS_SHARE * opened.second:
        found.append(f"descriptors of {OTHERS}: {opened}")
    early, late = map(counted, rest)
    return found + [
        f"{name}: {early[name]} → {late[name]}"
        for name in early
        if OTHERS not in name
        and late[name] - early[name] > max(MOST_COUNT, MOST_COUNT_SHARE * early[name])
    ]
