"""Calls of every kind on a real Asterisk, as caller, called and forwarder find them afterwards."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from portal.pbx.cdr import CallRecords
from portal.pbx.cdr_import import import_file
from portal.pbx.models import CallEntry, CallRecord
from portal.pbx.types import VOICEMAIL, Call, CallKind, CallResult, CallSearch
from tests.asterisk.exchange import wait_until

pytestmark = [pytest.mark.asterisk, pytest.mark.django_db(databases=["default", "cdr"])]

LOG = CallRecords()
EVER = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass
class History:
    """What the portal shows of this test's calls."""

    exchange: object
    file: object

    def begin(self):
        if self.file.exists():
            import_file("one", self.file)
        CallRecord.objects.all().delete()
        CallEntry.objects.all().delete()
        return self

    def wait(self, legs):
        """Until so many legs are read."""
        self.exchange.records(legs)
        wait_until(lambda: import_file("one", self.file) >= 0 and self.legs() >= legs)

    def legs(self):
        return CallRecord.objects.count()

    def of(self, subscriber) -> Call:
        """The subscriber's only call."""
        (call,) = LOG.page(subscriber).calls
        return call

    def says(self, subscriber):
        """Direction, result, whereto and why, in short."""
        call = self.of(subscriber)
        onward = (call.forwarded_to, call.reason) if call.result is CallResult.FORWARDED else ()
        return ("made" if call.outgoing else "received", call.other, str(call.result), *onward)

    def steps(self, subscriber):
        steps = LOG.steps(subscriber, self.of(subscriber).key)
        return [(step.number, str(step.result), step.reason) for step in steps]

    def kinds(self, subscriber):
        """The filters that show the subscriber's call."""
        return {
            str(kind)
            for kind in CallKind
            if kind is not CallKind.ALL and LOG.page(subscriber, CallSearch(kind=kind)).calls
        }


@pytest.fixture
def history(exchange, asterisk):
    return History(exchange, asterisk.cdr).begin()


def test_an_answered_call(phone, history):
    caller = phone("201")
    phone("202")
    caller.call("202", talk=1.2)
    history.wait(1)
    assert history.says("201") == ("made", "202", "answered")
    assert history.says("202") == ("received", "201", "answered")
    assert (history.kinds("201"), history.kinds("202")) == ({"made"}, {"received"})
    assert history.of("202").seconds == history.of("201").seconds == 1
    assert history.steps("201") == history.steps("202") == [("202", "answered", "")]


@pytest.mark.parametrize(("code", "result"), [(486, "busy"), (603, "busy"), (480, "missed")])
def test_a_call_that_was_not_taken(phone, history, code, result):
    caller = phone("201")
    phone("202", code)
    caller.call("202")
    history.wait(2)
    assert history.says("201") == ("made", "202", result)
    assert history.says("202") == ("received", "201", result)
    assert (history.kinds("201"), history.kinds("202")) == ({"made"}, {"missed"})
    assert [missed.call.other for missed in LOG.missed_to_return("202", EVER)] == ["201"]


def test_a_caller_who_gives_up(phone, history):
    caller = phone("201")
    phone("202", "ring")
    caller.call("202", hang_up_after=1.0)
    history.wait(1)
    assert history.says("201") == ("made", "202", "missed")
    assert history.says("202") == ("received", "201", "missed")


RULES = {
    "unconditional": ({"unconditional": "203"}, "answer", 1),
    "busy": ({"busy": "203"}, 486, 2),
    "noanswer": ({"no_answer": "203", "ring_seconds": 5}, "ring", 2),
    "unavailable": ({"not_connected": "203"}, None, 1),
    "dnd": ({"busy": "203", "do_not_disturb": True}, "answer", 1),
}


@pytest.mark.parametrize("rule", RULES)
def test_a_call_that_a_rule_sends_on(exchange, phone, history, rule):
    fields, behaviour, legs = RULES[rule]
    exchange.plan("202", **fields)
    caller = phone("201")
    if behaviour:
        phone("202", behaviour)
    phone("203")
    caller.call("202", talk=1.2)
    history.wait(legs)
    assert history.says("201") == ("made", "202", "answered")
    assert history.says("202") == ("received", "201", "forwarded", "203", rule)
    assert history.says("203") == ("received", "201", "answered")
    assert (history.kinds("202"), history.kinds("203")) == ({"forwarded"}, {"received"})
    assert history.of("202").seconds == 1
    assert history.steps("202")[-1] == ("203", "answered", rule)


