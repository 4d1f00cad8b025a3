"""Click to call: the own telephone rings, then the other, and the portal hears how it goes."""

import threading
import time

import pytest

from portal.pbx.begun import new_linkedid
from portal.pbx.errors import NotFound
from portal.pbx.types import CallState, News
from tests.asterisk.exchange import wait_until
from tests.asterisk.phone import RING

pytestmark = [pytest.mark.asterisk, pytest.mark.usefixtures("silence_afterwards")]

CALLING, RINGING, ANSWERED = CallState.CALLING, CallState.RINGING, CallState.ANSWERED
OVER, CANCELLED, VOICEMAIL = CallState.OVER, CallState.CANCELLED, CallState.VOICEMAIL


class Followed:
    """The calls of a subscriber and what the link hears of them."""

    def __init__(self, portal, stop):
        self.portal, self.heard, self.is_up = portal, [], threading.Event()
        self.thread = threading.Thread(target=self._watch, args=(stop,), daemon=True)
        self.thread.start()
        assert self.is_up.wait(5)

    def _watch(self, stop):
        for event in self.portal.monitor.watch("node0", stop):
            if event.news is News.UP:
                self.is_up.set()
            elif event.news is News.CALL:
                self.heard.append(event)

    def call(self, number, subscriber="202", **fields):
        return self.portal.dialer.call(subscriber, number, **fields)

    def states(self, linkedid):
        """What was heard, each state once."""
        return list(dict.fromkeys(e.state for e in self.heard if e.subject == linkedid))

    def wait(self, linkedid, state, seconds=5.0):
        wait_until(lambda: state in self.states(linkedid), seconds)
        return self.states(linkedid)


@pytest.fixture
def followed(exchange, portal):
    exchange.plan("202", display_name="Berta Gil")
    exchange.plan("201", display_name="Ana Ruiz", mailbox="")
    stop = threading.Event()
    followed = Followed(portal, stop)
    yield followed
    stop.set()
    followed.thread.join(2)


def test_the_own_telephone_rings_first_then_the_other_and_both_show_names(
    exchange, phone, followed
):
    own, other = phone("202", RING), phone("201", RING)
    linkedid = followed.call("201", name='Ana "Jefa" <Ruiz>')
    shown = own.wait_for_call()
    assert (shown.display(), shown.number()) == ("Ana Jefa Ruiz", "201")
    time.sleep(0.3)
    assert other.calls == []
    assert followed.states(linkedid) == []  # nothing but the own telephone rings
    own.accept()
    arrived = other.wait_for_call()
    assert (arrived.display(), arrived.number()) == ("Berta Gil", "202")
    assert followed.wait(linkedid, RINGING) == [CALLING, RINGING]
    other.accept()
    assert followed.wait(linkedid, ANSWERED) == [CALLING, RINGING, ANSWERED]
    own.hang_up()
    assert followed.wait(linkedid, OVER)[-1] == OVER
    (record,) = exchange.records()
    wanted = {"linkedid": linkedid, "uniqueid": linkedid, "src": "202", "dst": "201"}
    assert {key: record[key] for key in wanted} == wanted
    assert (record["dialed"], record["disposition"]) == ("201", "ANSWERED")


def test_a_call_has_the_id_that_the_portal_gave_it(phone, followed):
    phone("202", 486)
    given = new_linkedid()
    assert followed.call("201", linkedid=given) == given
    assert followed.wait(given, CallState.OWN_UNANSWERED) == [CallState.OWN_UNANSWERED]


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (486, CallState.BUSY),
        (603, CallState.BUSY),
        (480, CallState.NO_ANSWER),
    ],
)
def test_how_the_other_telephone_did_not_answer(phone, followed, answer, state):
    phone("202")
    phone("201", answer)
    linkedid = followed.call("201")
    assert followed.wait(linkedid, state)[-1] == state
    assert OVER not in followed.states(linkedid)


def test_nobody_answers_in_time(exchange, phone, followed):
    exchange.plan("201", ring_seconds=5, mailbox="")
    phone("202")
    phone("201", RING)
    linkedid = followed.call("201")
    ending = CallState.NO_ANSWER
    assert followed.wait(linkedid, ending, 8) == [CALLING, RINGING, ending]


