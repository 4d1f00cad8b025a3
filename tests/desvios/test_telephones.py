"""What is changed at telephones is taken over: the later change of a rule holds, none is lost."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.test import RequestFactory
from django.utils import timezone

from desvios import changes, telephones
from desvios.apply import NodeState, apply, apply_pending, reconcile, state_on_nodes
from desvios.models import rules_of
from portal.locks import LockTimeout, lock
from portal.models import AuditEvent, Subscriber
from portal.news import Topic, since
from portal.pbx import get_pbx
from portal.pbx.models import NodePlan
from portal.pbx.simulated.codes import dial
from portal.pbx.simulated.faults import Mode

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def base(ana):
    """The moment from which on things happen."""
    apply_pending()
    return timezone.now()


@pytest.fixture
def at_telephone(base, node):
    """Dials at Ana's telephone, on a node, so many milliseconds after the base."""

    def change(code, on="centralita", later=0):
        there = node(on)
        moment = base + timedelta(milliseconds=later)
        there.keys.clock = moment.timestamp
        assert dial(there, "201", code), code

    return change


@pytest.fixture
def save(ana, base):
    """Saves in the portal, so many milliseconds after the base; nothing is applied yet."""
    request = RequestFactory().post("/")
    request.user = ana.user

    def save(later=0, **fields):
        moment = base + timedelta(milliseconds=later)
        return changes.save(request, ana, fields, at=moment)

    return save


def to_number(kind, number):
    return {f"{kind}_number": number, f"{kind}_number_enabled": True}


def rule(ana, kind="unconditional"):
    row = rules_of(Subscriber.objects.get(pk=ana.pk))
    return getattr(row.rules(), kind)


def actions():
    return list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))


def obeyed(node, *names):
    return [node(name).plan("201").unconditional for name in names]


def test_a_change_is_taken_over_written_down_and_told_to_open_pages(ana, base, at_telephone, node):
    before = ana.revision
    at_telephone("*21*202#", later=1)
    assert state_on_nodes(ana).nodes == {"centralita": NodeState.PENDING}
    telephones.on_phone("201")
    assert rule(ana).destination == "202"
    (event,) = AuditEvent.objects.all()
    assert (event.action, event.actor, event.actor_name) == ("telephone", None, "201")
    assert event.after == {"unconditional_number": "202", "unconditional_number_enabled": True}
    assert base <= event.at <= timezone.now()
    ana.refresh_from_db()
    assert event.revision == ana.revision == before + 1
    assert Topic.FORWARDING in since("201", base)
    assert state_on_nodes(ana).everywhere
    assert not Subscriber.objects.pending().exists()
    held = get_pbx().forwarding.read("centralita", ["201"])["201"]
    assert (held.unconditional, held.absorbed) == ("202", node().phone_rules("201").stamp)


def test_hearing_twice_of_one_change_changes_nothing_more(ana, at_telephone):
    at_telephone("*21*202#")
    telephones.on_phone("201")
    ana.refresh_from_db()
    revision = ana.revision
    telephones.on_phone("201")
    reconcile("centralita")
    ana.refresh_from_db()
    assert (ana.revision, actions()) == (revision, ["telephone"])


def test_off_keeps_the_number_voicemail_too_and_again_uses_it(ana, at_telephone):
    for code, destination in [
        ("*67*202#", "202"),
        ("#67#", ""),
        ("*67#", "202"),
        ("*67**#", "vm"),
        ("#67#", ""),
        ("*67#", "202"),
    ]:
        at_telephone(code)
        telephones.on_phone("201")
        assert (rule(ana, "busy").destination, rule(ana, "busy").number) == (destination, "202")


def test_do_not_disturb_is_taken_over_and_can_be_taken_back(ana, at_telephone, save):
    at_telephone("*26#")
    telephones.on_phone("201")
    assert rules_of(Subscriber.objects.get(pk=ana.pk)).do_not_disturb
    save(do_not_disturb=False)
    apply(ana)
    assert not get_pbx().forwarding.read("centralita", ["201"])["201"].do_not_disturb


