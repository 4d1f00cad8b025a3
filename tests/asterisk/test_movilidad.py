"""Logging in at any telephone with PIN and clave: calls, rules and mailbox come along."""

import time
from contextlib import ExitStack
from dataclasses import replace

import pytest

from portal import access_code
from portal.pbx.errors import PBXRejected
from tests.asterisk.exchange import wait_until

pytestmark = [pytest.mark.asterisk, pytest.mark.usefixtures("silence_afterwards", "clean")]

LOGIN, LOGOUT = "*11", "*12"
CODES = {"201": "135790", "202": "246801", "203": "975310"}
STORED = {number: access_code.protect(code) for number, code in CODES.items()}


@pytest.fixture
def clean(exchange):
    """What the dialplan writes is forgotten afterwards."""
    yield
    devices = ("201", "201b", "202", "203", "204")
    keys = [f"{kind}/{name}" for name in devices for kind in ("at", "who", "since")]
    keys += [f"wrong/{kind}/{name}" for name in devices for kind in ("device", "subscriber")]
    exchange.ami.pipeline([("DBDel", {"Family": "webfon", "Key": key}) for key in keys])


@pytest.fixture
def people(exchange):
    """201, 202 and 203 may log in anywhere: the PIN is 9 and the number."""
    for number, stored in STORED.items():
        exchange.plan(number, access_pin=f"9{number}", access_code=stored, display_name="")


def get(exchange, key):
    exchange.ami.events.clear()
    if exchange.ami.act("DBGet", Family="webfon", Key=key)["Response"] != "Success":
        return ""
    return exchange.ami.wait(lambda event: event["Event"] == "DBGetResponse")["Val"]


def application(exchange):
    return next((name for _, _, name in exchange.channels()), "")


def told(exchange, device):
    """What the dialplan says of the next login or logout at the telephone."""
    event = exchange.ami.wait(
        lambda event: event.get("UserEvent") == "WebfonLogin" and event["Device"] == device
    )
    return event["State"], event["Subscriber"]


def told_of_any(exchange):
    event = exchange.ami.wait(lambda event: event.get("UserEvent") == "WebfonLogin")
    return event["State"]


def log_in(exchange, caller, pin, code):
    """Key both in at the telephone; what is said of it."""
    wait_until(lambda: not exchange.channels())
    with caller.in_call(LOGIN) as call:
        wait_until(lambda: application(exchange) == "Read")
        exchange.ami.events.clear()
        caller.press(call, f"{pin}#{code}#")
        return told(exchange, caller.user)


def test_calls_in_and_out_follow_a_login_and_end_with_the_logout(exchange, phone, people):
    at_203, at_204 = phone("203"), phone("204")
    assert log_in(exchange, at_203, "9202", CODES["202"]) == ("in", "202")
    assert (get(exchange, "at/202"), get(exchange, "who/203")) == ("203", "202")
    assert at_204.call("202").code == 200
    assert at_203.wait_for_call()
    at_203.call("204")
    assert "<sip:202@" in at_204.wait_for_call().header("From")
    assert at_203.call(LOGOUT, talk=0.5).code == 200
    assert told(exchange, "203") == ("out", "202")
    at_203.call("204")
    assert "<sip:203@" in at_204.wait_for_call(2).header("From")
    assert not any(get(exchange, key) for key in ("at/202", "who/203", "since/203"))


def test_what_is_keyed_stands_in_no_log_no_event_and_no_record(asterisk, exchange, phone):
    pin, code, wrong = "920246802468", "135791357913", "864208642086"
    exchange.plan("202", access_pin=pin, access_code=access_code.protect(code))
    listener = asterisk.admin()
    assert log_in(exchange, phone("203"), pin, wrong) == ("wrong", "202")
    assert log_in(exchange, phone("203"), pin, code) == ("in", "202")
    wait_until(lambda: not exchange.channels())
    logs = [path for path in (asterisk.folder / "log").rglob("*") if path.is_file()]
    text = "".join(path.read_text(errors="replace") for path in logs)
    assert "Webfon login: in, subscriber 202, telephone 203, from 127.0.0.1:" in text
    assert "Webfon login: wrong, subscriber 202, telephone 203" in text
    listener.act("Ping")
    heard = str(listener.events)
    listener.close()
    assert "webfon-admit" in heard
    for keyed in (pin, code, wrong):
        assert keyed not in text
        assert keyed not in heard
    assert exchange.records(0) == []


