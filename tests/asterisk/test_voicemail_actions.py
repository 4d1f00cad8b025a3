"""Messages that callers leave, and what the portal does with them."""

import threading
import time
from queue import Queue

import pytest

from portal.pbx.asterisk.backend import build
from portal.pbx.errors import Ambiguous, NotFound, PBXRejected
from portal.pbx.types import News
from tests.asterisk import rtp
from tests.asterisk.exchange import wait_until
from tests.asterisk.mailboxes import node_options, portal_of
from tests.deadlines import SLACK

pytestmark = pytest.mark.asterisk

BOX = "202@default"
AT_ONCE = 1.0 + SLACK
"""Seconds until the telephone's lamp and the portal's pages know."""


def waiting(new, old):
    """The NOTIFY that switches the lamp."""
    return lambda notify: f"Voice-Message: {new}/{old}" in notify.body


def call_and_leave(exchange, caller, boxes, hertz):
    """Leave a message of a tone in the mailbox of 202; when the caller hung up."""
    with caller.in_call("202") as call:
        wait_until(lambda: list((boxes["202"].path / "tmp").glob("*.wav")))
        caller.sound.send_tone(call.rtp, hertz, 0.6)
    return time.monotonic()


def test_a_message_left_by_a_call_is_listed_and_sounds_as_it_was_said(
    exchange, phone, boxes, portal
):
    exchange.plan("201", display_name="Ana María")
    exchange.plan("202", unconditional="vm")
    called = phone("202")
    called.behaviour = 486
    left = call_and_leave(exchange, phone("201"), boxes, 850)
    called.wait_for_notify(waiting(1, 0), AT_ONCE)
    assert time.monotonic() - left < AT_ONCE
    (message,) = portal.voicemail.messages(BOX)
    assert (message.caller, message.caller_name, message.is_new) == ("201", "Ana María", True)
    assert portal.voicemail.count_new(BOX) == 1
    with portal.voicemail.open_sound(BOX, message.msg_id) as sound:
        samples = rtp.samples_of(sound)
    assert rtp.share(samples[-3200:-800], 850) > 0.9


def test_what_the_portal_changes_stands_in_the_spool_and_lights_the_lamp(phone, boxes, portal):
    called = phone("202")
    first, second, third = boxes["202"].leave(3)
    assert portal.voicemail.move(BOX, [first, third, "none"], "Old") == {first, third}
    called.wait_for_notify(waiting(1, 2), AT_ONCE)
    assert boxes["202"].found() == {first: "Old", second: "INBOX", third: "Old"}
    assert portal.voicemail.move(BOX, [first], "INBOX") == {first}
    called.wait_for_notify(waiting(2, 1), AT_ONCE)
    assert portal.voicemail.move(BOX, [second], "Cust5") == {second}
    assert portal.voicemail.remove(BOX, [first, "none"]) == {first, "none"}
    called.wait_for_notify(waiting(0, 1), AT_ONCE)
    assert boxes["202"].found() == {second: "Cust5", third: "Old"}
    assert [message.msg_id for message in portal.voicemail.messages(BOX)] == [third, second]


def test_a_forwarded_message_is_a_new_one_in_the_other_mailbox(phone, boxes, portal):
    other = phone("203")
    (old,) = boxes["202"].leave(1, "Old")
    portal.voicemail.forward(BOX, old, "203@default")
    other.wait_for_notify(waiting(1, 0), AT_ONCE)
    assert boxes["202"].found() == {old: "Old"}
    assert boxes["203"].found() == {old: "INBOX"}
    with pytest.raises(Ambiguous):
        portal.voicemail.forward(BOX, old, "203@default")
    assert boxes["203"].found() == {old: "INBOX"}


def test_what_is_not_there_is_not_forwarded_nor_anywhere_else(boxes, portal):
    (msg_id,) = boxes["202"].leave(1)
    with pytest.raises(NotFound):
        portal.voicemail.forward(BOX, "1-2", "203@default")
    for nowhere in ("299@default", "203@other", "203", "../203@default", ""):
        with pytest.raises(NotFound):
            portal.voicemail.forward(BOX, msg_id, nowhere)
    assert boxes["203"].found() == {}


def test_a_message_that_is_there_twice_is_left_alone(boxes, portal):
    first, second = boxes["202"].leave(2)
    boxes["202"].leave(1, "Work")  # has the id of the first
    assert portal.voicemail.move(BOX, [first, second], "Old") == {second}
    assert portal.voicemail.remove(BOX, [first]) == frozenset()
    with pytest.raises(Ambiguous):
        portal.voicemail.forward(BOX, first, "203@default")
    assert len(portal.voicemail.messages(BOX)) == 3


def test_a_full_folder_takes_no_more_and_nothing_is_lost(boxes, portal):
    boxes["202"].leave(100, "Old", seconds=0.1)
    (one_more,) = boxes["202"].leave(1, first=100)
    assert portal.voicemail.move(BOX, [one_more], "Old") == frozenset()
    assert len(boxes["202"].found()) == 101


def test_a_folder_that_does_not_exist_is_refused(boxes, portal):
    (msg_id,) = boxes["202"].leave(1)
    for folder in ("Deleted", "tmp", "", "../Old"):
        with pytest.raises(PBXRejected):
            portal.voicemail.move(BOX, [msg_id], folder)


def test_without_its_secret_messages_can_be_read_and_not_changed(asterisk, boxes):
    options = node_options(asterisk) | {"voicemail_secret": ""}
    voicemail = build(nodes=[options]).voicemail
    (msg_id,) = boxes["202"].leave(1)
    with pytest.raises(PBXRejected, match="webfon-voicemail"):
        voicemail.remove(BOX, [msg_id])
    assert [message.msg_id for message in voicemail.messages(BOX)] == [msg_id]
    assert portal_of(asterisk).voicemail.remove(BOX, [msg_id]) == {msg_id}


def test_the_link_hears_of_every_change_at_once(exchange, phone, boxes, portal):
    exchange.plan("202", unconditional="vm")
    heard, stop = Queue(), threading.Event()
    watch = portal.monitor.watch("node0", stop)
    thread = threading.Thread(target=lambda: [heard.put(event) for event in watch], daemon=True)
    thread.start()

    def next_of(box):
        while (event := heard.get(timeout=AT_ONCE)).news != News.MAILBOX or event.subject != box:
            pass

    assert heard.get(timeout=3).news == News.UP
    call_and_leave(exchange, phone("201"), boxes, 500)
    next_of(BOX)
    (message,) = portal.voicemail.messages(BOX)
    portal.voicemail.move(BOX, [message.msg_id], "Old")
    next_of(BOX)
    stop.set()
    thread.join(2)
