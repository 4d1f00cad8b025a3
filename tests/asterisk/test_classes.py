"""Which numbers may be called, and forwarded to."""

import pytest

pytestmark = pytest.mark.asterisk

OUTSIDE = "600123456"


def test_a_class_that_permits_it_lets_a_call_out(exchange, phone, trunk):
    exchange.plan("201", call_class="all")
    assert phone("201").call(OUTSIDE).code == 200
    assert trunk.calls[0].uri_number == OUTSIDE
    assert trunk.calls[0].number() == "201"


@pytest.mark.parametrize(
    "code", ["internal", "missing", "", 'al"l', "all)", 'a"b', "${EXTEN}", "a)b"]
)
def test_a_class_that_does_not_permit_it_keeps_a_call_in(exchange, phone, trunk, code):
    exchange.plan("201", call_class=code)
    assert phone("201").call(OUTSIDE).code == 403
    assert not trunk.calls


def test_a_caller_without_a_plan_reaches_subscribers_and_emergency_only(exchange, phone, trunk):
    caller, called = phone("201"), phone("202")
    assert caller.call(OUTSIDE).code == 403
    assert caller.call("202").code == 200
    assert caller.call("112").code == 200
    assert [call.uri_number for call in trunk.calls] == ["112"]
    assert len(called.calls) == 1


def test_an_edited_class_holds_at_once(exchange, phone, trunk):
    exchange.plan("201", call_class="mobile")
    caller = phone("201")
    exchange.put({"class/mobile": "^7[0-9]{8}$"})
    assert caller.call(OUTSIDE).code == 403
    exchange.put({"class/mobile": "^[67][0-9]{8}$"})
    assert caller.call(OUTSIDE).code == 200


@pytest.mark.parametrize("pattern", ["(", "[", '"', '"x" 1', "*", "${EXTEN}"])
def test_a_malformed_class_permits_nothing(exchange, phone, trunk, pattern):
    exchange.plan("201", call_class="odd")
    exchange.put({"class/odd": pattern})
    assert phone("201").call(OUTSIDE).code == 403


def test_a_forwarding_that_the_class_forbids_counts_as_off(exchange, phone, trunk):
    caller, called = phone("201"), phone("202")
    exchange.plan("202", unconditional=OUTSIDE, forward_class="internal", call_class="all")
    assert caller.call("202").code == 200
    assert len(called.calls) == 1
    assert not trunk.calls


def test_the_class_of_the_forwarder_counts_and_not_the_callers(exchange, phone, trunk):
    exchange.plan("201", call_class="internal")
    exchange.plan("202", unconditional=OUTSIDE, forward_class="all")
    assert phone("201").call("202").code == 200
    assert trunk.calls[0].number("Diversion") == "202"


def test_other_characters_among_the_dialled_digits_are_dropped(exchange, phone, trunk):
    exchange.plan("201")
    caller = phone("201")
    assert caller.call("600-123(456)").code == 200
    assert caller.call("+34600123456").code == 200
    assert [call.uri_number for call in trunk.calls] == [OUTSIDE, "0034600123456"]
