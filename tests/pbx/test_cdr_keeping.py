"""What the link does for the call records besides reading files."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections
from django.utils import timezone

from portal.models import NewsItem
from portal.pbx import cdr_import
from portal.pbx.cdr import CallRecords, keeping
from portal.pbx.cdr.entries import entries, save
from portal.pbx.cdr_import import import_file
from portal.pbx.models import CallEntry, CallRecord
from portal.pbx.types import CallResult

pytestmark = pytest.mark.django_db(databases=["default", "cdr"])

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LOG = CallRecords()


def leg(number, *, at=START, call="", **fields):
    """A leg that nobody saved; 202 calls 201."""
    fields = {"node": "madrid", "src": "202", "dst": "201", "dialed": "201"} | fields
    fields = {"disposition": "NO ANSWER", "lastapp": "Dial", "dstchannel": "PJSIP/201-1"} | fields
    return CallRecord(
        uniqueid=f"1.{number}",
        linkedid=call or f"1.{number}",
        sequence=number,
        started=at,
        ended=at,
        **fields,
    )


def results(subscriber):
    return [call.result for call in LOG.calls(subscriber, limit=100)]


def test_legs_that_others_wrote_are_merged():
    CallRecord.objects.bulk_create([leg(1), leg(2, disposition="ANSWERED")])
    assert results("201") == []
    assert keeping.follow() == 2
    assert sorted(results("201")) == ["answered", "missed"]
    assert keeping.follow() == 0


def test_of_many_legs_some_are_merged_at_a_time(monkeypatch):
    monkeypatch.setattr(keeping, "BATCH", 10)
    monkeypatch.setattr(keeping, "AT_MOST_SECONDS", -1)
    CallRecord.objects.bulk_create([leg(n, at=START + timedelta(hours=n)) for n in range(25)])
    assert keeping.follow() == 10
    newest = {call.linkedid for call in LOG.calls("201", limit=100)}
    assert newest == {f"1.{n}" for n in range(15, 25)}
    assert [keeping.follow(), keeping.follow(), keeping.follow()] == [10, 5, 0]
    assert len(results("201")) == 25


def test_a_late_leg_changes_the_call_and_not_its_key():
    save([leg(1, call="7")])
    (before,) = LOG.calls("201", limit=10)
    late = leg(2, call="7", at=START + timedelta(seconds=20), disposition="ANSWERED", billsec=30)
    CallRecord.objects.bulk_create([late])
    keeping.follow()
    (after,) = LOG.calls("201", limit=10)
    assert (before.result, after.result) == (CallResult.MISSED, CallResult.ANSWERED)
    assert (after.key, after.seconds) == (before.key, 30)
    assert LOG.call("201", before.key) == after


def test_a_late_first_leg_moves_the_call_to_its_begin():
    save([leg(2, call="7", at=START + timedelta(seconds=20))])
    (before,) = LOG.calls("201", limit=10)
    save([leg(1, call="7")])
    (after,) = LOG.calls("201", limit=10)
    assert after.started_at == START < before.started_at
    assert LOG.call("201", before.key) == after


def test_saving_again_changes_nothing():
    save([leg(1)])
    rows = list(CallEntry.objects.order_by("id").values())
    save([leg(1)])
    assert list(CallEntry.objects.order_by("id").values()) == rows


def test_whoever_has_to_do_with_a_recent_call_is_told(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(using="cdr", execute=True):
        save([leg(1, at=timezone.now(), diverter="203")])
    told = NewsItem.objects.filter(topic="historial").values_list("subscriber_number", flat=True)
    assert set(told) == {"201", "202", "203"}


def test_of_what_is_old_or_known_nobody_is_told(django_capture_on_commit_callbacks):
    recent = leg(2, at=timezone.now())
    save([recent])
    with django_capture_on_commit_callbacks(using="cdr", execute=True):
        save([leg(1)])
        save([recent])
    assert not NewsItem.objects.exists()


@pytest.mark.parametrize(
    "odd",
    [
        {"billsec": 1e300, "disposition": "ANSWERED"},
        {"billsec": -5.0, "disposition": "ANSWERED"},
        {"src": "9" * 80},
        {"src": "x" * 80, "clid": '"' + "n" * 150 + '" <x>'},
        {"dst": "d" * 80, "dialed": ""},
        {"diverter": "201", "dst": "6" * 80, "divreason": "r" * 20},
        {"src": "", "dst": "", "dialed": ""},
    ],
    ids=str,
)
def test_odd_legs_hold_nothing_up(odd):
    CallRecord.objects.bulk_create([leg(1, **odd), leg(2, call="other")])
    assert keeping.follow() == 2
    assert CallRecord.objects.filter(merged=None).count() == 0
    assert LOG.calls("201", limit=10)
    for call in LOG.calls("201", limit=10):
        assert LOG.steps("201", call.key)


@pytest.mark.parametrize("odd", [float("inf"), float("-inf"), float("nan")])
def test_no_length_is_too_odd_for_a_row(odd):
    legs = [leg(1, billsec=odd, disposition="ANSWERED")]
    assert {row.seconds for row in entries("madrid", legs)} <= {0, 2**31 - 1}


def test_only_numbers_that_may_be_subscribers_have_calls(settings):
    settings.SUBSCRIBER_PATTERN = "91600XXXX"
    legs = [leg(1, src="916001234", dst="600123123", dialed="*98")]
    assert [row.subscriber for row in entries("madrid", legs)] == ["916001234"]


def test_old_calls_are_forgotten_whole(settings):
    settings.CALLS_DAYS = 30
    now = timezone.now()
    edge = now - timedelta(days=30)
    save([leg(1, call="over", at=edge - timedelta(minutes=1))])
    save([leg(2, call="over", at=edge + timedelta(minutes=1))])
    save([leg(3, at=edge + timedelta(minutes=2)), leg(4, at=edge - timedelta(days=300))])
    assert keeping.forget_old() == 3
    assert set(CallRecord.objects.values_list("linkedid", flat=True)) == {"1.3"}
    assert set(CallEntry.objects.values_list("linkedid", flat=True)) == {"1.3"}


def test_nothing_is_forgotten_unless_asked(settings):
    settings.CALLS_DAYS = 0
    save([leg(1, at=START - timedelta(days=9000))])
    assert keeping.forget_old() == 0
    assert len(results("201")) == 1


def test_forgetting_goes_in_small_steps(settings, monkeypatch):
    settings.CALLS_DAYS = 30
    monkeypatch.setattr(keeping, "BATCH", 10)
    monkeypatch.setattr(keeping, "AT_MOST_SECONDS", -1)
    save([leg(n) for n in range(25)])
    assert [keeping.forget_old() for _ in range(4)] == [10, 10, 5, 0]


@pytest.mark.parametrize("rows", ["unmerged", "old"])
def test_what_is_to_do_is_found_by_an_index(rows):
    save([leg(n) for n in range(100)])
    connection = connections["cdr"]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
    asked = {
        "unmerged": keeping.unmerged()[:10],
        "old": CallRecord.objects.filter(started__lt=START).order_by("started")[:10],
    }[rows]
    assert {"unmerged": "call_unmerged", "old": "call_started"}[rows] in asked.explain()


LINE = (
    '"1.{n}",{n},"1.{n}",{at:f},0.0,{at:f},"x","202","201","201","","","PJSIP/202-1",'
    '"PJSIP/201-1","Dial",0.0,0.0,"NO ANSWER",""\n'
)


def test_what_another_writer_may_still_write_is_left_to_it(settings, tmp_path):
    settings.CALLS_IMPORT_AFTER = 60
    now = timezone.now().timestamp()
    file = tmp_path / "webfon.csv"
    lines = [LINE.format(n=n, at=now - ago) for n, ago in enumerate((90, 70, 30, 80))]
    file.write_text(lines[0] + "broken\n" + "".join(lines[1:]))
    assert import_file("madrid", file) == 2
    assert import_file("madrid", file) == 0
    settings.CALLS_IMPORT_AFTER = 20
    assert import_file("madrid", file) == 2


def test_a_large_file_does_not_hold_up_the_link(settings, tmp_path, monkeypatch):
    monkeypatch.setattr(cdr_import, "CHUNK_BYTES", 600)
    monkeypatch.setattr(cdr_import, "AT_MOST_SECONDS", -1)
    file = tmp_path / "webfon.csv"
    file.write_text("".join(LINE.format(n=n, at=1772442000 + n) for n in range(30)))
    settings.PBX = {"BACKEND": "", "OPTIONS": {"nodes": [{"name": "m", "cdr_csv": str(file)}]}}
    counts = [cdr_import.import_new() for _ in range(40)]
    assert max(counts) < 10
    assert sum(counts) == 30
