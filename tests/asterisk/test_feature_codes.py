"""Codes that change forwarding at a telephone, with nothing but Asterisk running."""

import time

import pytest

from portal.pbx import phone_rules

pytestmark = [pytest.mark.asterisk, pytest.mark.usefixtures("silence_afterwards")]


def held(exchange, number="202"):
    """What stands in ``phone/<number>``."""
    exchange.ami.events.clear()
    if exchange.ami.act("DBGet", Family="webfon", Key=f"phone/{number}")["Response"] != "Success":
        return phone_rules.NOTHING
    exchange.forget_later(f"phone/{number}")
    value = exchange.ami.wait(lambda event: event["Event"] == "DBGetResponse")["Val"]
    return phone_rules.read(value)


def texts(exchange, number="202"):
    """The changed rules, by field."""
    return {rule.field: rule.text for rule in held(exchange, number).rules}


@pytest.mark.parametrize("dialled", ["*21*203#", "*21*203%23", "*21*203", "%2A21%2A203%23"])
def test_calls_go_to_the_number_from_the_next_call_on(exchange, phone, dialled):
    exchange.plan("202")
    carlos, caller = phone("203"), phone("204")
    before = int(time.time() * 1000)
    assert phone("202").call(dialled).code == 200
    (rule,) = held(exchange).rules
    assert (rule.field, rule.text, rule.device) == ("unconditional", "203", "202")
    assert before <= rule.at <= int(time.time() * 1000)
    assert caller.call("202").code == 200
    assert len(carlos.calls) == 1
