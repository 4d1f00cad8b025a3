"""The link: one is active, and it keeps its promises."""

import time
from threading import Event, Thread

import pytest
from django.db import DatabaseError, OperationalError, connections

from desvios.directory import plan_of
from portal import heartbeat
from portal.link import Active, run
from portal.locks import LockTimeout, lock
from portal.models import Subscriber
from portal.pbx import get_pbx
from portal.pbx.simulated.faults import Mode
from portal.pbx.types import News, NodeEvent
from tests.portal import hanging

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def until(condition, seconds=8):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


@pytest.fixture
def start_link():
    """Start links in threads, and end them with the test."""
    started = []

    def start():
        stop = Event()

        def work():
            run(stop)
            connections.close_all()

        thread = Thread(target=work)
        thread.start()
        started.append((stop, thread))
        return stop, thread

    yield start
    for stop, thread in started:
        stop.set()
        thread.join(10)


def held_plan():
    return get_pbx().forwarding.read("centralita", ["201"])["201"]


def test_the_link_applies_what_is_pending(ana, start_link):
    start_link()
    until(lambda: held_plan() == plan_of(ana))
    Subscriber.objects.filter(pk=ana.pk).bump()
    ana.refresh_from_db()
    until(lambda: held_plan() == plan_of(ana))


def test_a_node_that_comes_back_empty_is_repaired_at_once(ana, start_link, node):
    start_link()
    until(lambda: held_plan() == plan_of(ana))
    node().keys.lose(3600)
    node().faults.reboot()
    until(lambda: held_plan() == plan_of(ana))


def test_a_node_that_came_up_but_does_not_answer_yet_is_tried_until_it_does(
    ana, start_link, node, settings
):
    settings.LINK_JOBS = {}
    node().faults.set(Mode.REJECTING)  # the monitor sees it up; it refuses what it is asked
    start_link()
    time.sleep(0.5)
    assert node().plans(["201"])["201"] is None
    node().faults.set(Mode.NORMAL)
    until(lambda: held_plan() == plan_of(ana))


def test_one_link_is_active_and_another_takes_over(ana, start_link):
    stop, thread = start_link()
    until(lambda: held_plan() == plan_of(ana))
    start_link()
    with pytest.raises(LockTimeout), lock("link", timeout=0, own_connection=True):
        pass
    stop.set()
    thread.join(10)
    Subscriber.objects.filter(pk=ana.pk).bump()
    ana.refresh_from_db()
    until(lambda: held_plan() == plan_of(ana))


def test_a_link_that_stands_by_counts_looks_without_a_new_sign_of_life():
    heartbeat.beat()
    watch = heartbeat.Watch()
    most = heartbeat.MOST_SILENT_LOOKS
    assert [watch.is_silent() for _ in range(most)] == [False] * most
    heartbeat.beat()
    assert [watch.is_silent() for _ in range(most)] == [False] * most
    assert watch.is_silent()
    assert not watch.is_silent()


@pytest.mark.postgres
def test_a_link_that_gives_no_sign_of_life_loses_its_lock(ana, start_link, monkeypatch):
    monkeypatch.setattr(heartbeat, "MOST_SILENT_LOOKS", 1)
    with pytest.raises(DatabaseError), lock("link", timeout=0, own_connection=True):
        start_link_and_wait(start_link, ana)


def start_link_and_wait(start_link, person):
    start_link()
    until(lambda: held_plan() == plan_of(person))


def test_a_link_that_was_replaced_does_nothing_with_what_it_heard_before(settings):
    settings.LINK_NEWS = {"call": ["tests.portal.test_link.blunder"]}

    def check_lock():
        raise OperationalError

    active = Active(Event(), check_lock)
    active.heard.put(("centralita", NodeEvent(News.CALL, "201")))
    with pytest.raises(OperationalError):
        active._listen()


def test_a_job_that_fails_does_not_stop_the_others(ana, start_link, settings):
    settings.LINK_JOBS = {
        "tests.portal.test_link.fail": 1,
        "desvios.apply.apply_pending": 1,
    }
    start_link()
    until(lambda: held_plan() == plan_of(ana))


def test_a_job_that_hangs_does_not_hold_up_the_others(ana, start_link, settings):
    settings.LINK_JOBS = {"tests.portal.hanging.hang": 1, "desvios.apply.apply_pending": 1}
    hanging.ended.clear()
    start_link()
    until(lambda: hanging.begun.is_set() and held_plan() == plan_of(ana))
    hanging.ended.set()


def test_a_fault_of_ours_in_a_job_ends_the_link_instead_of_the_job_alone(settings):
    settings.LINK_JOBS = {"tests.portal.test_link.blunder": 1}
    with pytest.raises(ZeroDivisionError):
        run(Event())


def blunder():
    """A job with a bug."""
    return 1 / 0


def fail():
    """A job whose store is away."""
    raise OSError("the disk is full")
