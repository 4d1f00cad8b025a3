"""The embedded SQLite moves to PostgreSQL with one command: every row arrives, and life goes on."""

import json
import subprocess
import sys

import pytest

from tests.server import ROOT, environment

pytestmark = [pytest.mark.drill, pytest.mark.timeout(600)]

ALL = "contenttypes auth account mfa usersessions admin portal pbx agenda historial buzon desvios"
DUMP = f"manage.py dumpdata --natural-foreign --all {ALL} ajustes chat sessions"

GO_ON = """
from portal.models import AuditEvent, Subscriber
assert Subscriber.objects.get(number="201").user.check_password("webfon-demo")
last = AuditEvent.objects.order_by("pk").last()
new = AuditEvent.objects.create(
    at=last.at, subscriber_number="201", action="admin", before={}, after={}
)
assert new.pk > last.pk
"""

DRILL = """
set -eu
$PYTHON manage.py migrate -v0
$PYTHON manage.py migrate -v0 --database=cdr
$PYTHON manage.py move_databases "$OLD"
for alias in default cdr; do $PYTHON $DUMP --database=$alias --output "$WORK/new-$alias.json"; done
if $PYTHON manage.py move_databases "$OLD" 2>"$WORK/again"; then exit 1; fi
grep -q 'holds something already' "$WORK/again"
$PYTHON manage.py shell -v0 -c "$GO_ON"
"""


def test_every_row_of_sqlite_is_in_postgresql_and_new_ones_come_after(tmp_path):
    old = environment(tmp_path / "old", WEBFON_DEMO="1")
    for command in ("migrate -v0", "migrate -v0 --database=cdr", "demo_data"):
        run(old, [sys.executable, "manage.py", *command.split()])
    for alias in ("default", "cdr"):
        output = ["--database", alias, "--output", str(tmp_path / f"old-{alias}.json")]
        run(old, [sys.executable, *DUMP.split(), *output])
    new = environment(
        tmp_path / "new",
        DUMP=DUMP,
        GO_ON=GO_ON,
        OLD=str(tmp_path / "old"),
        PYTHON=sys.executable,
        WORK=str(tmp_path),
    )
    (tmp_path / "new").mkdir()
    print(run(new, ["scripts/with-postgres", "sh", "-c", DRILL]))
    for alias in ("default", "cdr"):
        before, after = (rows(tmp_path / f"{each}-{alias}.json") for each in ("old", "new"))
        assert len(before) > 500
        assert after == before


def run(env, command):
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def rows(file):
    return sorted(json.dumps(row, sort_keys=True) for row in json.loads(file.read_text()))