def test_a_displaced_owner_is_not_connected_until_the_guest_leaves(exchange, phone, people):
    exchange.plan("203", not_connected="204", access_pin="9203", access_code=STORED["203"])
    guest_at, aside = phone("203"), phone("204")
    log_in(exchange, guest_at, "9202", CODES["202"])
    phone("201").call("203")
    assert aside.wait_for_call()
    assert not guest_at.calls
    log_in(exchange, guest_at, "9203", CODES["203"])
    assert told(exchange, "203") == ("in", "203")
    assert not any(get(exchange, key) for key in ("at/202", "at/203", "who/203"))
    phone("201").call("203")
    assert guest_at.wait_for_call()


def test_whoever_is_at_two_telephones_is_called_at_both(exchange, phone, people):
    first, second, caller = phone("203", "ring"), phone("204", "ring"), phone("201")
    log_in(exchange, first, "9202", CODES["202"])
    log_in(exchange, second, "9202", CODES["202"])
    assert get(exchange, "at/202") == "203&204"
    caller.call("202", hang_up_after=1.0)
    assert first.wait_for_call()
    assert second.wait_for_call()
    log_in(exchange, first, "9201", CODES["201"])
    assert (get(exchange, "at/202"), get(exchange, "at/201")) == ("204", "203")
    caller.call("202", hang_up_after=1.0)
    assert second.wait_for_call(2)
    assert len(first.calls) == 1


def test_rules_class_and_mailbox_come_along(exchange, phone, trunk, people):
    with_rules = {"access_pin": "9202", "access_code": STORED["202"]}
    exchange.plan("202", busy="201", call_class="internal", mailbox="204@default", **with_rules)
    at_203, own = phone("203", 486), phone("201")
    log_in(exchange, at_203, "9202", CODES["202"])
    phone("204").call("202")
    assert own.wait_for_call()
    assert at_203.call("600123456").code == 403
    assert not trunk.calls
    with at_203.in_call("*97"):
        wait_until(lambda: application(exchange) == "VoiceMailMain")
        assert exchange.channels()[0][1] == "204@default"


def test_five_wrong_claves_lock_the_pin_everywhere_for_a_while(exchange, phone, people):
    wrong = [log_in(exchange, phone("203"), "9202", "1") for _ in range(2)]
    wrong += [log_in(exchange, phone("204"), "9202", "1") for _ in range(3)]
    assert wrong == [("wrong", "202")] * 4 + [("locked", "202")]
    right = log_in(exchange, phone("201"), "9202", CODES["202"])
    assert right == ("locked", "202")
    assert log_in(exchange, phone("204"), "9201", CODES["201"]) == ("in", "201")
    count, last = get(exchange, "wrong/subscriber/202").split("-")
    assert count == "5"
    exchange.put({"wrong/subscriber/202": f"5-{int(last) - 300}"})
    assert log_in(exchange, phone("201"), "9202", CODES["202"]) == ("in", "202")
    assert get(exchange, "wrong/subscriber/202") == ""


def test_a_telephone_where_pins_are_tried_out_is_locked(exchange, phone, people):
    caller = phone("203")
    exchange.put({"wrong/device/203": f"3-{int(time.time())}"})
    tries = [log_in(exchange, caller, pin, "1") for pin in ("77", "78")]
    assert tries == [("wrong", ""), ("locked", "")]
    assert log_in(exchange, caller, "9202", CODES["202"]) == ("locked", "202")
    assert log_in(exchange, phone("204"), "9202", CODES["202"]) == ("in", "202")


def test_three_tries_in_one_call_and_the_third_may_be_right(exchange, phone, people):
    caller = phone("203")
    with caller.in_call(LOGIN) as call:
        for code in ("1", "2", CODES["202"]):
            wait_until(lambda: application(exchange) == "Read")
            exchange.ami.events.clear()
            caller.press(call, f"9202#{code}#")
            state = told(exchange, "203")
        assert state == ("in", "202")


