"""Calls that would never end."""

import pytest

pytestmark = pytest.mark.asterisk


def test_two_subscribers_who_forward_to_each_other_end_the_call(exchange, phone):
    exchange.plan("202", unconditional="203")
    exchange.plan("203", unconditional="202")
    assert phone("201").call("202").code >= 400
    assert len(exchange.records()) == 1


def test_a_call_does_not_come_back_to_a_telephone_that_was_busy(exchange, phone):
    caller, called = phone("201"), phone("202", 486)
    exchange.plan("202", busy="203")
    exchange.plan("203", unconditional="202")
    assert caller.call("202").code >= 400
    assert len(called.calls) == 1


def test_a_chain_longer_than_the_limit_ends(exchange, phone):
    for number in range(211, 216):
        exchange.plan(str(number), unconditional=str(number + 1))
    last = phone("204")
    exchange.plan("215", unconditional="204")
    caller = phone("201")
    assert caller.call("211").code >= 400
    assert caller.call("212").code == 200
    assert len(last.calls) == 1


def test_a_loop_through_the_trunk_is_stopped(exchange, phone):
    exchange.plan("202", unconditional="600999202")
    assert phone("201").call("202").code >= 400
    limit = exchange.instance.options.loop_limit
    legs = exchange.records(2 * limit + 1)  # each call out rang and ended; the last did not go out
    assert len([leg for leg in legs if leg["dstchannel"]]) == limit


def test_two_callers_at_once_are_no_loop(exchange, phone, trunk):
    exchange.plan("202", unconditional="600111222")
    with (
        trunk.in_call("916000202", caller="911111111"),
        trunk.in_call("916000202", caller="911111111"),
        trunk.in_call("916000202", caller="911111112"),
    ):
        assert phone("201").call("202").code == 200
    assert len(trunk.calls) == 4
