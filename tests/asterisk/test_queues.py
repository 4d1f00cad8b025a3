"""Queues of a real Asterisk, as their members see them and change them in the portal."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.pbx.asterisk.backend import build
from portal.pbx.cdr_import import import_file
from portal.pbx.errors import PBXRejected
from portal.pbx.models import CallEntry, CallRecord
from portal.pbx.presence import Use
from tests.asterisk.exchange import wait_until
from tests.asterisk.mailboxes import node_options, portal_of

pytestmark = [pytest.mark.asterisk, pytest.mark.django_db(databases="__all__")]

QUEUE = "sales"


@pytest.fixture
def queues(portal, exchange, silence_afterwards):
    """Those of the shared Asterisk: 202 is a static member of one; nobody is anything more."""
    yield portal.queues
    portal.queues.resume("202", [QUEUE])
    if portal.queues.memberships("203").queues:
        portal.queues.log_out("203", QUEUE)


def of(queues, number="202", queue=QUEUE):
    (found,) = [each for each in queues.memberships(number).queues if each.queue == queue]
    return found


def act(exchange, name, **headers):
    assert exchange.ami.act(name, Queue=QUEUE, **headers)["Response"] == "Success"


def test_a_pause_from_the_portal_keeps_calls_away_and_its_end_brings_them(queues, phone, exchange):
    exchange.plan("202")
    caller, called = phone("201"), phone("202")
    queues.pause("202", [QUEUE], "Comida")
    with caller.in_call("700"):
        wait_until(lambda: of(queues).waiting == 1)
        wait_until(lambda: of(queues).longest_wait >= 1)
        assert not called.calls
        queues.resume("202", [QUEUE])
        called.wait_for_call()
        wait_until(lambda: of(queues).use is Use.IN_USE)
        wait_until(lambda: of(queues).waiting == 0)


def test_a_pause_made_elsewhere_is_seen_with_its_reason(queues, exchange):
    member = "Local/202@webfon-queue/n"
    act(exchange, "QueuePause", Interface=member, Paused="true", Reason="Reunión de equipo")
    found = of(queues)
    assert (found.is_paused, found.reason) == (True, "Reunión de equipo")
    assert datetime.now(UTC) - found.paused_since < timedelta(seconds=5)
    queues.resume("202", [QUEUE])
    assert not of(queues).is_paused


def test_a_penalty_set_elsewhere_is_seen(queues, exchange):
    member = "Local/202@webfon-queue/n"
    act(exchange, "QueuePenalty", Interface=member, Penalty="4")
    assert of(queues).penalty == 4
    act(exchange, "QueuePenalty", Interface=member, Penalty="0")
    assert of(queues).penalty == 0


def test_calls_ring_whoever_came_in_and_not_who_left(queues, phone, exchange):
    exchange.plan("203")
    caller, called = phone("201"), phone("203")
    queues.log_in("203", QUEUE, name="Carlos", penalty=2)
    assert (of(queues, "203").is_dynamic, of(queues).is_dynamic) == (True, False)
    assert queues.members(QUEUE) == {"202", "203"}
    with caller.in_call("700"):
        called.wait_for_call()
        exchange.wait_until_talking()
    wait_until(lambda: of(queues, "203").last_call)
    queues.log_out("203", QUEUE)
    before = len(called.calls)
    with caller.in_call("700"):
        wait_until(lambda: of(queues).longest_wait >= 1)
    assert len(called.calls) == before


def test_the_queue_knows_who_rings_and_talks_without_ringing_twice(queues, phone, exchange):
    exchange.plan("203")
    caller, called = phone("201"), phone("203", "ring")
    queues.log_in("203", QUEUE)
    wait_until(lambda: of(queues, "203").use is Use.FREE)
    with caller.in_call("700"):
        called.wait_for_call()
        wait_until(lambda: of(queues, "203").use is Use.RINGING)


def test_whoever_logs_in_from_a_second_telephone_is_watched_there(queues, phone, exchange):
    exchange.plan("203", devices=("203", "201b"))
    phone("201b")
    queues.log_in("203", QUEUE)
    wait_until(lambda: of(queues, "203").use is Use.FREE)


def test_a_telephone_that_rings_and_talks(portal, phone, exchange, silence_afterwards):
    exchange.plan("202")
    caller, called = phone("201"), phone("202", "ring")
    (idle,) = portal.devices.whereabouts("202").devices
    assert (idle.use, idle.registrations[0].address) == (Use.FREE, f"127.0.0.1:{called.port}")

    def use(number):
        return portal.devices.whereabouts(number).devices[0].use

    with caller.in_call("700"):
        wait_until(lambda: use("202") is Use.RINGING)
        assert use("201") is Use.IN_USE


def test_one_node_of_two_is_away(asterisk, start_asterisk, exchange):
    other = start_asterisk()
    both = portal_of(asterisk, other, timeout=2.0)
    both.queues.pause("202", [QUEUE], "Comida")
    assert [each.is_paused for each in both.queues.memberships("202").queues] == [True, True]
    other.kill()
    assert both.queues.resume("202", [QUEUE]) == ("node1",)
    found = both.queues.memberships("202")
    assert ([each.node for each in found.queues], found.away) == (["node0"], ("node1",))
    assert both.devices.whereabouts("202").away == ("node1",)


def test_without_its_secret_nothing_is_known(asterisk):
    pbx = build(nodes=[node_options(asterisk) | {"acd_secret": ""}])
    for ask in (lambda: pbx.queues.memberships("202"), lambda: pbx.devices.whereabouts("202")):
        with pytest.raises(PBXRejected, match="webfon-acd"):
            ask()


def test_a_call_taken_from_a_queue_counts_for_today(queues, phone, exchange, asterisk, portal):
    exchange.plan("202")
    caller = phone("201")
    phone("202")
    if asterisk.cdr.exists():
        import_file("one", asterisk.cdr)
    CallRecord.objects.all().delete()
    CallEntry.objects.all().delete()
    midnight = datetime.now(UTC) - timedelta(hours=1)
    assert portal.call_log.taken_from_queues("202", midnight) == 0
    with caller.in_call("700"):
        exchange.wait_until_talking()
    exchange.records(2)
    wait_until(lambda: import_file("one", asterisk.cdr) >= 0 and CallRecord.objects.count() >= 2)
    assert portal.call_log.taken_from_queues("202", midnight) == 1
    assert portal.call_log.taken_from_queues("201", midnight) == 0
