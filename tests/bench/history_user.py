"""``python -m tests.bench.history_user 50``: somebody who turns pages, ten a second at most.

Reads the database of call records that the environment names. Prints how long each thing took, in
seconds, as JSON. In place of the number ``export``: how long it took, and how memory grew;
``write``: how long the link takes for new records, which are not kept.
"""

import json
import os
import resource
import sys
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from time import perf_counter, sleep
from zoneinfo import ZoneInfo

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from django.db import transaction  # noqa: E402

from portal.pbx.cdr import CallRecords  # noqa: E402
from portal.pbx.cdr.entries import save  # noqa: E402
from portal.pbx.models import CallRecord  # noqa: E402
from portal.pbx.types import CallKind, CallSearch  # noqa: E402
from tests.bench.history_data import BEGIN, BUSY, FIRST, SECONDS  # noqa: E402

LOG = CallRecords()
LIMIT = 50
PAUSE = 0.1
"""Seconds: nobody reads so fast, and eight users leave the processor some time."""

PAGES = 100
EXPORTED = 100_000
WRITTEN, CHUNK = 5_000, 1_000
END = datetime.fromtimestamp(BEGIN + SECONDS, UTC)
FORTNIGHT, WEEKS = END - timedelta(days=14), END - timedelta(weeks=8)
QUARTER = END - timedelta(days=90)
MADRID = ZoneInfo("Europe/Madrid")

Task = Callable[[str], object]


def tasks() -> dict[str, Task]:
    """What people do; each takes the subscriber's number."""
    searches = {
        "first page": CallSearch(),
        "first page of 90 days": CallSearch(since=QUARTER),
        "missed": CallSearch(kind=CallKind.MISSED),
        "forwarded": CallSearch(kind=CallKind.FORWARDED),
        "a number that begins with 6: most": CallSearch(prefix="6"),
        "… with 60012: few": CallSearch(prefix="60012"),
        "… with 77: none": CallSearch(prefix="77"),
        "missed from numbers that begin with 91": CallSearch(kind=CallKind.MISSED, prefix="91"),
    }
    found: dict[str, Task] = {
        name: lambda number, search=search: LOG.page(number, search, limit=LIMIT)  # type: ignore[misc]
        for name, search in searches.items()
    }
    others, hundredth, keys = _prepared()
    return found | {
        "100th page": lambda number: LOG.page(number, before=hundredth[number], limit=LIMIT),
        "a name: three numbers": lambda n: LOG.page(n, CallSearch(numbers=others[n]), limit=LIMIT),
        "the steps of a call": lambda number: LOG.steps(number, keys[number]),
        "missed and not returned, 14 days": lambda number: LOG.missed_to_return(number, FORTNIGHT),
        "summary of 8 weeks": lambda number: LOG.summary(number, WEEKS, END, MADRID),
    }


def _prepared() -> tuple[dict[str, tuple[str, ...]], dict[str, str], dict[str, str]]:
    others: dict[str, tuple[str, ...]] = {}
    hundredth: dict[str, str] = {}
    keys: dict[str, str] = {}
    for number in people():
        page = LOG.page(number, limit=LIMIT)
        others[number] = tuple({call.other for call in page.calls if call.other})[:3]
        keys[number] = page.calls[0].key
        place = hundredth[number] = page.calls[-1].key
        for _ in range(PAGES - 2):
            page = LOG.page(number, before=place, limit=LIMIT)
            if not page.next:
                break
            place = hundredth[number] = page.next
    return others, hundredth, keys


def people() -> list[str]:
    """The busy one, and some of the others."""
    chance = Random(3)
    return [str(BUSY), *(str(FIRST + chance.randrange(1, 2_000)) for _ in range(20))]


def turn_pages(rounds: int) -> dict[str, list[float]]:
    """Each task for the busy one, and each for somebody else, in turn."""
    numbers, todo = people(), tasks()
    seconds: dict[str, list[float]] = defaultdict(list)
    for turn in range(rounds):
        for name, task in todo.items():
            for who, number in (("busy", numbers[0]), ("others", numbers[1 + turn % 20])):
                begin = perf_counter()
                task(number)
                seconds[f"{name}|{who}"].append(perf_counter() - begin)
            sleep(PAUSE)
    return seconds


def export() -> dict[str, float]:
    """So many rows of the busy one."""
    rows = LOG.export(str(BUSY))
    for _ in range(1000):
        next(rows)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begin = perf_counter()
    count = sum(1 for _ in zip(range(EXPORTED - 1000), rows, strict=False))
    return {
        "rows": count,
        "seconds": perf_counter() - begin,
        "grown": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory) / 1024,
    }


def write() -> dict[str, float]:
    """Two legs of each of some calls, in chunks as the link reads them."""
    seconds = 0.0
    for first in range(0, WRITTEN, CHUNK):
        legs = [_leg(first + number) for number in range(CHUNK)]
        with transaction.atomic(using="cdr"):
            begin = perf_counter()
            save(legs)
            seconds += perf_counter() - begin
            transaction.set_rollback(True, using="cdr")
    return {"rows": WRITTEN, "seconds": seconds}


def _leg(number: int) -> CallRecord:
    call = f"{BEGIN + SECONDS}.{number // 2}"
    return CallRecord(
        node="madrid", uniqueid=call, linkedid=call, sequence=number, started=END, ended=END,
        src=str(FIRST + number * 7919 % 2_000), dst=str(FIRST + number // 2 % 2_000),
        dialed=str(FIRST + number // 2 % 2_000), dstchannel="PJSIP/x-1", disposition="ANSWERED",
    )  # fmt: skip


if __name__ == "__main__":
    wanted = sys.argv[1]
    others: dict[str, Callable[[], object]] = {"export": export, "write": write}
    print(json.dumps(others[wanted]() if wanted in others else turn_pages(int(wanted))))