def test_a_node_that_comes_up_brings_what_was_dialled_while_nobody_listened(ana, at_telephone):
    at_telephone("*21*202#")
    at_telephone("*61*203#")
    at_telephone("#21#")
    assert reconcile("centralita") == 1
    assert (rule(ana).destination, rule(ana).number) == ("", "202")
    assert rule(ana, "no_answer").destination == "203"
    assert actions() == ["telephone", "telephone"]
    assert reconcile("centralita") == 0


def test_a_save_that_knew_nothing_of_the_telephone_loses_none_of_its_other_rules(
    ana, at_telephone, save
):
    at_telephone("*61*203#")
    save(**to_number("busy", "202"))
    assert apply(ana)
    assert rule(ana, "busy").destination == "202"
    assert rule(ana, "no_answer").destination == "203"
    assert actions() == ["forwarding", "telephone"]


@pytest.mark.parametrize(
    ("telephone", "portal", "wins"),
    [(300, 700, "204"), (700, 300, "203"), (5, 4, "203"), (5, 5, "203"), (4, 5, "204")],
)
def test_of_two_changes_within_a_second_the_later_one_holds_and_both_are_written_down(
    ana, at_telephone, save, node, telephone, portal, wins
):
    at_telephone("*21*203#", later=telephone)
    save(later=portal, **to_number("unconditional", "204"))
    telephones.on_phone("201")
    assert rule(ana).destination == wins
    assert obeyed(node, "centralita") == [wins]
    late = "telephone" if wins == "203" else "overtaken"
    assert actions() == ["forwarding", late]
    event = AuditEvent.objects.get(action=late)
    assert event.after["unconditional_number"] == "203"
    assert event.before["unconditional_number"] == "204"


def test_a_save_that_has_seen_the_telephones_change_comes_after_it(ana, at_telephone, save, node):
    at_telephone("*21*203#", later=900)  # the node's clock is ahead
    telephones.on_phone("201")
    save(**to_number("unconditional", "204"))
    apply(ana)
    assert rule(ana).destination == "204"
    assert obeyed(node, "centralita") == ["204"]
    at_telephone("*61*203#", later=1000)
    telephones.on_phone("201")
    assert rule(ana).destination == "204"


def test_a_form_that_was_open_meanwhile_is_told(ana, at_telephone, save):
    seen = ana.revision
    at_telephone("*21*203#")
    telephones.on_phone("201")
    request = RequestFactory().post("/")
    request.user = ana.user
    with pytest.raises(changes.Conflict) as conflict:
        changes.save(request, ana, {"ring_seconds": 30}, at=timezone.now(), seen_revision=seen)
    assert [event.action for event in conflict.value.events] == ["telephone"]


@pytest.mark.parametrize("first", ["madrid", "reserva"])
def test_with_two_nodes_both_agree_on_the_latest_of_each_rule(
    two_nodes, ana, at_telephone, node, first
):
    at_telephone("*21*202#", on="madrid", later=100)
    at_telephone("*21*203#", on="reserva", later=200)
    at_telephone("*67*204#", on="madrid", later=300)
    assert obeyed(node, "madrid", "reserva") == ["202", "203"]
    for name in sorted(["madrid", "reserva"], reverse=first == "reserva"):
        reconcile(name)
    apply_pending()
    assert obeyed(node, "madrid", "reserva") == ["203", "203"]
    assert rule(ana, "busy").destination == "204"
    assert [node(name).plan("201").busy for name in ("madrid", "reserva")] == ["204", "204"]
    assert state_on_nodes(Subscriber.objects.get(pk=ana.pk)).everywhere
    late = ["telephone"] if first == "madrid" else ["overtaken"]
    assert sorted(actions()) == sorted(["telephone", "telephone", *late])


