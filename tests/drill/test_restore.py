"""What docs/operate.md says of backups, carried out: nothing is lost, and the portal goes on."""

import subprocess
import sys

import pytest

from tests.server import ROOT, environment

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
