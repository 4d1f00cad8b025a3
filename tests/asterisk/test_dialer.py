"""Calls that the portal begins: the subscriber's telephone rings, and what follows is heard."""

import threading
import time

import pytest

from portal.pbx.asterisk.backend import build
from portal.pbx.errors import NotFound, PBXRejected
from portal.pbx.types import Greeting
from tests.asterisk import rtp
from tests.asterisk.exchange import wait_until
from tests.asterisk.mailboxes import hertz_of, node_options
from tests.deadlines import SLACK

pytestmark = [pytest.mark.asterisk, pytest.mark.usefixtures("silence_afterwards")]

BOX = "202@default"
TONE = 700


def hears(listener, speaker, call, hertz=TONE):
    """Whether a tone that one of them hears was said by the other."""
    listener.sound.heard()
    speaker.sound.send_tone(call.rtp, hertz, 0.5)
    return rtp.share(listener.sound.heard()[-1600:], hertz) > 0.9


@pytest.fixture
def link(portal):
    """Hears the nodes, as the link does."""
    stop = threading.Event()
    watch = portal.monitor.watch("node0", stop)
    thread = threading.Thread(target=lambda: list(watch), daemon=True)
    thread.start()
    yield
    stop.set()
    thread.join(2)


@pytest.mark.usefixtures("link")
def test_a_message_is_played_at_the_telephone_and_counts_as_heard(exchange, phone, boxes, portal):
    exchange.plan("202")
    first, second = boxes["202"].leave(2)
    called = phone("202")
    portal.dialer.play_message("202", BOX, second)
    call = called.wait_for_call()
    assert (call.display(), call.number()) == ("Webfon", "201")  # whoever left it
    called.wait_until_hung_up()
    heard = called.sound.heard()
    assert len(heard) > 7000
    assert rtp.share(heard, hertz_of(second)) > 0.9
    wait_until(lambda: boxes["202"].found() == {first: "INBOX", second: "Old"})
    called.wait_for_notify(lambda notify: "Voice-Message: 1/1" in notify.body, 1.0)
    exchange.hang_up_all()
    assert exchange.records(0) == []


def test_greetings_are_recorded_until_a_key_is_pressed_or_somebody_hangs_up(
    exchange, phone, boxes, portal
):
    drafts, telephones = {}, {}
    for number in ("202", "203"):
        exchange.plan(number)
        telephones[number] = phone(number)
        portal.dialer.record_greeting(number, f"{number}@default", Greeting.NAME)
        drafts[number] = boxes[number].path / "webfon-draft-greet.wav"
    calls = {number: telephone.wait_for_call() for number, telephone in telephones.items()}
    while not all(draft.exists() for draft in drafts.values()):  # they are told what to say
        for number, telephone in telephones.items():
            telephone.sound.send_tone(calls[number].rtp, 0, 0.06)
    with pytest.raises(NotFound):
        portal.voicemail.open_draft(BOX, Greeting.NAME)
    for number, telephone in telephones.items():
        telephone.sound.send_tone(calls[number].rtp, TONE, 1.0)
    telephones["202"].press(calls["202"], "#")
    telephones["203"].hang_up()
    for number in telephones:
        wait_until(lambda number=number: is_there(portal, f"{number}@default"), 3.0)
        with portal.voicemail.open_draft(f"{number}@default", Greeting.NAME) as sound:
            samples = rtp.samples_of(sound)
        assert len(samples) > 5000
        assert rtp.share(samples[1600:5000], TONE) > 0.9
    assert portal.voicemail.greetings(BOX) & {Greeting.NAME} == set()


def is_there(portal, mailbox):
    try:
        portal.voicemail.open_draft(mailbox, Greeting.NAME).close()
    except NotFound:
        return False
    return True