def test_what_a_node_took_while_it_was_cut_off_is_weighed_by_its_moment(
    two_nodes, ana, at_telephone, node, save
):
    node("reserva").faults.set(Mode.AWAY)
    at_telephone("*21*203#", on="reserva")
    at_telephone("*61*204#", on="reserva", later=10)
    save(later=50, **to_number("unconditional", "202"))
    assert not apply(ana)
    assert obeyed(node, "madrid", "reserva") == ["202", "203"]
    node("reserva").faults.set(Mode.NORMAL)
    reconcile("reserva")
    apply_pending()
    assert obeyed(node, "madrid", "reserva") == ["202", "202"]
    assert rule(ana, "no_answer").destination == "204"
    assert actions() == ["forwarding", "overtaken", "telephone"]


def test_a_change_that_comes_between_reading_and_writing_is_not_lost(ana, at_telephone, node):
    """The plan names the stamp that was read, so what was dialled since goes on."""
    at_telephone("*21*202#")
    forwarding = get_pbx().forwarding
    original = type(forwarding).write

    def write(self, name, plans):
        node_now = node()
        assert dial(node_now, "201", "*21*203#")
        type(forwarding).write = original
        original(self, name, plans)

    type(forwarding).write = write
    try:
        telephones.on_phone("201")
    finally:
        type(forwarding).write = original
    assert obeyed(node, "centralita") == ["203"]
    assert rule(ana).destination == "202"
    telephones.on_phone("201")
    assert rule(ana).destination == "203"


def test_while_somebody_else_is_applying_it_waits_and_is_caught_up_with(
    ana, at_telephone, monkeypatch
):
    monkeypatch.setattr("desvios.apply.PATIENCE", 0.05)
    holding, done = threading.Event(), threading.Event()

    def hold():
        with lock(f"subscriber-{ana.pk}", timeout=1):
            holding.set()
            done.wait(5)

    other = threading.Thread(target=hold)
    other.start()
    holding.wait(5)
    at_telephone("*21*202#")
    with pytest.raises(LockTimeout):
        telephones.on_phone("201")
    done.set()
    other.join()
    telephones.catch_up()
    assert rule(ana).destination == "202"


def test_a_database_that_forgot_it_learns_it_from_the_nodes_again(ana, at_telephone):
    """As after a backup was restored that is older than the change."""
    at_telephone("*21*202#")
    telephones.on_phone("201")
    rules_of(Subscriber.objects.get(pk=ana.pk)).delete()
    NodePlan.objects.all().delete()
    apply_pending()
    reconcile("centralita")
    assert rule(ana).destination == "202"


def test_a_clock_far_ahead_writes_no_change_into_the_future(ana, at_telephone):
    at_telephone("*21*202#", later=86_400_000)
    telephones.on_phone("201")
    assert AuditEvent.objects.get().at <= datetime.now(UTC)


def test_of_a_number_that_is_nobodys_nothing_is_taken_over(ana, at_telephone):
    at_telephone("*21*202#")
    Subscriber.objects.filter(pk=ana.pk).delete()
    telephones.on_phone("201")
    assert not AuditEvent.objects.exists()


def test_the_page_says_that_it_was_changed_at_a_telephone_and_undoes_it(
    as_ana, ana, at_telephone, page
):
    at_telephone("*21*202#")
    telephones.on_phone("201")
    text = as_ana.get(page("desvios/")).content.decode()
    assert "Desde el teléfono 201" in text
    event = AuditEvent.objects.get()
    assert as_ana.post(page(f"desvios/deshacer/{event.pk}/")).status_code == 302
    assert rule(ana).destination == ""


def test_a_change_that_came_too_late_is_told_and_cannot_be_undone(as_ana, at_telephone, save, page):
    at_telephone("*21*203#")
    save(later=500, **to_number("unconditional", "202"))
    telephones.on_phone("201")
    text = as_ana.get(page("desvios/")).content.decode()
    assert "No vale: después se cambió otra vez" in text
    event = AuditEvent.objects.get(action="overtaken")
    assert as_ana.post(page(f"desvios/deshacer/{event.pk}/")).status_code == 404
