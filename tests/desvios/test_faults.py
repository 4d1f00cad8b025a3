"""Nothing that was saved is lost, and nobody waits, whatever dies in between."""

import multiprocessing
import os
import signal
from datetime import UTC, datetime

import pytest
from django.db import connections
from django.test import RequestFactory

from desvios import changes
from desvios.apply import apply, apply_pending, reconcile, state_on_nodes
from desvios.directory import plan_of
from desvios.models import rules_of
from portal.models import AuditEvent, Subscriber
from portal.pbx import get_pbx
from portal.pbx.simulated.faults import Mode

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def save(subscriber, **fields):
    request = RequestFactory().post("/")
    request.user = subscriber.user
    return changes.save(request, subscriber, fields, at=NOON)


def in_process(work, *args):
    """Do the work in a process of its own, which shares no connection with this one."""
    connections.close_all()
    process = multiprocessing.get_context("fork").Process(target=work, args=args)
    process.start()
    return process


def held(number="201"):
    return get_pbx().forwarding.read("centralita", [number])[number]


def save_and_die(pk):
    """Commit, and be killed before the telephone system hears of it."""
    save(Subscriber.objects.get(pk=pk), ring_seconds=44)
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_portal_killed_between_commit_and_write_loses_nothing(ana):
    apply(ana)
    in_process(save_and_die, ana.pk).join()
    ana.refresh_from_db()
    assert held().ring_seconds == 20
    assert not state_on_nodes(ana).everywhere
    apply_pending()
    assert held().ring_seconds == 44
    assert state_on_nodes(ana).everywhere


def save_many(pk, name, times):
    for number in range(times):
        subscriber = Subscriber.objects.get(pk=pk)
        save(subscriber, display_name=f"{name} {number}")
        apply(subscriber)


def test_two_processes_that_save_the_same_subscriber_leave_the_last_commit_in_force(ana):
    workers = [in_process(save_many, ana.pk, name, 15) for name in ("uno", "dos")]
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    ana.refresh_from_db()
    assert AuditEvent.objects.count() == 30
    assert ana.revision == 31
    apply_pending()
    assert held() == plan_of(ana)
    assert held().display_name in {"uno 14", "dos 14"}


def test_a_node_that_dies_right_after_a_save_gets_it_again(ana, node):
    apply(ana)
    save(ana, ring_seconds=44)
    apply(ana)
    node().crash()  # loses its last second
    assert not state_on_nodes(ana).everywhere  # the page says so, although the node confirmed
    reconcile("centralita")
    assert held() == plan_of(ana)


def test_a_frozen_node_delays_a_save_by_its_deadline_and_no_more(ana, node, settings):
    settings.PBX["OPTIONS"]["timeout"] = 0.2
    get_pbx.cache_clear()
    node().faults.set(Mode.FROZEN)
    save(ana, ring_seconds=44)
    assert not apply(ana)
    node().faults.set(Mode.NORMAL)
    apply_pending()
    assert held().ring_seconds == 44
    assert rules_of(ana).ring_seconds == 44


def test_a_node_that_refuses_leaves_the_change_pending(ana, node):
    node().faults.set(Mode.REJECTING)
    save(ana, ring_seconds=44)
    assert not apply(ana)
    assert Subscriber.objects.pending().get() == ana
