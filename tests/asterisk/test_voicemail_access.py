"""The code that opens one's own mailbox, and who gives way: telephone or portal."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from portal.pbx.asterisk.guard import FLAG_SECONDS
from portal.pbx.errors import InUse, PBXUnavailable
from tests.asterisk import rtp
from tests.asterisk.exchange import wait_until
from tests.asterisk.mailboxes import hertz_of

pytestmark = [pytest.mark.asterisk, pytest.mark.usefixtures("silence_afterwards")]

CODE = "*97"
BOX = "202@default"
FLAG = f"vmbusy/{BOX}"


def application(exchange):
    """What the one channel is doing, "" where there is none."""
    return next((name for _, _, name in exchange.channels()), "")


def clock(exchange):
    """The node's own."""
    return int(exchange.ami.act("Getvar", Variable="EPOCH")["Value"])


def listen_until(caller, call, hertz, seconds=8.0):
    """Wait until the message of this tone is played."""
    deadline = time.monotonic() + seconds
    heard = []
    while rtp.share(heard[-800:], hertz) < 0.9:
        assert time.monotonic() < deadline, "the message was not played"
        caller.sound.send_tone(call.rtp, 0, 0.1)
        heard += caller.sound.heard()


def test_whoever_is_at_the_telephone_hears_and_deletes_own_messages(exchange, phone, boxes, portal):
    exchange.plan("202", mailbox="203@default", devices=("204",))
    oldest, newer = boxes["203"].leave(2)
    lamp, caller = phone("203"), phone("204")
    with caller.in_call(CODE) as call:
        wait_until(lambda: application(exchange) == "VoiceMailMain")
        assert exchange.channels()[0][:2] == ("webfon-mailbox", "203@default")
        caller.press(call, "3333#1")
        listen_until(caller, call, hertz_of(oldest))
        caller.press(call, "7")
        caller.sound.send_tone(call.rtp, 0, 0.1)
        with pytest.raises(InUse):
            portal.voicemail.move("203@default", [newer], "Old")
        lamp.notifies.clear()  # what an earlier test left in the box may have been told first
    lamp.wait_for_notify(lambda notify: "Voice-Message: 1/0" in notify.body, 5.0)
    assert boxes["203"].found() == {newer: "INBOX"}
    assert exchange.records()[0]["dialed"] == "97"


def opens(caller, pin, msg_id):
    """Whether the PIN leads to the message."""
    with caller.in_call(CODE) as call:
        caller.press(call, f"{pin}#1")
        caller.sound.heard()
        caller.sound.send_tone(call.rtp, 0, 2.0)
        return rtp.share(caller.sound.heard()[-800:], hertz_of(msg_id)) > 0.9


def test_a_mailbox_speaks_the_language_of_its_plan(exchange, phone):
    exchange.plan("202", language="pt_BR", unconditional="vm")
    for number in (CODE, "202"):
        with phone("202").in_call(number):
            wait_until(lambda: application(exchange).startswith("VoiceMail"))
            (channel,) = exchange.channels_in_full()
            assert channel["Language"] == "pt_BR"
    exchange.plan("202")
    with phone("202").in_call(CODE):
        wait_until(lambda: application(exchange) == "VoiceMailMain")
        assert exchange.channels_in_full()[0]["Language"] == "en"


def test_without_a_mailbox_the_code_leads_nowhere(exchange, phone):
    exchange.plan("202", mailbox="")
    assert phone("202").call(CODE).code == 404
    exchange.plan("202", mailbox="299@default")
    assert phone("202").call(CODE).code == 404


def test_another_pin_is_in_force_at_once_and_the_old_one_is_not(exchange, phone, boxes, portal):
    exchange.plan("204")
    (msg_id,) = boxes["204"].leave(1, seconds=3.0)
    caller = phone("204")
    portal.voicemail.set_pin("204@default", "8080")
    try:
        assert not opens(caller, "4444", msg_id)
        assert opens(caller, "8080", msg_id)
    finally:
        (boxes["204"].path / "secret.conf").unlink()
        exchange.ami.act("Reload", Module="app_voicemail.so")