def test_a_chain(exchange, phone, history):
    exchange.plan("202", busy="203")
    exchange.plan("203", busy="204")
    caller = phone("201")
    phone("202", 486)
    phone("203", 486)
    phone("204")
    caller.call("202", talk=1.2)
    history.wait(3)
    assert history.says("202") == ("received", "201", "forwarded", "203", "busy")
    assert history.says("203") == ("received", "201", "forwarded", "204", "busy")
    assert history.says("204") == ("received", "201", "answered")
    assert history.steps("201") == [
        ("202", "busy", ""),
        ("203", "busy", "busy"),
        ("204", "answered", "busy"),
    ]


def test_a_call_forwarded_to_outside_hides_the_number_from_the_caller(
    exchange, phone, trunk, history
):
    exchange.plan("202", unconditional="600123456")
    phone("201").call("202", talk=1.2)
    history.wait(1)
    assert history.says("202") == ("received", "201", "forwarded", "600123456", "unconditional")
    assert history.steps("202") == [("600123456", "answered", "unconditional")]
    assert history.steps("201") == [("", "answered", "unconditional")]
    assert history.says("201") == ("made", "202", "answered")
    assert trunk.calls


def test_a_forwarding_in_vain_is_missed(exchange, phone, history):
    exchange.plan("202", busy="203")
    caller = phone("201")
    phone("202", 486)
    phone("203", 486)
    caller.call("202")
    history.wait(3)
    assert history.says("202") == ("received", "201", "forwarded", "203", "busy")
    assert history.kinds("202") == {"missed", "forwarded"}
    assert history.says("203") == ("received", "201", "busy")
    assert history.says("201") == ("made", "202", "busy")


def test_a_message(exchange, phone, portal, history, boxes):
    exchange.plan("202", no_answer=VOICEMAIL)
    caller = phone("201")
    phone("202", 480)
    caller.call("202", talk=4)
    history.wait(2)
    assert history.says("201") == ("made", "202", "voicemail")
    assert history.says("202") == ("received", "201", "voicemail")
    assert history.kinds("202") == {"missed", "voicemail"}
    call = history.of("202")
    (message,) = portal.voicemail.messages(boxes["202"].name)
    after = (message.received_at - call.voicemail_at).total_seconds()
    assert -1 <= after <= call.seconds
    assert message.caller == call.other


def test_a_call_from_and_one_to_outside(phone, trunk, exchange, history):
    exchange.plan("202")
    phone("202")
    trunk.call("916000202", caller="+34600123123", talk=0.3)
    history.wait(1)
    assert history.says("202") == ("received", "600123123", "answered")


def test_a_withheld_number(phone, trunk, history):
    phone("202")
    trunk.call("916000202", caller="anonymous", talk=0.3)
    history.wait(1)
    assert history.says("202") == ("received", "", "answered")
    assert LOG.page("anonymous").calls == ()


def test_a_transferred_call(phone, history):
    caller, middle, other = phone("201"), phone("202"), phone("203")
    with caller.in_call("202"):
        history.exchange.wait_until_talking()
        history.exchange.ami.events.clear()
        middle.transfer("203")
        other.wait_for_call()
        history.exchange.wait_until_talking()
    history.wait(2)
    assert history.says("201") == ("made", "202", "answered")
    assert history.says("202") == ("received", "201", "answered")
    assert history.says("203") == ("received", "201", "answered")
    assert history.steps("203") == [("202", "answered", ""), ("203", "answered", "")]


def test_a_call_that_a_queue_gave_to_a_member(phone, history):
    caller, called = phone("201"), phone("202")
    with caller.in_call("700"):
        called.wait_for_call()
        history.exchange.wait_until_talking()
    history.wait(2)
    assert history.says("201") == ("made", "700", "answered")
    assert history.says("202") == ("received", "201", "answered")
    assert history.of("202").called == "700"


def test_a_queue_that_nobody_took_the_call_of(phone, history):
    caller, called = phone("201"), phone("202", 486)
    with caller.in_call("700"):
        called.wait_for_call()
    history.wait(2)
    assert history.says("201") == ("made", "700", "missed")
    assert history.says("202")[:2] == ("received", "201")
    assert history.kinds("202") == {"missed"}


def test_a_call_begun_in_the_portal(exchange, phone, portal, history):
    exchange.plan("201")
    phone("201")
    called = phone("202")
    linkedid = portal.dialer.call("201", "202")
    called.wait_for_call()
    exchange.wait_until_talking()
    exchange.hang_up_all()
    history.wait(1)
    assert history.says("201") == ("made", "202", "answered")
    assert history.says("202") == ("received", "201", "answered")
    assert history.of("201").linkedid == linkedid
