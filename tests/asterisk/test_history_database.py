"""The database of call records is stopped or frozen while calls go on: afterwards none is missing.

Once with the link's import as the only writer, and once with ``cdr_pgsql`` beside it.
"""

import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.asterisk.exchange import wait_until
from tests.asterisk.instance import Instance, tree
from tests.asterisk.phone import Phone
from tests.asterisk.postgres import Server
from tests.server import ROOT, environment, manage

pytestmark = [pytest.mark.asterisk]

CALLS = 8
SLOWEST = 2.0
"""Seconds that a call to a busy telephone may take on a machine that has other things to do."""

DIRECT = {
    "modules.conf": "load = cdr_pgsql.so\n",
    "cdr_pgsql.conf": """
[global]
hostname = {folder}
dbname = calls
user = asterisk
table = asterisk_one
encoding = UTF8
usegmtime = yes
""",
}
BATCH = "batch = yes\nsize = 50\ntime = 1\nsafeshutdown = yes\n"


def operating(name: str) -> str:
    """The statements that docs/operating.md gives the operator."""
    text = (ROOT / "docs" / "operating.md").read_text()
    (block,) = re.findall(r"```sql\n(.*?)```", text, re.DOTALL)
    return str(block).replace("madrid", name)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = Server().start()
    yield server
    server.remove()


@pytest.fixture(params=["import", "cdr_pgsql"])
def direct(request: pytest.FixtureRequest) -> bool:
    """Whether Asterisk writes into the database as well."""
    return bool(request.param == "cdr_pgsql")


@pytest.fixture
def instance(server: Server, tmp_path: Path, direct: bool) -> Instance:
    """An Asterisk, written and not started."""
    instance = Instance(tmp_path / "asterisk", tree()).write()
    if direct:
        for name, text in DIRECT.items():
            with (instance.folder / "etc" / name).open("a") as file:
                file.write(text.format(folder=server.folder))
        cdr = instance.folder / "etc" / "cdr.conf"
        cdr.write_text(cdr.read_text().replace("batch = no\n", BATCH))
    return instance


@pytest.fixture
def env(server: Server, instance: Instance, tmp_path: Path, direct: bool) -> dict[str, str]:
    """A portal whose call records stand in a database, which is empty."""
    with server.connect() as connection:
        connection.execute("DROP DATABASE IF EXISTS calls WITH (FORCE)")
        connection.execute("DROP ROLE IF EXISTS asterisk")
        connection.execute("CREATE DATABASE calls")
    env = environment(
        tmp_path,
        CDR_DATABASE_URL=server.url("calls"),
        WEBFON_NODES="one",
        WEBFON_ONE_PORT=str(instance.ami),
        WEBFON_ONE_SECRET=instance.secret,
        WEBFON_ONE_CDR_CSV=str(instance.cdr),
        WEBFON_CALLS_IMPORT_AFTER="3" if direct else "0",
    )
    manage(env, "migrate", "-v0")
    manage(env, "migrate", "-v0", "--database=cdr")
    manage(env, "createcachetable")
    if direct:
        with server.connect("calls") as connection:
            connection.execute(operating("one"))
    return env


@pytest.fixture
def node(env: dict[str, str], instance: Instance) -> Iterator[Instance]:
    yield instance.start()
    instance.stop()


@contextmanager
def link(env: dict[str, str]) -> Iterator[None]:
    with (Path(env["WEBFON_DATA"]) / "log").open("a") as log:
        command = [sys.executable, "manage.py", "pbx_link"]
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log)
        try:
            yield
        finally:
            process.terminate()
            process.wait(20)


@pytest.fixture
def phones(node: Instance) -> Iterator[tuple[Phone, Phone]]:
    caller = Phone("201", node.sip).register()
    called = Phone("202", node.sip, behaviour=486).register()
    yield caller, called
    for phone in (caller, called):
        phone.unregister()
        phone.close()


def call(phones: tuple[Phone, Phone]) -> None:
    """Some calls; none waits for any database."""
    for _ in range(CALLS):
        began = time.monotonic()
        assert phones[0].call("202").code == 486
        assert time.monotonic() - began < SLOWEST


def shown(server: Server) -> Counter[tuple[str, str]]:
    """How many calls the portal would show, by subscriber and result."""
    with server.connect("calls") as connection:
        rows = connection.execute("SELECT subscriber, result FROM pbx_callentry").fetchall()
    return Counter((str(subscriber), str(result)) for subscriber, result in rows)


def wait_for(server: Server, calls: int) -> None:
    expected = Counter({("201", "busy"): calls, ("202", "busy"): calls})
    wait_until(lambda: shown(server) == expected, 40)


@pytest.mark.parametrize("fault", ["stopped", "frozen"])
def test_no_call_waits_and_none_is_missing(env, server, node, phones, direct, fault):
    with link(env):
        call(phones)
        wait_for(server, CALLS)
        server.stop() if fault == "stopped" else server.freeze()
        try:
            call(phones)
            time.sleep(3)
            call(phones)
        finally:
            server.start() if fault == "stopped" else server.thaw()
        wait_for(server, 3 * CALLS)
        call(phones)
        wait_for(server, 4 * CALLS)
    with server.connect("calls") as connection:
        rows = connection.execute("SELECT node, uniqueid, sequence FROM pbx_callrecord").fetchall()
    assert {row[0] for row in rows} == {"one"}
    assert len(rows) == len(set(rows)) == len(node.cdr.read_text().splitlines())


@pytest.mark.parametrize("direct", ["cdr_pgsql"], indirect=True)
def test_what_asterisk_writes_itself_is_shown_before_the_import_reads_it(env, server, node, phones):
    env["WEBFON_CALLS_IMPORT_AFTER"] = "3600"
    with link(env):
        call(phones)
        wait_for(server, CALLS)
    with server.connect("calls") as connection:
        same = connection.execute(
            "SELECT count(*) FROM pbx_callrecord"
            " WHERE src = '201' AND dst = '202' AND dialed = '202' AND node = 'one'"
            " AND abs(extract(epoch FROM now() - started)) < 120 AND answered IS NULL"
        ).fetchone()
    assert same == (len(node.cdr.read_text().splitlines()),)