def test_a_call_is_the_subscribers_own(exchange, phone, boxes, portal):
    exchange.plan("202", display_name="Berta Gil", devices=("204",))
    exchange.plan("201")
    own, other = phone("204"), phone("201")
    linkedid = portal.dialer.call("202", "201")
    ringing = own.wait_for_call()
    assert (ringing.display(), ringing.number()) == ("Webfon", "201")
    arrived = other.wait_for_call()
    assert (arrived.display(), arrived.number()) == ("Berta Gil", "202")
    wait_until(lambda: len(exchange.channels()) == 4)
    assert hears(other, own, ringing)
    assert hears(own, other, arrived)
    exchange.hang_up_all()
    (record,) = exchange.records()
    wanted = {"linkedid": linkedid, "src": "202", "dst": "201", "dialed": "201"}
    assert {key: record[key] for key in wanted} == wanted
    assert record["disposition"] == "ANSWERED"


def test_whoever_the_call_is_handed_to_sees_the_subscriber(exchange, phone, portal):
    exchange.plan("202", display_name="Berta Gil")
    own, other, third = phone("202"), phone("201"), phone("203")
    portal.dialer.call("202", "201")
    other.wait_for_call()
    wait_until(lambda: len(exchange.channels()) == 4)
    own.transfer("203")
    arrived = third.wait_for_call()
    exchange.hang_up_all()
    assert arrived.number() == "201"


@pytest.mark.parametrize(("answer", "disposition"), [(486, "BUSY"), (480, "NO ANSWER")])
def test_a_call_that_nobody_took_is_recorded_as_such(exchange, phone, portal, answer, disposition):
    exchange.plan("202")
    exchange.plan("201")
    own = phone("202")
    phone("201", answer)
    portal.dialer.call("202", "201")
    own.wait_for_call()
    own.wait_until_hung_up()
    assert exchange.records()[0]["disposition"] == disposition


def test_all_telephones_ring_and_one_answers(exchange, phone, trunk, portal):
    exchange.plan("201", devices=("201", "201b"))
    first, second = phone("201", "ring"), phone("201b")
    portal.dialer.call("201", "600111222")
    second.wait_for_call()
    first.wait_until_cancelled()
    assert trunk.wait_for_call().number() == "201"


def test_the_subscribers_class_says_what_may_be_called(exchange, phone, trunk, portal):
    exchange.plan("202", call_class="internal")
    called = phone("202")
    portal.dialer.call("202", "600111222")
    called.wait_for_call()
    called.wait_until_hung_up()
    assert trunk.calls == []


def test_nothing_rings_where_no_telephone_can_be_reached(exchange, boxes, portal):
    exchange.plan("202")
    (msg_id,) = boxes["202"].leave(1)
    for begin in (
        lambda: portal.dialer.call("202", "201"),
        lambda: portal.dialer.play_message("202", BOX, msg_id),
        lambda: portal.dialer.record_greeting("202", BOX, Greeting.BUSY),
    ):
        began = time.monotonic()
        with pytest.raises(NotFound):
            begin()
        assert time.monotonic() - began < 1 + SLACK
    assert exchange.records(0) == []


def test_a_message_that_is_gone_is_not_played(exchange, phone, boxes, portal):
    exchange.plan("202")
    called = phone("202")
    with pytest.raises(NotFound):
        portal.dialer.play_message("202", BOX, "1763870009-00000009")
    assert called.calls == []


@pytest.mark.parametrize(
    "number", ["600,System(id)", "", "*97", "201@webfon-users", "2\r\nVariable: SHELL(id)=", "۶۰۰"]
)
def test_only_digits_are_called(exchange, phone, portal, number):
    exchange.plan("202")
    called = phone("202")
    with pytest.raises(PBXRejected):
        portal.dialer.call("202", number)
    with pytest.raises(PBXRejected):
        portal.dialer.call(number, "201")
    with pytest.raises((PBXRejected, NotFound)):
        portal.dialer.play_message("202", BOX, number)
    assert called.calls == []


def test_without_its_secret_no_call_is_begun(asterisk):
    dialer = build(nodes=[node_options(asterisk) | {"calls_secret": ""}]).dialer
    with pytest.raises(PBXRejected, match="webfon-calls"):
        dialer.call("202", "201")