def test_a_telephone_waits_while_the_portal_is_at_work(exchange, phone, boxes):
    exchange.plan("202")
    exchange.put({FLAG: str(clock(exchange) + 20)})
    caller = phone("202")
    with ThreadPoolExecutor() as background:
        call = background.submit(caller.call, CODE, talk=0.5)
        wait_until(lambda: application(exchange) == "Wait")
        assert exchange.channels()[0][:2] == ("webfon-mailbox", BOX)
        exchange.ami.act("DBDel", Family="webfon", Key=FLAG)
        wait_until(lambda: application(exchange) == "VoiceMailMain", 0.5)
        assert call.result().code == 200


@pytest.mark.parametrize("flag", ["0", "-1", "99999999999999", "soon", ""])
def test_a_flag_that_names_no_near_second_holds_nobody_up(exchange, phone, flag):
    exchange.plan("202")
    exchange.put({FLAG: flag})
    caller = phone("202")
    with caller.in_call(CODE):
        wait_until(lambda: application(exchange) == "VoiceMailMain", 0.5)


def test_a_flag_left_behind_ends_by_itself(exchange, phone):
    exchange.plan("202")
    exchange.put({FLAG: str(clock(exchange) + 1)})
    caller = phone("202")
    with caller.in_call(CODE):
        wait_until(lambda: application(exchange) == "VoiceMailMain", 2.0)


def test_the_portal_gives_way_to_a_telephone_that_waits(exchange, phone, boxes, portal):
    exchange.plan("202")
    (msg_id,) = boxes["202"].leave(1)
    far = str(clock(exchange) + FLAG_SECONDS + 20)  # not the portal's: it would not name this
    exchange.put({FLAG: far})
    caller = phone("202")
    with ThreadPoolExecutor() as background:
        call = background.submit(caller.call, CODE, talk=0.5)
        wait_until(lambda: application(exchange) == "Wait")
        with pytest.raises(InUse):
            portal.voicemail.remove(BOX, [msg_id])
        wait_until(lambda: application(exchange) == "VoiceMailMain", 0.5)
        assert call.result().code == 200


@pytest.mark.parametrize(
    ("opened", "is_refused"),
    [
        ("VoiceMailMain,202@default", True),
        ("VoiceMailMain,202", True),
        ("VoiceMailMain,", True),
        ("VoiceMailMain,@default", True),
        ("VoiceMailMain,20@default,p", True),
        ("VoiceMailMain,203@default", False),
        ("VoiceMail,202@default", False),
    ],
)
def test_codes_of_the_operators_own_count_too(exchange, boxes, portal, opened, is_refused):
    application_name, _, data = opened.partition(",")
    (msg_id,) = boxes["202"].leave(1)
    exchange.ami.act(
        "Originate",
        Channel="Local/60@test-open/n",
        Application=application_name,
        Data=data,
        Async="true",
    )
    wait_until(lambda: application_name in [name for _, _, name in exchange.channels()])
    if is_refused:
        with pytest.raises(InUse):
            portal.voicemail.remove(BOX, [msg_id])
    else:
        assert portal.voicemail.remove(BOX, [msg_id]) == {msg_id}
    exchange.hang_up_all()


def test_a_change_that_may_not_have_ended_holds_up_the_next_one(asterisk, exchange, boxes, portal):
    (msg_id,) = boxes["202"].leave(1)
    exchange.put({FLAG: str(clock(exchange) + 2)})
    with pytest.raises(PBXUnavailable, match="at work"):
        portal.voicemail.remove(BOX, [msg_id])
    wait_until(lambda: clock_is_past(exchange, FLAG), 3.0)
    assert portal.voicemail.remove(BOX, [msg_id]) == {msg_id}
    assert exchange.ami.act("DBGet", Family="webfon", Key=FLAG)["Response"] == "Error"


def clock_is_past(exchange, key):
    exchange.ami.events.clear()
    exchange.ami.act("DBGet", Family="webfon", Key=key)
    value = exchange.ami.wait(lambda event: event["Event"] == "DBGetResponse")["Val"]
    return clock(exchange) >= int(value)
