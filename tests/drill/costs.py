"""What a working day cost, as docs/benchmarks.md needs it for its table of sizes."""

from collections.abc import Iterator
from statistics import median, quantiles

from tests.drill.meter import Held, Reading, count_trends, trends
from tests.drill.tally import rows
from tests.drill.workday import Moment, Workday

KINDS = {
    "web": ("web 1", "web 1a", "web 1b", "web 2", "web 2a", "web 2b"),
    "nginx": ("nginx",),
    "PostgreSQL": ("PostgreSQL",),
    "link": ("link",),
    "Asterisk": ("madrid", "reserva"),
}
"""What is added up."""

MINUTE = 60.0


def report(day: Workday) -> str:
    """All tables."""
    parts = [_minutes(day), _growth(day), _costs(day), _sizes(day), _done(day)]
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
    yield f"{'level of …':<16}{'2nd quarter':>12}{'last':>12}{'more':>9}{'each minute':>13}"
    for name, (memory, descriptors) in trends(day.readings).items():
        yield (
            f"{name:<16}{memory.second:>8.0f} KiB{memory.last:>8.0f} KiB{memory.more:>9.0f}"
            f"{memory.each_minute:>13.1f}   descriptors {descriptors.second:.0f} → "
            f"{descriptors.last:.0f}"
        )
    for name, counted in count_trends(day.readings).items():
        yield (
            f"{name:<16}{counted.second:>12.0f}{counted.last:>12.0f}{counted.more:>9.0f}"
            f"{counted.each_minute:>13.1f}"
        )


def _seconds(reading: Reading, kind: str) -> float:
    return sum((reading.held[name] for name in KINDS[kind]), Held()).seconds


def _costs(day: Workday) -> Iterator[str]:
    """Idle load is taken off what pages and calls took while they were alone."""
    spans = day.spans
    yield (
        f"{'processor':<12}{'idle':>12}{'1,000 pages':>14}{'1,000 calls':>14}"
        f"{'both, measured':>16}{'reckoned':>10}"
    )
    for kind in KINDS:
        idle = _load(spans["idle"], kind)
        page = _cost(spans["pages"], kind, idle, _pages)
        call = _cost(spans["calls"], kind, idle, _calls)
        before, after = spans["both"]
        lasted = after.reading.at - before.reading.at
        made = _pages(before, after) * page + _calls(before, after) * call
        yield (
            f"{kind:<12}{100 * idle:>6.1f} % core{1000 * page:>12.1f} s{1000 * call:>12.1f} s"
            f"{100 * _load(spans['both'], kind):>9.1f} % core"
            f"{100 * (idle + made / lasted):>8.1f} %"
        )


def _pages(before: Moment, after: Moment) -> int:
    return after.pages - before.pages


def _calls(before: Moment, after: Moment) -> int:
    return after.calls - before.calls


def _load(span: tuple[Moment, Moment], kind: str) -> float:
    """Cores."""
    before, after = (each.reading for each in span)
    return (_seconds(after, kind) - _seconds(before, kind)) / (after.at - before.at)


def _cost(span, kind, idle, counted) -> float:  # type: ignore[no-untyped-def]
    """Seconds of one."""
    before, after = span
    lasted = after.reading.at - before.reading.at
    return (_load(span, kind) - idle) * lasted / max(1, counted(before, after))


def _sizes(day: Workday) -> Iterator[str]:
    last = day.spans["both"][1].reading
    webs = [last.held[name].whole for name in ("web 1a", "web 1b", "web 2a", "web 2b")]
    others = {
        "a process of the web": median(webs),
        "the link": last.held["link"].whole,
        "nginx": last.held["nginx"].whole,
        "an Asterisk": last.held["madrid"].whole,
        "PostgreSQL, what it shares included": last.held["PostgreSQL"].whole,
    }
    for name, kib in others.items():
        yield f"memory of {name}: {kib / 1024:.0f} MiB"
    yield f"connections to databases: {last.counts['databases']}"
    tables = "pg_total_relation_size('pbx_callrecord') + pg_total_relation_size('pbx_callentry')"
    [(held,)] = rows(day.company, "webfon_calls", f"SELECT {tables}")
    calls = len(day.traffic.placed)
    yield f"records of {calls} calls: {int(held) / max(1, calls):.0f} bytes a call, with indexes"
    [(size,)] = rows(day.company, "webfon", "SELECT pg_database_size('webfon')")
    yield f"the portal's database: {int(size) / 2**20:.0f} MiB"


def _done(day: Workday) -> Iterator[str]:
    """How much there was of everything."""
    seconds = quantiles(day.tally.seconds, n=20)
    before, after = day.spans["both"]
    lasted = after.reading.at - before.reading.at
    yield (
        f"{day.tally.pages} pages and {day.tally.parts} parts of pages, in the end "
        f"{_pages(before, after) / lasted:.1f} pages a second; "
        f"median {1000 * seconds[9]:.0f} ms, 95th percentile {1000 * seconds[18]:.0f} ms"
    )
    yield (
        f"{len(day.traffic.placed)} calls, in the end {_calls(before, after) / lasted:.2f} a "
        f"second, the latest {day.traffic.latest:.1f} s after its time"
    )
    changes = sum(len(each.changes) for each in day.people)
    contacts = sum(each.contacts for each in day.people)
    lines = sum(each.lines for each in day.people)
    removed = sum(each.removed for each in day.people)
    yield (
        f"{changes} changes of rules, {contacts} contacts, {lines} lines of chat, "
        f"{removed} messages heard and deleted"
    )
