"""TLS to a real Asterisk: whole plans, many at once, and nobody else's certificate."""

import socket
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from portal.pbx.asterisk.backend import build
from portal.pbx.errors import PBXUnavailable
from portal.pbx.types import UP, ForwardingPlan
from tests.asterisk.instance import Instance, free_port, tree
from tests.pbx.contract.conftest import NODE, TIMEOUT, options

pytestmark = pytest.mark.asterisk

TLS = """enabled = yes
tlsenable = yes
tlsbindaddr = 127.0.0.1:{port}
tlscertfile = {folder}/ami.pem
tlsprivatekey = {folder}/ami.key"""


def make_certificate(folder: Path) -> Path:
    """A certificate of 127.0.0.1 that is its own CA, and its key beside it."""
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=pbx", "-addext", "subjectAltName=IP:127.0.0.1"]
    command += ["-keyout", str(folder / "ami.key"), "-out", str(folder / "ami.pem")]
    subprocess.run(command, check=True, capture_output=True)
    return folder / "ami.pem"


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, object]]:
    """The settings of an Asterisk that listens with TLS too."""
    instance = Instance(tmp_path_factory.mktemp("tls"), tree()).write()
    etc = instance.folder / "etc"
    certificate, port = make_certificate(etc), free_port(socket.SOCK_STREAM)
    manager = (etc / "manager.conf").read_text()
    tls = TLS.format(port=port, folder=etc)
    (etc / "manager.conf").write_text(manager.replace("enabled = yes", tls, 1))
    instance.start()
    yield options(instance) | {"port": port, "tls_ca": str(certificate)}
    instance.kill()


@pytest.fixture
def pbx(node):
    return build(nodes=[node], timeout=TIMEOUT)


def test_the_longest_plan_goes_through(pbx):
    devices = tuple(f"telephone-{n:02}" for n in range(65))
    plan = ForwardingPlan(subscriber="201", devices=devices, display_name="ñ" * 40)
    pbx.forwarding.write(NODE, [plan])
    assert pbx.forwarding.read(NODE, ["201"]) == {"201": plan}


def test_many_plans_go_and_come_at_once(pbx):
    plan = ForwardingPlan(subscriber="0", devices=("a", "b"), unconditional="600123123")
    plans = [replace(plan, subscriber=str(n)) for n in range(4000, 4500)]
    pbx.forwarding.write(NODE, plans)
    assert list(pbx.forwarding.read(NODE, [each.subscriber for each in plans]).values()) == plans


def test_the_monitor_hears_of_the_node_and_its_heartbeat_is_answered(pbx):
    stop, seen = threading.Event(), []

    def run():
        seen.extend(pbx.monitor.watch(NODE, stop))

    watcher = threading.Thread(target=run, daemon=True)
    watcher.start()
    assert not stop.wait(3)
    stop.set()
    watcher.join(1.5)
    assert not watcher.is_alive()
    assert seen == [UP]


def test_a_certificate_of_somebody_else_is_refused(node, tmp_path):
    other = make_certificate(tmp_path)
    pbx = build(nodes=[node | {"tls_ca": str(other)}], timeout=TIMEOUT)
    with pytest.raises(PBXUnavailable, match="CERTIFICATE_VERIFY_FAILED"):
        pbx.forwarding.read(NODE, ["201"])


def test_a_ca_that_is_not_there_is_told_and_nothing_is_sent_in_the_clear(node):
    pbx = build(nodes=[node | {"tls_ca": "/nowhere/ca.pem"}], timeout=TIMEOUT)
    with pytest.raises(PBXUnavailable, match="No such file"):
        pbx.forwarding.read(NODE, ["201"])


def test_pbx_check_says_that_the_way_is_guarded(pbx):
    results = list(pbx.diagnostics.check())
    assert [result.message for result in results if not result.ok] == []
    assert "TLS" in results[0].message