@pytest.mark.parametrize("keys", ["9202##", "*9202#246801#", "9202#246801*#", "92029202#246801#"])
def test_what_is_not_quite_right_lets_nobody_in(exchange, phone, people, keys):
    caller = phone("203")
    with caller.in_call(LOGIN) as call:
        wait_until(lambda: application(exchange) == "Read")
        caller.press(call, keys)
        assert told(exchange, "203")[0] == "wrong"
    assert get(exchange, "who/203") == ""


def test_a_changed_clave_holds_at_the_next_login_and_a_changed_pin_too(exchange, phone, portal):
    old, new = (access_code.protect(code) for code in ("135791", "246802"))
    plan = exchange.plan("202", access_pin="9202", access_code=old)
    (node,) = portal.nodes
    assert log_in(exchange, phone("203"), "9202", "135791") == ("in", "202")
    portal.forwarding.write(node, [replace(plan, access_code=new)])
    assert log_in(exchange, phone("204"), "9202", "135791") == ("wrong", "202")
    assert log_in(exchange, phone("204"), "9202", "246802") == ("in", "202")
    portal.forwarding.write(node, [replace(plan, access_code=new, access_pin="8202")])
    assert get(exchange, "code/9202") == ""
    assert log_in(exchange, phone("201"), "8202", "246802") == ("in", "202")
    portal.forwarding.remove(node, [replace(plan, access_code=new, access_pin="8202")])
    assert get(exchange, "code/8202") == ""
    exchange.put({"code/8202": f"202:{new}"})  # without a plan it is nobody's
    assert log_in(exchange, phone("201"), "8202", "246802") == ("wrong", "")


def test_whom_a_telephone_hands_on_to_the_code_logs_in_nowhere(exchange, phone, trunk, people):
    ana = phone("201")
    with trunk.in_call("916000201"):
        ana.wait_for_call()
        exchange.wait_until_talking()
        exchange.hand_on("PJSIP/201-", LOGIN)
        trunk.wait_until_hung_up()


def test_several_at_once_get_no_more_tries(exchange, phone, people):
    callers = [phone(name) for name in ("201", "201b", "203", "204")]
    exchange.put({"wrong/subscriber/202": f"4-{int(time.time())}"})
    with ExitStack() as calls:
        lines = [(each, calls.enter_context(each.in_call(LOGIN))) for each in callers]
        wait_until(lambda: [name for _, _, name in exchange.channels()] == ["Read"] * 4)
        for caller, call in lines:
            caller.press(call, "9202#1")
        exchange.ami.events.clear()
        for caller, call in lines:
            caller.press(call, "#")
        states = [told_of_any(exchange) for _ in lines]
    assert states == ["locked"] * 4
    assert get(exchange, "wrong/subscriber/202").startswith("5-")


def test_the_lamp_shows_what_the_portal_says_until_asterisk_says_otherwise(
    exchange, phone, portal, boxes
):
    refresh = {"Context": "default", "Mailbox": "203"}
    exchange.ami.act("VoicemailRefresh", **refresh)  # another test may have left a message
    there = phone("203")
    there.wait_for_notify(lambda notify: "Messages-Waiting: no" in notify.body)
    portal.devices.light("203", 2)
    there.wait_for_notify(lambda notify: notify.body == lamp("yes", 2))
    assert there.notifies[-1].header("Event") == "message-summary"
    boxes["203"].leave(1)
    exchange.ami.act("VoicemailRefresh", **refresh)
    there.wait_for_notify(lambda notify: "Voice-Message: 1/0" in notify.body)
    there.notifies.clear()
    there.register()  # which is why a job of the link looks after guests
    there.wait_for_notify(lambda notify: "Voice-Message: 1/0" in notify.body)
    portal.devices.light("203", 0)
    there.wait_for_notify(lambda notify: notify.body == lamp("no", 0))
    with pytest.raises(PBXRejected):
        portal.devices.light("nobody", 1)


def lamp(word, new):
    return f"Messages-Waiting: {word}\r\nVoice-Message: {new}/0 (0/0)\r\n"
