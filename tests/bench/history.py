"""The call history: pages of 20,000 subscribers, of whom one has every sixteenth call"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles

from tests.asterisk.instance import Instance
from tests.asterisk.postgres import Server
from tests.bench import history_data

CACHE = Path(os.environ.get("WEBFON_BENCH", "/var/tmp/webfon-bench"))
SIZES = [int(n) for n in os.environ.get("WEBFON_BENCH_LEGS", "1000000,10000000").split(",")]
"""Legs of calls. The larger takes five minutes to make, once, and 7 GB in each database."""

ROUNDS, USERS = 30, 8
MADE = "made"
"""A file that says that the data is complete."""

Times = dict[str, list[float]]


def run(instance: Instance) -> Iterator[tuple[str, str]]:
    """Each page at both sizes by one user, and at the larger by eight at once."""
    CACHE.mkdir(parents=True, exist_ok=True)
    yield from _measure("SQLite", [_lite(size) for size in SIZES])
    server = Server(_postgres_folder()).start("shared_buffers=512MB", "max_connections=30")
    try:
        yield from _measure("PostgreSQL", [_postgres(server, size) for size in SIZES])
    finally:
        server.stop()


def _measure(name: str, places: list[dict[str, str]]) -> Iterator[tuple[str, str]]:
    for place, size in zip(places, SIZES, strict=True):
        _once(place, size)
    alone = [_users(place, 1)[0] for place in places]
    together = _users(places[-1], USERS)
    for task in alone[0]:
        columns = [_p95(times[task]) for times in alone]
        columns.append(_p95([each for times in together for each in times[task]]))
        yield f"{name}: {task.replace('|', ', ')}", "   ".join(columns)
    for place, size in zip(places, SIZES, strict=True):
        export = json.loads(_start(place, "history_user", "export").communicate()[0])
        yield (
            f"{name}: export of {export['rows'] + 1000:,} rows at {size:,}",
            f"{export['seconds']:.1f} s, memory +{export['grown']:.0f} MB",
        )
        write = json.loads(_start(place, "history_user", "write").communicate()[0])
        yield (
            f"{name}: new records, read and merged by the link at {size:,}",
            f"{write['rows'] / write['seconds']:,.0f} a second",
        )


def _lite(size: int) -> dict[str, str]:
    folder = CACHE / f"sqlite-{size}"
    folder.mkdir(exist_ok=True)
    if not (folder / MADE).exists():
        for half_made in folder.glob("calls.sqlite3*"):
            half_made.unlink()
    return {"WEBFON_DATA": str(folder)}


def _postgres_folder() -> Path:
    folder = CACHE / "postgres"
    folder.mkdir(exist_ok=True)
    return folder


def _postgres(server: Server, size: int) -> dict[str, str]:
    data = CACHE / f"postgres-{size}"
    data.mkdir(exist_ok=True)
    if not (data / MADE).exists():
        with server.connect() as connection:
            connection.execute(f"DROP DATABASE IF EXISTS legs{size}")
            connection.execute(f"CREATE DATABASE legs{size}")
    return {"CDR_DATABASE_URL": server.url(f"legs{size}"), "WEBFON_DATA": str(data)}


def _once(place: dict[str, str], size: int) -> None:
    """Make the data, unless it is there from an earlier time."""
    done = Path(place["WEBFON_DATA"]) / MADE
    if not done.exists():
        process = _start(place, "history_data", str(size))
        process.communicate()
        assert process.returncode == 0
        done.touch()


def _users(place: dict[str, str], count: int) -> list[Times]:
    started = [_start(place, "history_user", str(ROUNDS)) for _ in range(count)]
    return [json.loads(process.communicate()[0]) for process in started]


def _start(place: dict[str, str], module: str, argument: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", f"{history_data.__package__}.{module}", argument]
    return subprocess.Popen(command, env=os.environ | place, stdout=subprocess.PIPE)


def _p95(seconds: list[float]) -> str:
    cuts = quantiles(seconds, n=20)
    return f"{cuts[9] * 1000:6.1f} {cuts[18] * 1000:6.1f}"
