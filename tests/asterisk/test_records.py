"""Calls from outside, what the next telephone learns, and what the call records say."""

import pytest

pytestmark = pytest.mark.asterisk

MOBILE = "600123456"


def test_a_call_from_outside_rings_with_its_number(exchange, phone, trunk):
    called = phone("202")
    exchange.plan("202")
    assert trunk.call("916000202", caller="911234567").code == 200
    assert called.calls[0].number() == "911234567"


def test_a_call_from_outside_is_forwarded_outside(exchange, trunk):
    exchange.plan("202", unconditional=MOBILE)
    assert trunk.call("916000202", caller="911234567").code == 200
    (out,) = trunk.calls
    assert (out.uri_number, out.number()) == (MOBILE, "911234567")
    assert out.number("Diversion") == "202"


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({"unconditional": "203"}, "unconditional"),
        ({"not_connected": "203"}, "unavailable"),
        ({"busy": "203", "do_not_disturb": True}, "do-not-disturb"),
    ],
)
def test_the_next_telephone_learns_why_it_rings(exchange, phone, rules, said):
    caller, other = phone("201"), phone("203")
    exchange.plan("202", **rules)
    caller.call("202")
    assert f"reason={said}" in other.calls[0].header("Diversion")


@pytest.mark.parametrize(("answer", "said"), [(486, "user-busy"), (480, "no-answer")])
def test_the_next_telephone_learns_how_ringing_ended(exchange, phone, answer, said):
    caller, other = phone("201"), phone("203")
    phone("202", answer)
    exchange.plan("202", busy="203", no_answer="203")
    caller.call("202")
    assert f"reason={said}" in other.calls[0].header("Diversion")


def test_a_forwarded_call_is_recorded_with_number_dialled_diverter_and_reason(exchange, phone):
    caller, _ = phone("201"), phone("203")
    phone("202", 486)
    exchange.plan("202", busy="203")
    caller.call("202")
    rang, sent = exchange.records(2)
    assert (rang["src"], rang["dst"], rang["dialed"]) == ("201", "202", "202")
    assert rang["disposition"] == "BUSY"
    assert (sent["src"], sent["dst"], sent["dialed"]) == ("201", "203", "202")
    assert (sent["diverter"], sent["divreason"]) == ("202", "busy")
    assert sent["disposition"] == "ANSWERED"
    assert rang["linkedid"] == sent["linkedid"]


def test_a_plain_call_is_recorded_without_a_diverter(exchange, phone):
    caller, _ = phone("201"), phone("202")
    caller.call("202")
    (leg,) = exchange.records()
    assert (leg["dialed"], leg["diverter"], leg["divreason"]) == ("202", "", "")


def test_an_outgoing_call_is_recorded_with_the_number_dialled(exchange, phone, trunk):
    exchange.plan("201")
    phone("201").call(MOBILE)
    (leg,) = exchange.records()
    assert (leg["src"], leg["dst"], leg["dialed"]) == ("201", MOBILE, MOBILE)
