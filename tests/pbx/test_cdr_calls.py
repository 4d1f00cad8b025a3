"""What is to be returned, the steps of a call, and the summary."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from portal.pbx.cdr import CallRecords
from portal.pbx.cdr.entries import save
from portal.pbx.models import CallRecord
from portal.pbx.types import CallResult, Count

pytestmark = pytest.mark.django_db(databases=["default", "cdr"])

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LOG = CallRecords()
MISSED, ANSWERED = "NO ANSWER", "ANSWERED"


@pytest.fixture
def leg():
    """Writes one leg that began so many seconds after ``START``."""
    sequence = iter(range(10_000))

    def write(at, src, dst, disposition=ANSWERED, call="", **fields):
        number = next(sequence)
        started = START + timedelta(seconds=at)
        fields = {"dialed": dst, "lastapp": "Dial", "dstchannel": f"PJSIP/{dst}-1"} | fields
        talked = fields.pop("talked", 9 if disposition == ANSWERED else 0)
        record = CallRecord(
            node="madrid", uniqueid=f"1.{number}", linkedid=call or f"1.{number}", sequence=number,
            started=started, ended=started, src=src, dst=dst, disposition=disposition,
            billsec=talked, duration=talked + 3, **fields,
        )  # fmt: skip
        save([record])
        return record

    return write


def to_return(since=START):
    return [(m.call.other, m.times) for m in LOG.missed_to_return("201", since)]


def test_the_latest_missed_call_of_each_number_is_to_be_returned(leg):
    leg(1, "202", "201", MISSED)
    leg(2, "600123123", "201", "BUSY")
    leg(3, "202", "201", MISSED)
    assert to_return() == [("202", 2), ("600123123", 1)]
    first = LOG.missed_to_return("201", START)[0]
    assert first.call.started_at == START + timedelta(seconds=3)
    assert LOG.call("201", first.call.key) == first.call


def test_whoever_was_spoken_with_since_is_not_to_be_called(leg):
    for number in ("202", "203", "204"):
        leg(1, number, "201", MISSED)
    leg(5, "201", "202")
    leg(5, "203", "201")
    leg(5, "201", "204", MISSED)
    assert to_return() == [("204", 1)]
    leg(9, "202", "201", MISSED)
    assert to_return() == [("202", 1), ("204", 1)]


def test_a_number_is_the_same_with_and_without_its_prefix(leg):
    leg(1, "+34600123123", "201", MISSED)
    leg(2, "34600123123", "201", MISSED)
    assert to_return() == [("600123123", 2)]
    leg(3, "201", "0034600123123")
    assert to_return() == []


def test_withheld_and_older_calls_are_not_to_be_returned(leg):
    leg(1, "anonymous", "201", MISSED)
    leg(2, "202", "201", MISSED)
    assert to_return(START + timedelta(seconds=3)) == []
    assert to_return() == [("202", 1)]


def test_a_message_and_a_forwarding_in_vain_are_to_be_returned_too(leg):
    leg(1, "202", "201", lastapp="VoiceMail", diverter="201", divreason="noanswer")
    leg(2, "203", "204", MISSED, dialed="201", diverter="201", divreason="busy")
    leg(3, "600123123", "204", dialed="201", diverter="201", divreason="busy")
    assert to_return() == [("203", 1), ("202", 1)]


def test_the_steps_of_a_chain_say_who_rang_and_why(leg):
    leg(0, "201", "202", "BUSY", call="7")
    leg(5, "201", "203", MISSED, call="7", dialed="202", diverter="202", divreason="busy")
    leg(
        30, "201", "203", call="7", dialed="202", diverter="203", divreason="noanswer",
        lastapp="VoiceMail", dstchannel="", talked=12,
    )  # fmt: skip
    for subscriber in ("201", "202", "203"):
        (call,) = LOG.calls(subscriber, limit=5)
        steps = LOG.steps(subscriber, call.key)
        assert [(s.number, s.result, s.diverter, s.reason) for s in steps] == [
            ("202", CallResult.BUSY, "", ""),
            ("203", CallResult.MISSED, "202", "busy"),
            ("203", CallResult.VOICEMAIL, "203", "noanswer"),
        ]
        assert [(s.waited, s.seconds) for s in steps] == [(3, 0), (3, 0), (3, 12)]


def test_where_the_mailbox_took_a_call_is_known(leg):
    leg(0, "202", "201", MISSED, call="7")
    leg(20, "202", "201", call="7", lastapp="VoiceMail", dstchannel="", talked=12)
    (call,) = LOG.calls("201", limit=5)
    assert (call.voicemail_at, call.seconds) == (START + timedelta(seconds=20), 12)
    assert LOG.calls("202", limit=5)[0].voicemail_at is None


def test_a_number_outside_is_shown_to_whom_it_was_chosen_by_only(leg):
    leg(0, "201", "600123123", dialed="202", diverter="202", divreason="unconditional")
    shown = {}
    for subscriber in ("201", "202"):
        (call,) = LOG.calls(subscriber, limit=5)
        shown[subscriber] = [step.number for step in LOG.steps(subscriber, call.key)]
    assert shown == {"201": [""], "202": ["600123123"]}


def test_a_call_to_a_queue_is_answered_by_whoever_took_it(leg):
    queue = {"lastapp": "Queue", "dialed": "700"}
    local = "Local/{}@webfon-queue-0000000{};2"
    leg(0, "201", "700", call="7", talked=40, **queue)
    for n, number in enumerate(("202", "203")):
        disposition = ANSWERED if number == "203" else MISSED
        leg(2, "201", number, disposition, call="7", dialed="", channel=local.format(number, n))
    assert [c.result for c in LOG.calls("201", limit=5)] == [CallResult.ANSWERED]
    assert LOG.calls("201", limit=5)[0].seconds == 9
    assert [c.result for c in LOG.calls("202", limit=5)] == [CallResult.ELSEWHERE]
    (taken,) = LOG.calls("203", limit=5)
    assert (taken.result, taken.caller, taken.called) == (CallResult.ANSWERED, "201", "700")
    assert [s.queue for s in LOG.steps("203", taken.key)] == [True, False, False]


def test_a_call_that_nobody_in_the_queue_took_is_missed(leg):
    channel = "Local/202@webfon-queue-00000001;2"
    leg(0, "201", "700", call="7", talked=40, lastapp="Queue", dialed="700")
    leg(2, "201", "202", MISSED, call="7", dialed="", channel=channel)
    assert [c.result for c in LOG.calls("201", limit=5)] == [CallResult.MISSED]
    assert [c.result for c in LOG.calls("202", limit=5)] == [CallResult.MISSED]


ZONES = ["Europe/Madrid", "Asia/Kolkata", "Atlantic/Canary", "Asia/Kathmandu"]


@pytest.mark.parametrize("zone", ZONES)
def test_the_summary_counts_calls_received_by_local_day_and_hour(leg, zone):
    answered, missed = [0, 1200, 2500, 80_000], [3500, 80_001]
    for at in answered:
        leg(at, "202", "201")
    for at in (*missed, 400_000):
        leg(at, "202", "201", MISSED)
    leg(5, "201", "202")
    where = ZoneInfo(zone)
    summary = LOG.summary("201", START, START + timedelta(seconds=400_000), where)

    def counted(slot):
        slots = [
            Counter(slot((START + timedelta(seconds=at)).astimezone(where)) for at in moments)
            for moments in (answered, missed)
        ]
        return {each: Count(slots[0][each], slots[1][each]) for each in slots[0] | slots[1]}

    assert summary.days == counted(lambda local: local.date())
    assert summary.hours == counted(lambda local: (local.weekday(), local.hour))
    assert list(summary.days) == sorted(summary.days)
