"""Calls that a queue sends to 202."""

import time

import pytest

from tests.deadlines import SLACK

pytestmark = pytest.mark.asterisk

EVERYTHING_TO_203 = {
    "unconditional": "203",
    "busy": "203",
    "no_answer": "203",
    "not_connected": "203",
}


def _refused(event):
    return event["Event"] == "AgentRingNoAnswer"


def test_a_queue_rings_and_does_not_forward(exchange, phone):
    caller, called, other = phone("201"), phone("202"), phone("203")
    exchange.plan("202", **EVERYTHING_TO_203)
    with caller.in_call("700"):
        called.wait_for_call()
    assert not other.calls


@pytest.mark.parametrize("answer", [486, 480, 603, 302])
def test_a_queue_keeps_a_call_that_was_not_taken(exchange, phone, answer):
    caller, called, other = phone("201"), phone("202", answer), phone("203")
    called.redirect_to = f"203@127.0.0.1:{exchange.instance.sip}"
    exchange.plan("202", **EVERYTHING_TO_203)
    with caller.in_call("700"):
        exchange.ami.wait(_refused)
    assert called.calls
    assert not other.calls


def test_a_queue_does_not_disturb_who_wants_peace(exchange, phone):
    caller, called, other = phone("201"), phone("202"), phone("203")
    exchange.plan("202", do_not_disturb=True, busy="203")
    with caller.in_call("700"):
        exchange.ami.wait(_refused)
    assert not called.calls
    assert not other.calls


def test_a_queue_learns_at_once_that_a_member_is_not_connected(exchange):
    exchange.plan("202", not_connected="203")
    began = time.monotonic()
    headers = {"Channel": "Local/202@webfon-queue/n", "Application": "Wait", "Data": "1"}
    assert exchange.ami.act("Originate", **headers)["Response"] == "Error"
    assert time.monotonic() - began < 1 + SLACK