def test_who_is_at_no_telephone_is_offline(phone, followed):
    phone("202")
    linkedid = followed.call("201")
    assert followed.wait(linkedid, CallState.OFFLINE) == [CALLING, CallState.OFFLINE]


def test_a_mailbox_answers_in_place_of_somebody(exchange, phone, followed):
    exchange.plan("201", not_connected="vm")
    own = phone("202")
    linkedid = followed.call("201")
    assert followed.wait(linkedid, VOICEMAIL) == [CALLING, VOICEMAIL]
    own.hang_up()
    assert followed.wait(linkedid, OVER) == [CALLING, VOICEMAIL, OVER]


def test_whoever_the_call_is_sent_on_to_answers(exchange, phone, trunk, followed):
    exchange.plan("201", busy="600111222")
    phone("202")
    phone("201", 486)
    linkedid = followed.call("201")
    assert followed.wait(linkedid, ANSWERED)[-1] == ANSWERED
    assert trunk.wait_for_call().uri_number == "600111222"


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ("answer", ANSWERED),
        (486, CallState.BUSY),
        (603, CallState.BUSY),
        (404, CallState.FAILED),
        (480, CallState.NO_ANSWER),
    ],
)
def test_a_number_outside(phone, trunk, followed, answer, state):
    trunk.behaviour = answer
    phone("202")
    linkedid = followed.call("600111222")
    assert followed.wait(linkedid, state)[-1] == state


def test_a_number_that_the_category_forbids_is_refused_and_an_emergency_is_not(
    exchange, phone, trunk, followed
):
    exchange.plan("202", call_class="internal")
    own = phone("202")
    linkedid = followed.call("600111222")
    assert followed.wait(linkedid, CallState.REFUSED) == [CALLING, CallState.REFUSED]
    own.wait_until_hung_up()
    assert trunk.calls == []
    emergency = followed.call("112")
    assert trunk.wait_for_call().number() == "202"
    assert followed.wait(emergency, ANSWERED)[-1] == ANSWERED


def test_the_own_telephone_is_not_registered(followed):
    with pytest.raises(NotFound):
        followed.call("201")


def test_the_subscriber_hangs_up_before_anybody_answers(phone, followed):
    own, other = phone("202"), phone("201", RING)
    linkedid = followed.call("201")
    other.wait_for_call()
    own.hang_up()
    assert followed.wait(linkedid, CANCELLED)[-1] == CANCELLED
    other.wait_until_cancelled()


def test_the_portal_hangs_up_while_the_own_telephone_rings(exchange, phone, followed):
    own, other = phone("202", RING), phone("201")
    linkedid = followed.call("201")
    own.wait_for_call()
    followed.portal.dialer.hang_up(linkedid)
    own.wait_until_cancelled()
    assert followed.wait(linkedid, CallState.OWN_UNANSWERED) == [CallState.OWN_UNANSWERED]
    assert other.calls == []
    assert exchange.records(0) == []


def test_the_portal_hangs_up_while_the_other_telephone_rings(phone, followed):
    own, other = phone("202"), phone("201", RING)
    linkedid = followed.call("201")
    other.wait_for_call()
    followed.portal.dialer.hang_up(linkedid)
    other.wait_until_cancelled()
    own.wait_until_hung_up()
    assert followed.wait(linkedid, CANCELLED)[-1] == CANCELLED


def test_the_portal_hangs_up_a_conversation_and_once_more(phone, followed):
    own, other = phone("202"), phone("201")
    linkedid = followed.call("201")
    followed.wait(linkedid, ANSWERED)
    followed.portal.dialer.hang_up(linkedid)
    own.wait_until_hung_up()
    other.wait_until_hung_up()
    assert followed.wait(linkedid, OVER)[-1] == OVER
    followed.portal.dialer.hang_up(linkedid)


def test_a_call_that_somebody_dialled_is_not_told(exchange, phone, followed):
    phone("202")
    other = phone("201")
    assert phone("203").call("201", talk=0.1).code == 200
    other.wait_until_hung_up()
    linkedid = followed.call("201")  # and what is heard comes in order
    followed.wait(linkedid, ANSWERED)
    assert {event.subject for event in followed.heard} == {linkedid}
