"""The call log on the records that a real Asterisk writes for real calls."""

import pytest

from portal.pbx.cdr import CallRecords
from portal.pbx.cdr_import import import_file
from portal.pbx.models import CallEntry, CallRecord
from portal.pbx.types import VOICEMAIL, CallResult

pytestmark = [pytest.mark.asterisk, pytest.mark.django_db(databases=["default", "cdr"])]


@pytest.fixture
def call_log(exchange, asterisk):
    """Reads one subscriber's only call, once its legs are recorded."""
    if asterisk.cdr.exists():
        import_file("one", asterisk.cdr)
    CallRecord.objects.all().delete()
    CallEntry.objects.all().delete()

    def read(subscriber, *, legs):
        exchange.records(legs)
        import_file("one", asterisk.cdr)
        (call,) = CallRecords().calls(subscriber, limit=10)
        return call

    return read


def test_an_answered_call_is_made_by_one_and_received_by_the_other(exchange, phone, call_log):
    exchange.plan("201", display_name="Ana")
    caller = phone("201")
    phone("202")
    assert caller.call("202", talk=1.2).code == 200
    made, received = call_log("201", legs=1), call_log("202", legs=1)
    assert (made.outgoing, made.result, made.called) == (True, CallResult.ANSWERED, "202")
    assert (received.outgoing, received.result) == (False, CallResult.ANSWERED)
    assert (received.caller, received.caller_name, received.seconds) == ("201", "Ana", 1)


def test_a_call_that_was_not_answered_is_missed(phone, call_log):
    caller = phone("201")
    phone("202", 480)
    caller.call("202")
    assert call_log("202", legs=2).result is CallResult.MISSED
    assert call_log("201", legs=2).result is CallResult.MISSED


@pytest.mark.parametrize("code", [486, 603])
def test_a_busy_or_declined_call_is_busy_for_both(phone, call_log, code):
    caller = phone("201")
    phone("202", code)
    caller.call("202")
    assert call_log("202", legs=2).result is CallResult.BUSY
    assert call_log("201", legs=2).result is CallResult.BUSY


def test_a_call_to_somebody_not_connected_is_missed_there_and_failed_here(phone, call_log):
    phone("201").call("202")
    assert call_log("202", legs=1).result is CallResult.MISSED
    assert call_log("201", legs=1).result is CallResult.FAILED


def test_a_number_that_the_class_forbids_is_a_failed_call(exchange, phone, call_log):
    exchange.plan("201", call_class="internal")
    phone("201").call("600123123")
    call = call_log("201", legs=1)
    assert (call.result, call.called) == (CallResult.FAILED, "600123123")


def test_a_forwarded_call_says_whereto_and_why(exchange, phone, call_log):
    exchange.plan("202", busy="203")
    caller = phone("201")
    phone("202", 486)
    phone("203")
    assert caller.call("202", talk=1.2).code == 200
    at_first, at_second, made = (call_log(number, legs=2) for number in ("202", "203", "201"))
    assert (at_first.result, at_first.forwarded_to) == (CallResult.FORWARDED, "203")
    assert (at_first.reason, at_first.seconds) == ("busy", 1)
    assert (at_second.result, at_second.called) == (CallResult.ANSWERED, "202")
    assert made.result is CallResult.ANSWERED


def test_a_message_counts_as_voicemail_and_as_missed(exchange, phone, call_log):
    exchange.plan("202", unconditional=VOICEMAIL)
    phone("201").call("202", talk=2)
    call = call_log("202", legs=1)
    assert (call.result, call.forwarded_to) == (CallResult.VOICEMAIL, VOICEMAIL)
    assert call.reason == "unconditional"
    assert call_log("201", legs=1).result is CallResult.VOICEMAIL
    assert len(CallRecords().calls("202", limit=10, missed_only=True)) == 1
