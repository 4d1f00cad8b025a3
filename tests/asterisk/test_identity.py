"""Whom the telephones show, and which devices ring."""

import pytest

pytestmark = pytest.mark.asterisk


@pytest.mark.parametrize("name", ["Ana María Núñez", 'Ana "la jefa" (1ª)', "A ${EXTEN}, ñ|&;?:"])
def test_the_called_telephone_shows_the_callers_name(exchange, phone, name):
    caller, called = phone("201"), phone("202")
    exchange.plan("201", display_name=name)
    assert caller.call("202").code == 200
    assert called.calls[0].display() == name
    assert called.calls[0].number() == "201"


def test_the_calling_telephone_shows_whom_it_reached(exchange, phone):
    caller, _ = phone("201"), phone("202")
    exchange.plan("202", display_name="Berta Gómez")
    assert caller.call("202").display("P-Asserted-Identity") == "Berta Gómez"


def test_all_devices_of_a_subscriber_ring(exchange, phone):
    caller, one, other = phone("203"), phone("201", "ring"), phone("201b")
    exchange.plan("201", devices=("201", "201b"))
    assert caller.call("201").code == 200
    assert len(one.calls) == len(other.calls) == 1


def test_a_second_device_calls_as_its_owner(exchange, phone):
    caller, called = phone("201b"), phone("202")
    exchange.plan("201", devices=("201", "201b"), display_name="Ana Segunda")
    assert caller.call("202").code == 200
    assert called.calls[0].number() == "201"
    assert called.calls[0].display() == "Ana Segunda"


def test_a_device_that_is_nobodys_keeps_the_number_it_is_configured_with(exchange, phone):
    caller, called = phone("201b"), phone("202")
    assert caller.call("202").code == 200
    assert called.calls[0].number() == "201"


def test_one_device_of_two_is_enough_to_be_connected(exchange, phone):
    caller, one = phone("203"), phone("201b")
    exchange.plan("201", devices=("201", "201b"), not_connected="204")
    assert caller.call("201").code == 200
    assert len(one.calls) == 1


@pytest.mark.parametrize("answers", [(603, 486), (486, 603), (603, 500), (500, 603)])
def test_two_devices_are_busy_when_one_declines_and_the_other_fails(exchange, phone, answers):
    caller, other = phone("203"), phone("204")
    phone("201", answers[0])
    phone("201b", answers[1])
    exchange.plan("201", devices=("201", "201b"), busy="204", not_connected="202", no_answer="202")
    assert caller.call("201").code == 200
    assert len(other.calls) == 1


def test_whoever_is_at_a_device_calls_and_is_called_there(exchange, phone):
    exchange.plan("203", display_name="Carlos")
    exchange.plan("204", devices=("204",), not_connected="202")
    exchange.put({"at/203": "204", "who/204": "203"})
    own, borrowed, other = phone("203"), phone("204"), phone("202")
    assert other.call("203").code == 200
    assert (len(own.calls), len(borrowed.calls)) == (0, 1)
    assert borrowed.call("202").code == 200
    assert other.calls[-1].number() == "203"
    assert other.calls[-1].display() == "Carlos"


def test_a_login_that_is_half_written_reaches_who_logged_in(exchange, phone):
    caller, borrowed = phone("201"), phone("204")
    exchange.put({"at/203": "204", "who/204": "202"})
    assert caller.call("203").code == 200
    assert len(borrowed.calls) == 1


def test_a_displaced_owner_is_not_connected(exchange, phone):
    exchange.plan("204", not_connected="202")
    exchange.put({"at/203": "204", "who/204": "203"})
    borrowed, other = phone("204"), phone("202")
    assert phone("201").call("204").code == 200
    assert (len(borrowed.calls), len(other.calls)) == (0, 1)
