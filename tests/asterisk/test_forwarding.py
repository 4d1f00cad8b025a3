"""Each kind of forwarding with real calls: 201 calls 202, and 203 is where calls are sent."""

import pytest

from tests.asterisk.phone import RING

pytestmark = pytest.mark.asterisk

DECLINED, BUSY, BUSY_EVERYWHERE, NO_ANSWER_NOW, OUT_OF_ORDER = 603, 486, 600, 480, 500


def test_a_call_without_rules_rings_the_telephone(exchange, phone):
    caller, called = phone("201"), phone("202")
    exchange.plan("202")
    assert caller.call("202").code == 200
    assert called.calls[0].number() == "201"


def test_an_unconditional_forwarding_rings_the_other_telephone_only(exchange, phone):
    caller, called, other = phone("201"), phone("202"), phone("203")
    exchange.plan("202", unconditional="203")
    assert caller.call("202").code == 200
    assert not called.calls
    assert len(other.calls) == 1


@pytest.mark.parametrize("answer", [BUSY, BUSY_EVERYWHERE, DECLINED])
def test_a_busy_or_declining_telephone_forwards_when_busy(exchange, phone, answer):
    caller, called, other = phone("201"), phone("202", answer), phone("203")
    exchange.plan("202", busy="203", no_answer="204", not_connected="204")
    assert caller.call("202").code == 200
    assert len(called.calls) == len(other.calls) == 1


def test_a_telephone_that_does_not_want_to_answer_now_forwards_as_no_answer(exchange, phone):
    caller, _, other = phone("201"), phone("202", NO_ANSWER_NOW), phone("203")
    exchange.plan("202", no_answer="203", busy="204", not_connected="204")
    assert caller.call("202").code == 200
    assert len(other.calls) == 1


def test_a_telephone_that_rings_too_long_forwards(exchange, phone):
    caller, called, other = phone("201"), phone("202", RING), phone("203")
    exchange.plan("202", no_answer="203", ring_seconds=5)
    assert caller.call("202").code == 200
    assert len(other.calls) == 1
    assert 4.8 < float(exchange.records(2)[0]["duration"]) < 5.8
    called.wait_until_cancelled()


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("7", "7"), ("120", "120"), ("4", "20"), ("121", "20"), ("", "20"), ("9" * 30, "20")],
)
def test_a_telephone_rings_as_long_as_the_plan_says(exchange, phone, written, seconds):
    caller, _ = phone("201"), phone("202")
    exchange.put({"plan/202": f'{{"r":"1","p":"202","t":"{written}"}}'})
    caller.call("202")
    dial = exchange.ami.wait(lambda event: event.get("Application") == "Dial")
    assert dial["AppData"].split(",")[1] == seconds


def test_a_subscriber_without_a_registered_telephone_forwards_as_not_connected(exchange, phone):
    caller, other = phone("201"), phone("203")
    exchange.plan("202", not_connected="203", busy="204", no_answer="204")
    assert caller.call("202").code == 200
    assert len(other.calls) == 1


def test_a_telephone_that_died_counts_as_not_connected(exchange, phone):
    caller, called, other = phone("201"), phone("202"), phone("203")
    exchange.plan("202", not_connected="203")
    called.die()
    exchange.wait_until_unreachable("202")
    assert caller.call("202").code == 200
    assert len(other.calls) == 1


def test_a_telephone_out_of_order_counts_as_not_connected(exchange, phone):
    caller, _, other = phone("201"), phone("202", OUT_OF_ORDER), phone("203")
    exchange.plan("202", not_connected="203", busy="204", no_answer="204")
    assert caller.call("202").code == 200
    assert len(other.calls) == 1


def test_do_not_disturb_forwards_as_busy_without_ringing(exchange, phone):
    caller, called, other = phone("201"), phone("202"), phone("203")
    exchange.plan("202", do_not_disturb=True, busy="203")
    assert caller.call("202").code == 200
    assert not called.calls
    assert len(other.calls) == 1


@pytest.mark.parametrize(
    ("behaviour", "code"), [(BUSY, 486), (DECLINED, 486), (NO_ANSWER_NOW, 480), (OUT_OF_ORDER, 480)]
)
def test_without_a_rule_the_caller_hears_how_it_ended(exchange, phone, behaviour, code):
    caller, _ = phone("201"), phone("202", behaviour)
    exchange.plan("202")
    assert caller.call("202").code == code


def test_do_not_disturb_without_a_rule_is_busy(exchange, phone):
    caller, called = phone("201"), phone("202")
    exchange.plan("202", do_not_disturb=True)
    assert caller.call("202").code == 486
    assert not called.calls


def test_a_subscriber_who_is_not_connected_and_has_no_rule_is_unavailable(exchange, phone):
    caller = phone("201")
    exchange.plan("202")
    assert caller.call("202").code == 480


def test_a_telephones_own_forwarding_is_not_followed(exchange, phone):
    caller, called, other = phone("201"), phone("202", 302), phone("203")
    called.redirect_to = f"203@127.0.0.1:{exchange.instance.sip}"
    exchange.plan("202")
    assert caller.call("202").code == 486
    assert not other.calls


def test_a_call_that_is_forwarded_twice_arrives(exchange, phone):
    caller, _, other = phone("201"), phone("203", BUSY), phone("204")
    exchange.plan("202", unconditional="203")
    exchange.plan("203", busy="204")
    assert caller.call("202").code == 200
    assert other.calls[0].number() == "201"
    assert other.calls[0].number("Diversion") == "203"


def test_a_telephone_that_declined_says_nothing_about_the_next(exchange, phone):
    caller, other = phone("201"), phone("204")
    phone("202", DECLINED)
    phone("203", OUT_OF_ORDER)
    exchange.plan("202", busy="203")
    exchange.plan("203", not_connected="204")
    assert caller.call("202").code == 200
    assert len(other.calls) == 1


def test_a_caller_who_hangs_up_while_it_rings_is_not_forwarded(exchange, phone):
    caller, called, other = phone("201"), phone("202", RING), phone("203")
    exchange.plan("202", no_answer="203", busy="203", not_connected="203")
    assert caller.call("202", hang_up_after=0.2).code == 487
    called.wait_until_cancelled()
    assert not other.calls


def test_a_changed_rule_holds_for_the_next_call(exchange, phone):
    caller, called, other = phone("201"), phone("202"), phone("203")
    exchange.plan("202", unconditional="203")
    caller.call("202")
    exchange.plan("202")
    caller.call("202")
    assert len(other.calls) == len(called.calls) == 1


@pytest.mark.parametrize(
    "plan",
    [
        "",
        "{",
        '{"u":"203","f":"all"}',
        '{"d":"1"}',
        "[]",
        "null",
        '"201"',
        '{"u":"203"',
        '{"r":"',
        "\x01",
        '{"r":"1","p":"202","u":"20\\"3)${X}"}',
    ],
)
def test_a_malformed_plan_has_no_rules(exchange, phone, plan):
    caller, called = phone("201"), phone("202")
    exchange.put({"plan/202": plan})
    assert caller.call("202").code == 200
    assert len(called.calls) == 1


def test_a_destination_that_is_no_number_is_not_dialled(exchange, phone):
    caller, called = phone("201"), phone("202")
    exchange.put({"class/any": "."})
    exchange.plan("202", unconditional="203&PJSIP/204", forward_class="any")
    assert caller.call("202").code == 200
    assert len(called.calls) == 1
