"""Legs of calls merged into one, seen from each subscriber that had to do with it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections

from portal.pbx.cdr import CallRecords
from portal.pbx.cdr.entries import save
from portal.pbx.models import CallEntry, CallRecord, ImportPosition, NodePlan
from portal.pbx.types import VOICEMAIL, CallResult

pytestmark = pytest.mark.django_db(databases=["default", "cdr"])

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def leg():
    """Writes one leg; legs of one call share ``call``, and begin ten seconds apart."""
    sequence = iter(range(10_000))

    def write(call, dst, disposition="ANSWERED", *, src="202", talked=0.0, at=START, **fields):
        number = next(sequence)
        started = at + timedelta(seconds=10 * number)
        answered = disposition == "ANSWERED"
        fields = {"dialed": "", "lastapp": "Dial", "dstchannel": f"PJSIP/{dst}-1"} | fields
        record = CallRecord(
            node=fields.pop("node", "centralita"),
            uniqueid=call,
            linkedid=call,
            sequence=number,
            started=started,
            answered=started if answered else None,
            ended=started + timedelta(seconds=talked),
            src=src,
            dst=dst,
            clid=fields.pop("clid", f'"Nombre" <{src}>'),
            billsec=talked,
            duration=talked,
            disposition=disposition,
            **fields,
        )
        save([record])

    return write


def only(subscriber):
    """The one call that the subscriber has."""
    (call,) = CallRecords().calls(subscriber, limit=10)
    return call


def missed(subscriber):
    return CallRecords().calls(subscriber, limit=10, missed_only=True)


def test_the_caller_made_the_call_and_the_called_received_it(leg):
    leg("1.1", "201", talked=61.6, dialed="201", clid='"Bruno" <202>')
    made, received = only("202"), only("201")
    assert (made.outgoing, made.called, made.result) == (True, "201", CallResult.ANSWERED)
    assert (received.outgoing, received.caller, received.caller_name) == (False, "202", "Bruno")
    assert received.seconds == made.seconds == 62
    assert received.started_at == START


def test_others_see_nothing_of_it(leg):
    leg("1.1", "201", dialed="201")
    assert CallRecords().calls("203", limit=10) == ()
    assert CallRecords().calls("", limit=10) == ()
    assert CallRecords().calls("20", limit=10) == ()


def test_an_unanswered_call_with_its_hangup_is_one_missed_call(leg):
    leg("1.1", "201", "NO ANSWER", dialed="201")
    leg("1.1", "201", "NO ANSWER", dialed="201", lastapp="Hangup", dstchannel="")
    assert only("201").result is CallResult.MISSED
    assert len(missed("201")) == 1
    assert missed("202") == ()


def test_a_declined_call_is_busy_by_its_hangup(leg):
    leg("1.1", "201", "NO ANSWER", dialed="201")
    leg("1.1", "201", "BUSY", dialed="201", lastapp="Hangup", dstchannel="")
    assert only("201").result is CallResult.BUSY
    assert only("202").result is CallResult.BUSY


def test_a_call_that_nothing_rang_for_failed(leg):
    leg("1.1", "600123123", "NO ANSWER", dialed="600123123", lastapp="Hangup", dstchannel="")
    assert only("202").result is CallResult.FAILED


def test_a_message_is_voicemail_for_both_and_missed_for_the_called(leg):
    leg("1.1", "201", "NO ANSWER", dialed="201")
    leg(
        "1.1", "201", lastapp="VoiceMail", dstchannel="", talked=12,
        dialed="201", diverter="201", divreason="noanswer",
    )  # fmt: skip
    received = only("201")
    assert (received.result, received.forwarded_to) == (CallResult.VOICEMAIL, VOICEMAIL)
    assert (received.reason, received.seconds) == ("noanswer", 12)
    assert only("202").result is CallResult.VOICEMAIL
    assert missed("201") == (received,)


def test_a_forwarded_call_is_forwarded_for_one_and_answered_for_the_other(leg):
    leg("1.1", "201", "BUSY", dialed="201")
    leg("1.1", "203", talked=30, dialed="201", diverter="201", divreason="busy")
    first, second = only("201"), only("203")
    assert (first.result, first.forwarded_to) == (CallResult.FORWARDED, "203")
    assert (first.reason, first.seconds) == ("busy", 30)
    assert (second.result, second.called, second.seconds) == (CallResult.ANSWERED, "201", 30)
    assert missed("201") == ()


def test_an_unconditional_forwarding_leaves_one_leg_that_both_see(leg):
    leg(
        "1.1", "600123123", dialed="201", diverter="201", divreason="unconditional", talked=5
    )  # fmt: skip
    assert only("201").forwarded_to == "600123123"
    assert only("201").reason == "unconditional"


def test_a_forwarded_call_that_nobody_answered_is_missed(leg):
    leg("1.1", "201", "NO ANSWER", dialed="201")
    leg("1.1", "203", "NO ANSWER", dialed="201", diverter="201", divreason="noanswer")
    assert [call.result for call in missed("201")] == [CallResult.FORWARDED]
    assert [call.result for call in missed("203")] == [CallResult.MISSED]


def test_a_message_in_the_mailbox_of_the_next_is_nobodys_answer(leg):
    leg("1.1", "201", "NO ANSWER", dialed="201")
    leg(
        "1.1", "203", lastapp="VoiceMail", dstchannel="", talked=9,
        dialed="201", diverter="203", divreason="unconditional",
    )  # fmt: skip
    assert (only("201").result, only("201").forwarded_to) == (CallResult.FORWARDED, "203")
    assert only("203").result is CallResult.VOICEMAIL
    assert len(missed("201")) == 1


def test_whoever_sent_the_call_on_without_ringing_sees_it_too(leg):
    leg("1.1", "204", dialed="201", diverter="203", divreason="unconditional", talked=5)
    assert (only("203").result, only("203").forwarded_to) == (CallResult.FORWARDED, "204")
    assert (only("201").result, only("201").forwarded_to) == (CallResult.FORWARDED, "203")
    assert only("201").reason == ""


@pytest.mark.parametrize("src", ["", "anonymous", "Unknown", "sip:x@y"])
def test_a_withheld_number_is_empty(leg, src):
    leg("1.1", "201", src=src, dialed="201", clid="")
    assert (only("201").caller, only("201").caller_name) == ("", "")


def test_a_number_stands_as_it_would_be_dialled(leg):
    leg("1.1", "201", src="+34600123123", dialed="201")
    assert only("201").caller == "600123123"


def test_calls_of_two_nodes_with_the_same_identity_stay_apart(leg):
    leg("1.1", "201", src="202", node="madrid", dialed="201")
    leg("1.1", "201", src="203", node="reserva", dialed="201")
    assert {call.caller for call in CallRecords().calls("201", limit=10)} == {"202", "203"}


def test_the_newest_come_first_and_no_more_than_asked(leg):
    for n in range(30):
        leg(f"1.{n}", "201", dialed="201", at=START + timedelta(hours=n))
    found = CallRecords().calls("201", limit=7)
    assert [call.linkedid for call in found] == [f"1.{n}" for n in range(29, 22, -1)]
    assert len(CallRecords().calls("201", limit=100)) == 30
    assert CallRecords().calls("201", limit=0) == ()


def test_calls_of_many_legs_do_not_push_others_out(leg):
    for n in range(3):
        leg(f"1.{n}", "201", src="203", dialed="201", at=START + timedelta(hours=n))
    for _n in range(40):
        leg("2.0", "201", "NO ANSWER", dialed="201", at=START + timedelta(hours=9))
    found = CallRecords().calls("201", limit=3)
    assert [call.linkedid for call in found] == ["2.0", "1.2", "1.1"]


def test_older_calls_made_do_not_hide_newer_ones_received(leg):
    for n in range(4):
        leg(f"1.{n}", "203", src="201", dialed="203", at=START + timedelta(hours=n))
    leg("2.0", "201", dialed="201", at=START + timedelta(hours=8))
    for _n in range(40):
        leg("3.0", "201", "NO ANSWER", dialed="201", at=START + timedelta(hours=9))
    found = CallRecords().calls("201", limit=2)
    assert [call.linkedid for call in found] == ["3.0", "2.0"]


def test_a_missed_call_is_found_behind_many_answered_ones(leg):
    leg("0.1", "201", "NO ANSWER", dialed="201")
    for n in range(60):
        leg(f"1.{n}", "201", dialed="201", at=START + timedelta(hours=1 + n))
    assert [call.linkedid for call in CallRecords().calls("201", limit=1, missed_only=True)] == [
        "0.1"
    ]


def test_call_records_live_in_their_own_database():
    tables = {alias: connections[alias].introspection.table_names() for alias in connections}
    own = {model._meta.db_table for model in (CallRecord, CallEntry, ImportPosition)}
    assert own <= set(tables["cdr"])
    assert not own & set(tables["default"])
    assert NodePlan._meta.db_table in tables["default"]
    assert NodePlan._meta.db_table not in tables["cdr"]
    assert "portal_subscriber" not in tables["cdr"]
