"""Bringing rules to the nodes and keeping them there."""

import threading

import pytest

from desvios.apply import NodeState, apply, apply_pending, reconcile, state_on_nodes
from desvios.directory import plan_of
from desvios.models import ForwardingRules
from portal.locks import lock
from portal.models import ServiceClass, Subscriber
from portal.pbx import get_pbx
from portal.pbx.simulated.faults import Mode

pytestmark = pytest.mark.django_db(databases="__all__")


def held(node="centralita", number="201"):
    return get_pbx().forwarding.read(node, [number])[number]


def change(subscriber, **fields):
    """What a save leaves behind in the database."""
    ForwardingRules.objects.update_or_create(subscriber=subscriber, defaults=fields)
    Subscriber.objects.filter(pk=subscriber.pk).bump()
    subscriber.refresh_from_db()


def test_applying_brings_the_latest_rules_to_every_node(two_nodes, ana):
    change(ana, ring_seconds=33)
    assert apply(ana)
    assert held("madrid").ring_seconds == held("reserva").ring_seconds == 33
    assert not Subscriber.objects.pending().exists()


def test_what_a_node_missed_is_brought_to_it_when_it_is_back(two_nodes, ana, node):
    node("reserva").faults.set(Mode.AWAY)
    change(ana, ring_seconds=33)
    assert not apply(ana)
    assert state_on_nodes(ana).nodes == {"madrid": NodeState.ACTIVE, "reserva": NodeState.AWAY}
    node("reserva").faults.set(Mode.NORMAL)
    assert state_on_nodes(ana).nodes["reserva"] is NodeState.PENDING
    apply_pending()
    assert state_on_nodes(ana).everywhere
    assert not Subscriber.objects.pending().exists()


def test_a_change_that_was_committed_but_never_applied_is_applied_by_the_link(ana):
    change(ana, do_not_disturb=True)
    assert held() is None
    apply_pending()
    assert held().do_not_disturb


def test_a_node_that_lost_everything_is_repaired(ana, bruno):
    for subscriber in (ana, bruno):
        apply(subscriber)
    get_pbx().forwarding.remove("centralita", [held(), held(number="202")])
    assert reconcile("centralita") == 2
    assert held() == plan_of(ana)
    assert reconcile("centralita") == 0


def test_somebody_elses_number_on_a_node_is_left_alone(ana):
    stranger = plan_of(ana)
    apply(ana)
    get_pbx().forwarding.write("centralita", [stranger.__class__(subscriber="299")])
    reconcile("centralita")
    apply_pending()
    assert held(number="299") is not None


def test_a_subscriber_who_is_gone_is_forgotten_by_the_nodes(ana):
    apply(ana)
    ana.delete()
    apply_pending()
    assert held() is None


def test_an_edited_service_class_reaches_the_nodes(national, ana):
    apply_pending()
    national.patterns.filter(pattern="9XXXXXXXX").delete()
    ServiceClass.objects.filter(pk=national.pk).bump()
    apply_pending()
    regex = get_pbx().forwarding.read_classes("centralita", ["national"])["national"]
    assert regex == national.regex()
    assert not ServiceClass.objects.pending().exists()


def test_a_service_class_that_a_node_lost_is_repaired(national):
    apply_pending()
    get_pbx().forwarding.write_classes("centralita", {"national": "^1$"})
    reconcile("centralita")
    assert get_pbx().forwarding.read_classes("centralita", ["national"]) == {
        "national": national.regex()
    }


def test_while_somebody_else_applies_the_same_subscriber_it_stays_pending(ana, monkeypatch):
    monkeypatch.setattr("desvios.apply.PATIENCE", 0.05)
    holding, done = threading.Event(), threading.Event()

    def hold():
        with lock(f"subscriber-{ana.pk}", timeout=1):
            holding.set()
            done.wait(5)

    other = threading.Thread(target=hold)
    other.start()
    holding.wait(5)
    assert not apply(ana)
    done.set()
    other.join()
    assert Subscriber.objects.pending().get() == ana
