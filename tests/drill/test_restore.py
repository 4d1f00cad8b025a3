"""What docs/operate.md says of backups, carried out: nothing is lost, and the portal goes on."""

import sqlite3
import subprocess
import sys
import urllib.request
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from tests.drill import documented
from tests.server import ROOT, environment, manage, prepare, running

pytestmark = [pytest.mark.drill, pytest.mark.timeout(900)]

FILL = """
from django.contrib.auth.models import User
from django.utils import timezone
from desvios.models import rules_of
from portal.models import AuditEvent, ServiceClass, Subscriber
from portal.pbx.models import CallRecord
now = timezone.now()
row = ServiceClass.objects.create(name="Nacional", code="national")
User.objects.create_user("jefa", password="una clave")
for number in map(str, range(200, 260)):
    person = Subscriber.objects.create(
        number=number, display_name=f"Ñandú {number} €", call_class=row, forward_class=row
    )
    rules_of(person).save()
    AuditEvent.objects.create(at=now, subscriber_number=number, action="admin", before={}, after={})
    CallRecord.objects.create(
        node="madrid", uniqueid=number, sequence=1, linkedid=number, started=now, ended=now
    )
"""

GO_ON = """
from django.contrib.auth import authenticate
from django.db import DatabaseError, connection
from portal.models import AuditEvent, ServiceClass
assert authenticate(username="jefa", password="una clave")
ServiceClass.objects.create(name="Otra", code="other")
assert AuditEvent.objects.count() == 60
try:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM portal_auditevent")
except DatabaseError:
    pass
else:
    raise SystemExit("the log of changes lost its lock")
"""

DRILL = r"""
set -eu
PGUSER=webfon PGHOST=${DATABASE_URL#postgres://webfon@/}
PGHOST=${PGHOST%/webfon}
export PGUSER PGHOST
content() { pg_dump --data-only "$1" | grep -v '^\\[ur]'; }
"$PYTHON" manage.py migrate -v0
"$PYTHON" manage.py migrate -v0 --database=cdr
"$PYTHON" manage.py createcachetable
"$PYTHON" manage.py shell -v0 -c "$FILL"
for name in webfon calls; do
    pg_dump -Fc $name >"$WORK/$name.dump"
    content $name >"$WORK/before"
    dropdb $name
    createdb $name
    pg_restore -d $name <"$WORK/$name.dump"
    content $name >"$WORK/after"
    cmp "$WORK/before" "$WORK/after"
    echo "$name: $(wc -l <"$WORK/after") lines, none lost"
done
"$PYTHON" manage.py migrate --check
"$PYTHON" manage.py migrate --check --database=cdr
"$PYTHON" manage.py shell -v0 -c "$GO_ON"
"""


def test_databases_that_are_gone_come_back_whole_from_their_dumps(tmp_path):
    env = environment(tmp_path, FILL=FILL, GO_ON=GO_ON, WORK=str(tmp_path), PYTHON=sys.executable)
    command = ["scripts/with-postgres", "sh", "-c", DRILL]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("none lost") == 2
    print(done.stdout)


WRITE = """
import itertools, sys, time
from django.utils import timezone
from portal.models import AuditEvent
from portal.pbx.models import CallRecord
for n in itertools.count():
    now = timezone.now()
    AuditEvent.objects.create(at=now, subscriber_number="x", action="admin", before={}, after={})
    CallRecord.objects.create(
        node="x", uniqueid=str(n), sequence=1, linkedid=str(n), started=now, ended=now
    )
    print(n, flush=True)
    time.sleep(0.005)
"""

FILES = ("webfon.sqlite3", "calls.sqlite3")
WRITTEN = {
    "portal_auditevent": "subscriber_number = 'x'",
    "pbx_callrecord": "node = 'x'",
}
CHANGING = {"portal_heartbeat", "pbx_importposition", "sqlite_sequence", "sqlite_stat1"}
"""Tables whose rows the link changes as long as it runs."""


def rows(file: Path) -> Counter[tuple[object, ...]]:
    """All rows of all tables, each after the name of its table; the file must be sound."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as opened:
        assert opened.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        tables = opened.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        return Counter(
            (name, *row) for (name,) in tables for row in opened.execute(f'SELECT * FROM "{name}"')
        )


def written(file: Path, table: str) -> int:
    """How many rows of the writer stand there, with none between them missing."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as opened:
        sql = f"SELECT count(*), max(id) - min(id) + 1 FROM {table} WHERE {WRITTEN[table]}"
        [(count, span)] = opened.execute(sql)
    assert count == span
    return int(count)


def test_the_two_files_of_sqlite_come_back_whole_from_copies_made_while_they_are_written(tmp_path):
    live, kept = tmp_path / "live", tmp_path / "kept"
    kept.mkdir()
    env = environment(live, WEBFON_DEMO="1")
    prepare(env)
    manage(env, "demo_data")
    *_, back_up, _restore, restore = documented.commands(ROOT, "operate.md", "Backup and restore")
    with running(env, link=True):
        writer = subprocess.Popen(
            [sys.executable, "manage.py", "shell", "-v0", "-c", WRITE],
            cwd=ROOT,
            env=env,
            stdout=subprocess.PIPE,
            text=True,
        )
        with writer:
            before = [int(writer.stdout.readline()) for _ in range(50)][-1]
            follow(back_up, live, kept)
            writer.kill()  # and what it left beside the files is not theirs
            after = int(writer.stdout.read().split()[-1])
    for name, table in zip(FILES, WRITTEN, strict=True):
        assert before < written(kept / name, table) <= after + 2
        lost = rows(kept / name) - rows(live / name)
        assert {table for table, *_ in lost} <= CHANGING
    (live / "webfon.sqlite3-wal").write_bytes(b"of the file that is gone")
    follow(restore, live, kept)
    for name in FILES:
        assert rows(live / name) == rows(kept / name)
        print(f"{name}: {rows(live / name).total()} rows, none lost")
    manage(env, "migrate", "--check")
    with running(env) as address, urllib.request.urlopen(f"{address}/webs/webfon3/salud/") as told:
        assert told.read() == b'{"default": true, "cdr": true}'


def follow(lines: list[str], live: Path, kept: Path) -> None:
    """Commands of the document, with the places of this test, by the user that it has."""
    for line in lines:
        here = line.replace("/var/lib/webfon", str(live)).replace("-o webfon -g webfon ", "")
        subprocess.run(["sh", "-euc", here], cwd=kept, check=True, timeout=60)
