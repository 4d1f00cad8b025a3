"""Each kind of forwarding, with real calls."""

import pytest

pytestmark = pytest.mark.asterisk


def test_a_call_without_a_plan_rings_the_telephone_named_like_the_number(exchange, phone):
    caller, called = phone("201"), phone("202")
    assert caller.call("202").code == 200
    assert called.calls[0].number() == "201"


def test_an_unconditional_forwarding_rings_the_other_telephone_only(exchange, phone):
    caller, called, other = phone("201"), phone("202"), phone("203")
    exchange.plan("202", unconditional="203")
    assert caller.call("202").code == 200
    assert not called.calls
    assert 'reason=unconditional' in other.calls[0].header("Diversion")
    assert other.calls[0].number("Diversion") == "202"
