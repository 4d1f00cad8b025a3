"""What a working day cost, and what a company of so many people needs by that.

docs/benchmarks.md has the table and says how it is reckoned.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from statistics import median

from portal.stream import MOST
from tests.drill.meter import Held, Reading
from tests.drill.office import NUMBERS
from tests.drill.tally import rows
from tests.drill.workday import Moment, Workday

KINDS = {
    "web": ("web 1", "web 1a", "web 1b", "web 2", "web 2a", "web 2b"),
    "nginx": ("nginx",),
    "PostgreSQL": ("PostgreSQL",),
    "link": ("link", "link 2"),
    "Asterisk": ("madrid", "reserva"),
}
"""What is added up."""

COMPANIES = (50, 500, 5_000)
PAGES_AN_HOUR, CALLS_AN_HOUR = 20, 6
"""Of one person, in the busiest hour."""

CALLS_A_YEAR = 20 * 220
RESERVE = 3
OPEN_PAGE, OPEN_PAGE_LOAD = 0.032, 14e-6
"""MiB and cores of a page that is open and at which nobody clicks, by ``tests.bench chat``."""

DATABASE_CONNECTIONS, LINK_CONNECTIONS = 35, 25
"""Of a process of the web, and of the link, at most: docs/install.md."""

SHARED = 128
"""MiB that PostgreSQL's processes share, as delivered."""


@dataclass(frozen=True)
class Cost:
    """Cores while 200 pages are open and nobody does anything; seconds of a page, and of a call."""

    idle: float
    page: float
    call: float

    def of(self, pages: float, calls: float) -> float:
        """Cores, at so many pages and calls a second."""
        return self.idle + self.page * pages + self.call * calls


def costs(day: Workday) -> dict[str, Cost]:
    """Idle load is taken off what pages and calls took while they were alone."""
    found = {}
    for kind in KINDS:
        idle = load(day.spans["idle"], kind)
        each = []
        for name, counted in (("pages", Moment.pages_until), ("calls", Moment.calls_until)):
            before, after = day.spans[name]
            seconds = (load(day.spans[name], kind) - idle) * (after.reading.at - before.reading.at)
            each.append(max(0.0, seconds) / max(1, counted(before, after)))
        found[kind] = Cost(idle, *each)
    return found


def load(span: tuple[Moment, Moment], kind: str) -> float:
    """Cores."""
    before, after = (each.reading for each in span)
    return (_seconds(after, kind) - _seconds(before, kind)) / (after.at - before.at)


def _seconds(reading: Reading, kind: str) -> float:
    return sum((reading.held[name] for name in KINDS[kind]), Held()).seconds


@dataclass(frozen=True)
class Sizes:
    """Memory in MiB at the end of the day, and the bytes that a call takes in the database."""

    web: float
    link: float
    nginx: float
    asterisk: float
    postgres: float
    connections: int
    connection: float
    calls: int
    record: float


def sizes(day: Workday) -> Sizes:
    last = day.spans["both"][1].reading
    whole = {name: held.whole / 1024 for name, held in last.held.items()}
    tables = "pg_total_relation_size('pbx_callrecord') + pg_total_relation_size('pbx_callentry')"
    [(held,)] = rows(day.company, "webfon_calls", f"SELECT {tables}")
    calls, connections = len(day.traffic.placed), last.counts["databases"]
    return Sizes(
        web=median(whole[name] for name in ("web 1a", "web 1b", "web 2a", "web 2b")),
        link=max(whole["link"], whole["link 2"]),
        nginx=whole["nginx"],
        asterisk=whole["madrid"],
        postgres=whole["PostgreSQL"],
        connections=connections,
        connection=last.held["PostgreSQL"].own / 1024 / connections,
        calls=calls,
        record=int(held) / max(1, calls),
    )


def table_of_sizes(day: Workday) -> Iterator[str]:
    """For docs/benchmarks.md."""
    columns = ["people", "web processes", "portal: cores", "memory", "Asterisk: cores", "a year"]
    yield f"| {' | '.join(columns)} |"
    yield "|---" * len(columns) + "|"
    for people in COMPANIES:
        yield _needs(costs(day), sizes(day), people)


def _needs(cost: dict[str, Cost], size: Sizes, people: int) -> str:
    pages, calls = people * PAGES_AN_HOUR / 3600, people * CALLS_AN_HOUR / 3600
    cores = {kind: each.of(pages, calls) for kind, each in cost.items()}
    cores["web"] += OPEN_PAGE_LOAD * people
    cores["Asterisk"] += cost["Asterisk"].idle * people / len(NUMBERS)  # it asks each telephone
    webs = max(2, ceil(RESERVE * cores["web"]), ceil(1.5 * people / MOST))
    portal = sum(cores.values()) - cores["Asterisk"]
    connections = webs * DATABASE_CONNECTIONS + LINK_CONNECTIONS
    memory = (
        webs * size.web
        + people * OPEN_PAGE
        + size.link
        + size.nginx
        + SHARED
        + connections * size.connection
    )
    year = people * CALLS_A_YEAR * size.record / 1e9
    return (
        f"| {people:,} | {webs} | {portal:.2f} × {RESERVE} → {max(1, ceil(RESERVE * portal))}"
        f" | {memory / 1024:.1f} GiB | {cores['Asterisk']:.2f} × {RESERVE} → "
        f"{max(1, ceil(RESERVE * cores['Asterisk']))} | {year:.1f} GB |"
    )
