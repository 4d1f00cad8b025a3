"""Calls that the portal begins, simulated: their course and their records."""

import threading
import time

import pytest
from django.core.management import call_command

from portal.pbx.models import CallRecord
from portal.pbx.simulated.backend import build, build_nodes, spool_of
from portal.pbx.simulated.dialer import ANSWERED_SECONDS, UNANSWERED_SECONDS
from portal.pbx.spool import Spool
from portal.pbx.types import CallState, ForwardingPlan, LineState, News

pytestmark = pytest.mark.django_db(databases=["default", "cdr"], transaction=True)

NODE, NOON = "centralita", 1_763_895_600.0
BEGUN = [CallState.OWN, CallState.CALLING, CallState.RINGING]


class Clock:
    """Stands still until it is moved."""

    def __init__(self):
        self.now = NOON

    def __call__(self):
        return self.now


class System:
    """A telephone system whose clock the test moves."""

    def __init__(self, folder):
        self.clock, self.folder = Clock(), folder
        self.pbx = build(folder)
        self.node = self.pbx.dialer.nodes[NODE]
        self.node.calls.clock = self.clock
        plans = [
            ForwardingPlan(
                subscriber=n, devices=(n,), mailbox=f"{n}@default", call_class="all", **rules
            )
            for n, rules in {"201": {}, "202": {}, "203": {"no_answer": "vm"}}.items()
        ]
        self.pbx.forwarding.write_classes(NODE, {"all": "^[0-9]{3,15}$"})
        self.pbx.forwarding.write(NODE, plans)
        self.told = {}

    def after(self, seconds):
        """What is told when the link looks at a moment after noon."""
        self.clock.now = NOON + seconds
        return [event.state for event in self.pbx.monitor._calls(self.node, self.told)]

    def until_over(self):
        return self.after(3600)


@pytest.fixture
def system(tmp_path):
    return System(tmp_path)


def records(linkedid):
    return list(CallRecord.objects.filter(linkedid=linkedid).order_by("sequence"))


def test_the_own_telephone_rings_then_the_other_and_the_call_is_recorded_when_it_is_over(system):
    linkedid = system.pbx.dialer.call("201", "202")
    assert system.after(ANSWERED_SECONDS - 0.1) == []
    assert system.after(ANSWERED_SECONDS + 0.1) == [CallState.CALLING, CallState.RINGING]
    assert system.after(ANSWERED_SECONDS + 9.1) == [CallState.ANSWERED]
    assert records(linkedid) == []
    assert system.until_over() == [CallState.OVER]
    (record,) = records(linkedid)
    assert (record.src, record.dst, record.disposition) == ("201", "202", "ANSWERED")
    assert record.started.timestamp() == pytest.approx(NOON + ANSWERED_SECONDS)
    assert system.until_over() == []
    assert system.node.telephones.notes() == [
        {"what": "call", "subscriber": "201", "number": "202"}
    ]


def test_whoever_hangs_up_ends_it_then(system):
    linkedid = system.pbx.dialer.call("201", "202")
    system.after(20)
    system.pbx.dialer.hang_up(linkedid)
    assert system.after(25) == [CallState.OVER]
    (record,) = records(linkedid)
    assert record.ended.timestamp() == pytest.approx(NOON + 20)
    assert 0 < record.billsec < 20


def test_hanging_up_while_it_rings_is_no_conversation(system):
    linkedid = system.pbx.dialer.call("201", "202")
    system.after(ANSWERED_SECONDS + 0.5)
    system.pbx.dialer.hang_up(linkedid)
    assert system.after(25) == [CallState.CANCELLED]
    (record,) = records(linkedid)
    assert (record.disposition, record.billsec, record.answered) == ("NO ANSWER", 0, None)


@pytest.mark.parametrize(
    ("manner", "ending"),
    [
        (LineState.BUSY, CallState.BUSY),
        (LineState.NO_ANSWER, CallState.NO_ANSWER),
        (LineState.NOT_CONNECTED, CallState.OFFLINE),
    ],
)
def test_the_other_does_as_the_test_says(system, manner, ending):
    system.node.telephones.behave("202", manner)
    linkedid = system.pbx.dialer.call("201", "202")
    assert system.until_over()[-1] == ending
    assert {record.disposition for record in records(linkedid)} != {"ANSWERED"}


def test_a_mailbox_takes_the_message(system):
    system.node.telephones.behave("203", LineState.NO_ANSWER)
    system.pbx.dialer.call("201", "203")
    assert system.until_over()[-2:] == [CallState.VOICEMAIL, CallState.OVER]
    (message,) = Spool(spool_of(system.folder)).messages("203@default")
    assert message.caller == "201"


@pytest.mark.parametrize(
    ("manner", "seconds"),
    [(LineState.BUSY, ANSWERED_SECONDS), (LineState.NO_ANSWER, UNANSWERED_SECONDS)],
)
def test_nobody_takes_it_at_the_own_telephone(system, manner, seconds):
    system.node.telephones.behave("201", manner)
    linkedid = system.pbx.dialer.call("201", "202")
    assert system.after(seconds - 0.1) == []
    assert system.after(seconds + 0.1) == [CallState.OWN_UNANSWERED]
    assert records(linkedid) == []


def test_whoever_follows_may_be_another_process(system, tmp_path):
    system.node.calls.clock = time.time
    linkedid = system.pbx.dialer.call("201", "202")
    other = build(tmp_path)
    stop, heard = threading.Event(), []
    build_nodes(tmp_path)[NODE].calls.hang_up(linkedid)
    for event in other.monitor.watch(NODE, stop):
        if event.news is News.CALL:
            heard.append(event.state)
            stop.set()
    assert heard == [CallState.OWN_UNANSWERED]


def test_a_command_says_what_a_number_does(settings, tmp_path, system):
    settings.PBX = {"OPTIONS": {"path": tmp_path}}
    call_command("demo_telephone", "202", "busy")
    system.pbx.dialer.call("201", "202")
    assert system.until_over()[-1] == CallState.BUSY
