"""The tables that a working day ends with."""

from collections.abc import Iterator
from statistics import quantiles

from tests.drill.costs import costs, load, sizes, table_of_sizes
from tests.drill.meter import Reading, counted, trends
from tests.drill.workday import Workday

MINUTE = 60.0


def report(day: Workday) -> str:
    """All of them."""
    parts = [_minutes(day), _growth(day), _costs(day), _sizes(day), table_of_sizes(day), _done(day)]
    return "\n\n".join("\n".join(part) for part in parts)


def _minutes(day: Workday) -> Iterator[str]:
    """What each process held at the end of each minute: own MiB / descriptors."""
    readings = day.readings
    names = list(readings[0].held)
    yield "minute " + " ".join(f"{name:>11}" for name in [*names, *readings[0].counts])
    last = -1
    for each in readings:
        minute = int((each.at - day.began) / MINUTE)
        if minute > last:
            last = minute
            yield f"{minute:>6} " + " ".join(_cells(each, names))


def _cells(reading: Reading, names: list[str]) -> Iterator[str]:
    for name in names:
        held = reading.held[name]
        yield f"{held.own / 1024:.1f}/{held.descriptors}".rjust(11)
    for count in reading.counts.values():
        yield f"{count:>11}"


def _growth(day: Workday) -> Iterator[str]:
    yield f"{'memory of …':<16}{'2nd quarter':>12}{'last':>12}{'more':>9}{'each minute':>13}"
    for name, memory in trends(day.readings).items():
        yield (
            f"{name:<16}{memory.second:>8.0f} KiB{memory.last:>8.0f} KiB{memory.more:>9.0f}"
            f"{memory.each_minute:>13.1f}"
        )
    yield f"{'at rest':<28}{'early':>9}{'at the end':>12}"
    early, late = map(counted, day.rest)
    for name, number in early.items():
        yield f"{name:<28}{number:>9}{late[name]:>12}"


def _costs(day: Workday) -> Iterator[str]:
    yield (
        f"{'processor':<12}{'idle':>12}{'1,000 pages':>14}{'1,000 calls':>14}"
        f"{'both, measured':>16}{'reckoned':>10}"
    )
    before, after = day.spans["both"]
    lasted = after.reading.at - before.reading.at
    pages, calls = before.pages_until(after) / lasted, before.calls_until(after) / lasted
    for kind, cost in costs(day).items():
        yield (
            f"{kind:<12}{100 * cost.idle:>6.1f} % core{1000 * cost.page:>12.1f} s"
            f"{1000 * cost.call:>12.1f} s{100 * load(day.spans['both'], kind):>9.1f} % core"
            f"{100 * cost.of(pages, calls):>8.1f} %"
        )


def _sizes(day: Workday) -> Iterator[str]:
    found = sizes(day)
    yield f"memory of a process of the web: {found.web:.0f} MiB"
    yield f"memory of the link: {found.link:.0f} MiB"
    yield f"memory of nginx: {found.nginx:.0f} MiB"
    yield f"memory of an Asterisk: {found.asterisk:.0f} MiB"
    yield (
        f"memory of PostgreSQL: {found.postgres:.0f} MiB, of which each of {found.connections} "
        f"connections {found.connection:.1f} MiB"
    )
    yield f"records of {found.calls} calls: {found.record:.0f} bytes a call, with indexes"


def _done(day: Workday) -> Iterator[str]:
    """How much there was of everything."""
    seconds = quantiles(day.tally.seconds, n=20)
    before, after = day.spans["both"]
    lasted = after.reading.at - before.reading.at
    yield (
        f"{day.tally.pages} pages and {day.tally.parts} parts of pages, in the end "
        f"{before.pages_until(after) / lasted:.1f} pages a second; "
        f"median {1000 * seconds[9]:.0f} ms, 95th percentile {1000 * seconds[18]:.0f} ms"
    )
    yield (
        f"{len(day.traffic.placed)} calls, in the end {before.calls_until(after) / lasted:.2f} a "
        f"second, the latest {day.traffic.latest:.1f} s after its time"
    )
    changes = sum(len(each.changes) for each in day.people)
    contacts = sum(each.contacts for each in day.people)
    lines = sum(each.lines for each in day.people)
    removed = sum(len(each.removed) for each in day.people)
    yield (
        f"{changes} changes of rules, {contacts} contacts, {lines} lines of chat, "
        f"{removed} messages heard and deleted"
    )
