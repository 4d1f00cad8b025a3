"""Hours of work, which must leave no trace in the memory of the link.

``make soak`` runs it for an hour, or for as many minutes as WEBFON_SOAK_MINUTES says.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.asterisk.instance import Instance
from tests.server import ROOT, environment, manage, prepare

pytestmark = [pytest.mark.asterisk, pytest.mark.soak]

SECONDS = 60 * float(os.environ.get("WEBFON_SOAK_MINUTES", "60"))
WARM_UP = 0.2
"""The part of the time after which memory should have found its level."""
ALLOWED_GROWTH_KIB = 4096

PEOPLE = """
from portal.models import ServiceClass, Subscriber
every = ServiceClass.objects.create(name="Todas", code="all")
Subscriber.objects.bulk_create(
    Subscriber(number=str(number), display_name=f"Persona {number}",
               call_class=every, forward_class=every)
    for number in range(200, 400)
)
"""
CHANGES = """
import time
from portal.models import Subscriber
while True:
    Subscriber.objects.all().bump()
    time.sleep(1)
"""


@contextmanager
def process(env: dict[str, str], *command: str) -> Iterator[subprocess.Popen[bytes]]:
    with (Path(env["WEBFON_DATA"]) / "log").open("a") as log:
        started = subprocess.Popen(
            [sys.executable, "manage.py", *command], cwd=ROOT, env=env, stdout=log, stderr=log
        )
        try:
            yield started
        finally:
            started.terminate()
            started.wait(30)


def resident_kib(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE)[1])


@pytest.mark.timeout(0)
def test_the_link_does_not_grow_while_it_works(asterisk: Instance, tmp_path: Path):
    (tmp_path / "secret").write_text(asterisk.secret)
    env = environment(
        tmp_path,
        WEBFON_NODES="madrid",
        WEBFON_SUBSCRIBER_PATTERN="[23]XX",
        WEBFON_MADRID_PORT=str(asterisk.ami),
        WEBFON_MADRID_SECRET_FILE=str(tmp_path / "secret"),
        WEBFON_MADRID_CDR_CSV=str(asterisk.cdr),
    )
    prepare(env)
    manage(env, "shell", "-v0", "-c", PEOPLE)
    with process(env, "pbx_link") as link, process(env, "shell", "-v0", "-c", CHANGES) as changes:
        time.sleep(SECONDS * WARM_UP)
        level = resident_kib(link.pid)
        time.sleep(SECONDS * (1 - WARM_UP))
        end = resident_kib(link.pid)
        assert (link.poll(), changes.poll()) == (None, None)
    print(f"\nmemory of the link: {level} KiB, at the end {end} KiB")
    admin = asterisk.admin()
    assert admin.act("DBGet", Family="webfon/name", Key="399")["Response"] == "Success"
    admin.close()
    assert end - level < ALLOWED_GROWTH_KIB
