"""Each kind of forwarding to voicemail, with real calls to 202."""

import configparser
import shutil

import pytest

from tests.asterisk.exchange import wait_until

pytestmark = pytest.mark.asterisk

UNTIL_RECORDING = 0.6
"""Seconds; a caller who hangs up during the greeting keeps the channel for another four."""

CASES = {
    "unconditional": ({"unconditional": "vm"}, None, "u"),
    "unavailable": ({"not_connected": "vm"}, None, "u"),
    "busy": ({"busy": "vm"}, 486, "b"),
    "noanswer": ({"no_answer": "vm"}, 480, "u"),
    "dnd": ({"busy": "vm", "do_not_disturb": True}, None, "b"),
}


@pytest.mark.parametrize("reason", CASES)
def test_a_rule_sends_the_call_to_the_mailbox(exchange, phone, reason):
    rules, answer, greeting = CASES[reason]
    exchange.plan("202", **rules)
    caller = phone("201")
    if answer:
        phone("202", answer)
    assert caller.call("202", talk=UNTIL_RECORDING).code == 200
    voicemail = exchange.ami.wait(lambda event: event.get("Application") == "VoiceMail")
    assert voicemail["AppData"] == f"202@default,{greeting}s"
    record = exchange.records(2 if answer else 1)[-1]
    assert record["lastapp"] == "VoiceMail"
    assert (record["diverter"], record["divreason"]) == ("202", reason)


SECOND_OF_SOUND = 16_000


def test_a_message_is_left_with_its_caller_and_sound(exchange, phone):
    exchange.plan("201", display_name="Ana María")
    exchange.plan("202", unconditional="vm", mailbox="203@default")
    box = exchange.instance.spool / "default" / "203"
    shutil.rmtree(box / "INBOX", ignore_errors=True)
    caller = phone("201")
    with caller.in_call("202") as call:
        wait_until(lambda: list((box / "tmp").glob("*.wav")))
        caller.talk(call, 0.5)
    exchange.records()
    text = configparser.ConfigParser(interpolation=None)
    text.read(box / "INBOX" / "msg0000.txt")
    assert text["message"]["callerid"] == '"Ana María" <201>'
    assert (box / "INBOX" / "msg0000.wav").stat().st_size > SECOND_OF_SOUND * 0.4


def test_a_mailbox_that_does_not_exist_is_not_answered(exchange, phone):
    exchange.plan("202", unconditional="vm", mailbox="299@default")
    assert phone("201").call("202").code == 480


def test_without_a_mailbox_the_rule_counts_as_off(exchange, phone):
    caller, called = phone("201"), phone("202")
    exchange.plan("202", unconditional="vm", mailbox="")
    assert caller.call("202").code == 200
    assert len(called.calls) == 1
