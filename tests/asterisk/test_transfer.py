"""A call that 202 answers and hands on, without asking there first."""

import pytest

pytestmark = pytest.mark.asterisk


def test_a_transferred_caller_keeps_name_and_number(exchange, phone):
    caller, middle, other = phone("201"), phone("202"), phone("203")
    exchange.plan("201", display_name="Ana María")
    with caller.in_call("202"):
        exchange.wait_until_talking()
        middle.transfer("203")
        arrived = other.wait_for_call()
    assert (arrived.number(), arrived.display()) == ("201", "Ana María")


def test_a_caller_from_outside_goes_where_the_one_who_transfers_may(exchange, phone, trunk):
    middle = phone("202")
    exchange.plan("202", call_class="all")
    with trunk.in_call("916000202", caller="911234567"):
        exchange.wait_until_talking()
        middle.transfer("600123456")
        arrived = trunk.wait_for_call()
    assert (arrived.uri_number, arrived.number()) == ("600123456", "911234567")


def test_a_caller_from_outside_goes_no_farther(exchange, phone, trunk):
    middle = phone("202")
    exchange.plan("202", call_class="internal")
    with trunk.in_call("916000202", caller="911234567"):
        exchange.wait_until_talking()
        middle.transfer("600123456")
        trunk.wait_until_hung_up()
    assert not trunk.calls


def test_a_transferred_call_may_come_back(exchange, phone):
    caller, middle = phone("201"), phone("202")
    exchange.plan("203", unconditional="202")
    with caller.in_call("202"):
        exchange.wait_until_talking()
        middle.transfer("203")
        middle.wait_for_call(2)


def test_a_transferred_call_obeys_the_rules_of_its_new_destination(exchange, phone):
    caller, middle, other = phone("201"), phone("202"), phone("204")
    exchange.plan("203", unconditional="204")
    with caller.in_call("202"):
        exchange.wait_until_talking()
        middle.transfer("203")
        assert other.wait_for_call().number("Diversion") == "203"


def test_who_was_called_keeps_name_and_number_when_handed_on(exchange, phone):
    caller, other = phone("201"), phone("203", 486)
    phone("202")
    exchange.plan("202", display_name="Berta María")
    with caller.in_call("202"):
        exchange.wait_until_talking()
        exchange.hand_on("PJSIP/201-", "203")
        arrived = other.wait_for_call()
    assert (arrived.number(), arrived.display()) == ("202", "Berta María")


def test_whoever_is_at_a_device_keeps_name_and_number_when_handed_on(exchange, phone):
    caller, other = phone("201"), phone("202", 486)
    phone("204")
    exchange.plan("203", display_name="Carlos")
    exchange.put({"at/203": "204", "who/204": "203"})
    with caller.in_call("203"):
        exchange.wait_until_talking()
        exchange.hand_on("PJSIP/201-", "202")
        arrived = other.wait_for_call()
    assert (arrived.number(), arrived.display()) == ("203", "Carlos")
