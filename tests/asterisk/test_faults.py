"""The portal on real nodes that die, hang and come back: what is saved is never lost."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from django.conf import settings as django_settings
from django.db import connection, connections
from django.test import RequestFactory

from desvios import changes
from desvios.apply import NodeState, apply, apply_pending, reconcile, state_on_nodes
from portal.link import run
from portal.models import Subscriber
from portal.pbx import get_pbx
from tests.asterisk.instance import Instance
from tests.asterisk.phone import Phone
from tests.asterisk.relay import Cutter

pytestmark = [
    pytest.mark.asterisk,
    pytest.mark.django_db(transaction=True, databases="__all__"),
]
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
TO_CARLA = {"unconditional_number": "203", "unconditional_number_enabled": True}
RINGS = {"unconditional_number_enabled": False}


def options(instance: Instance, name: str, port: int = 0) -> dict:
    return {
        "name": name,
        "host": "127.0.0.1",
        "port": port or instance.ami,
        "user": "webfon-rules",
        "secret": instance.secret,
        "spool": str(instance.spool),
        "cdr_csv": str(instance.cdr),
    }


@pytest.fixture
def portal_on(settings):
    """Point the portal at nodes: ``portal_on(options(instance, "madrid"))``."""

    def use(*nodes, timeout=1.0):
        settings.PBX = {
            "BACKEND": "portal.pbx.asterisk.backend.build",
            "OPTIONS": {"nodes": list(nodes), "timeout": timeout},
        }
        get_pbx.cache_clear()

    yield use
    get_pbx.cache_clear()


@pytest.fixture(scope="module")
def victim(start_asterisk) -> Instance:
    """An Asterisk that these tests may kill."""
    return start_asterisk()


@pytest.fixture
def start_link() -> Iterator[Callable[[], None]]:
    """Start a link for the rest of the test."""
    stop, threads = threading.Event(), []

    def work():
        run(stop)
        connections.close_all()

    def start():
        threads.append(threading.Thread(target=work))
        threads[-1].start()

    yield start
    stop.set()
    for thread in threads:
        thread.join(10)


def save(subscriber, **fields):
    request = RequestFactory().post("/")
    request.user = subscriber.user
    return changes.save(request, subscriber, fields, at=NOON)


def until(condition, seconds=10.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def call_reaches(instance: Instance, number: str, expected: str) -> None:
    """Call the number from 202, and see which of two telephones rings."""
    phones = {name: Phone(name, instance.sip).register() for name in ("201", "202", "203")}
    try:
        phones["202"].call(number)
        assert [name for name, phone in phones.items() if phone.calls] == [expected]
    finally:
        for phone in phones.values():
            phone.unregister()
            phone.close()


def test_a_node_killed_right_after_a_save_carries_it_out_once_it_is_back(
    victim, portal_on, ana, bruno, carla, start_link
):
    portal_on(options(victim, "madrid"))
    start_link()
    until(lambda: state_on_nodes(ana).everywhere)
    save(ana, **TO_CARLA)
    assert apply(ana)
    victim.kill()  # before AstDB is on disk
    until(lambda: state_on_nodes(ana).nodes["madrid"] is NodeState.AWAY)
    victim.start()
    until(lambda: state_on_nodes(ana).everywhere)
    call_reaches(victim, "201", "203")


def test_what_a_crash_took_is_told_as_pending_until_it_is_repaired(victim, portal_on, ana):
    portal_on(options(victim, "madrid"))
    save(ana, **RINGS)
    apply(ana)
    time.sleep(1.2)  # AstDB is written to disk once a second
    on_disk = victim.folder / "db" / "astdb.sqlite3"
    before = on_disk.read_bytes()
    save(ana, **TO_CARLA)
    assert apply(ana)
    victim.kill()
    # Whether the last second reached the disk is a matter of milliseconds: here it did not.
    for file in on_disk.parent.glob("astdb*"):
        file.unlink()
    on_disk.write_bytes(before)
    victim.start()
    get_pbx.cache_clear()
    assert state_on_nodes(ana).nodes == {"madrid": NodeState.PENDING}
    assert reconcile("madrid") >= 1
    assert state_on_nodes(ana).everywhere


def test_calls_go_on_while_the_database_hangs(victim, portal_on, ana, carla):
    portal_on(options(victim, "madrid"))
    reconcile("madrid")  # which numbers are allowed, as the link does when it starts
    save(ana, **TO_CARLA)
    assert apply(ana)
    with frozen_database():
        begin = time.monotonic()
        call_reaches(victim, "201", "203")
        assert time.monotonic() - begin < 3


class frozen_database:  # noqa: N801
    """Nobody else can read or write the portal's database."""

    def __enter__(self):
        self.other = None
        if connection.vendor == "sqlite":
            connections.close_all()
            name = django_settings.DATABASES["default"]["TEST"]["NAME"]
            self.other = sqlite3.connect(name, isolation_level=None)
            self.other.execute("PRAGMA locking_mode=EXCLUSIVE")
            self.other.execute("BEGIN EXCLUSIVE")
        else:
            self.other = connections.create_connection("default")
            self.cursor = self.other.cursor()
            self.cursor.execute("BEGIN; LOCK TABLE portal_subscriber IN ACCESS EXCLUSIVE MODE")

    def __exit__(self, *error):
        if connection.vendor != "sqlite":
            self.cursor.execute("ROLLBACK")
        self.other.close()


@pytest.mark.parametrize("after", [10, 150, 400, 560, 700])
def test_a_connection_cut_mid_reply_leaves_the_change_saved_and_told_rightly(
    victim, portal_on, ana, after
):
    cutter = Cutter(victim.ami, after)
    portal_on(options(victim, "madrid", cutter.port))
    save(ana, ring_seconds=20 + after // 10)
    confirmed = apply(ana)
    cutter.close()
    portal_on(options(victim, "madrid"))
    truth = state_on_nodes(ana)
    assert truth.everywhere or not confirmed
    apply_pending()
    assert state_on_nodes(ana).everywhere
    assert not Subscriber.objects.pending().exists()


def test_one_of_two_nodes_that_was_down_gets_what_it_missed(
    victim, start_asterisk, portal_on, ana, carla, start_link
):
    second = start_asterisk()
    portal_on(options(victim, "madrid"), options(second, "reserva"))
    start_link()
    until(lambda: state_on_nodes(ana).everywhere)
    second.kill()
    save(ana, **TO_CARLA)
    apply(ana)
    assert state_on_nodes(ana).nodes["madrid"] is NodeState.ACTIVE
    assert state_on_nodes(ana).nodes["reserva"] is NodeState.AWAY
    call_reaches(victim, "201", "203")
    second.start()
    until(lambda: state_on_nodes(ana).everywhere)
    call_reaches(second, "201", "203")


def test_a_node_that_hangs_costs_a_save_its_deadline_and_nothing_else(victim, portal_on, ana):
    portal_on(options(victim, "madrid"), timeout=0.5)
    save(ana, **RINGS)
    assert apply(ana)
    victim.freeze()
    try:
        save(ana, ring_seconds=55)
        begin = time.monotonic()
        assert not apply(ana)
        assert time.monotonic() - begin < 1.5
        assert state_on_nodes(ana).nodes["madrid"] is NodeState.AWAY
    finally:
        victim.thaw()
    get_pbx.cache_clear()
    apply_pending()
    assert state_on_nodes(ana).everywhere
