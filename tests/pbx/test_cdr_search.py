"""Pages of a subscriber's calls: complete, in order, each call once, however the search goes."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from django.db import connections

from portal.pbx.cdr import CallRecords, search
from portal.pbx.cdr.places import Place
from portal.pbx.cdr.walks import MARKS, NEWEST
from portal.pbx.errors import NotFound
from portal.pbx.models import CallEntry
from portal.pbx.types import CallKind, CallSearch

pytestmark = pytest.mark.django_db(databases=["default", "cdr"])

LOG = CallRecords()
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
OTHERS = ["202", "203", "600123123", "600999999", "610111222", "916000000", "0033123456789", ""]
RESULTS = {1: "answered", 2: "missed", 3: "voicemail", 4: "forwarded", 5: "forwarded"} | {
    6: "answered",
    7: "busy",
    8: "elsewhere",
}
KINDS = {**search.KINDS, CallKind.ALL: tuple(CallEntry.Kind)}


@pytest.fixture
def rows():
    """Four hundred calls of 201, some in the same microsecond, and as many of 202."""
    chance = Random(5)
    made = [
        CallEntry(
            node="centralita",
            linkedid=f"{number}.{subscriber}",
            subscriber=subscriber,
            started=START + timedelta(minutes=number // 3),
            kind=(kind := chance.choice(CallEntry.Kind.values)),
            result=RESULTS[kind],
            other=chance.choice(OTHERS),
        )
        for number in range(400)
        for subscriber in ("201", "202")
    ]
    CallEntry.objects.bulk_create(made)
    return sorted(
        (row for row in made if row.subscriber == "201"),
        key=lambda row: (row.started, row.id),
        reverse=True,
    )


def wanted(rows, asked, numbers=None, prefix=""):
    return [
        row.linkedid
        for row in rows
        if row.kind in KINDS[asked.kind]
        and (asked.since is None or row.started >= asked.since)
        and (asked.until is None or row.started < asked.until)
        and (asked.numbers is None or row.other in asked.numbers)
        and row.other.startswith(prefix or asked.prefix)
    ]


def turned(asked, limit=29):
    """All pages one after another."""
    found, key = [], ""
    while True:
        page = LOG.page("201", asked, before=key, limit=limit)
        assert len(page.calls) <= limit
        found += page.calls
        if not page.next:
            return [call.linkedid for call in found]
        key = page.next


SEARCHES = [
    {},
    {"prefix": "6"},
    {"prefix": "600"},
    {"prefix": "9"},
    {"prefix": "99"},
    {"prefix": "0033"},
    {"numbers": ()},
    {"numbers": ("",)},
    {"numbers": ("600123123",)},
    {"numbers": ("600123123", "202", "202", "nobody", "\0")},
    {"numbers": tuple(OTHERS[:7])},
    {"numbers": ("600123123", "202"), "prefix": "6"},
]
PERIODS = [{}, {"since": START + timedelta(minutes=50), "until": START + timedelta(minutes=90)}]


@pytest.mark.parametrize("few", [2000, 20])
@pytest.mark.parametrize("period", PERIODS, ids=["ever", "period"])
@pytest.mark.parametrize("fields", SEARCHES, ids=str)
def test_every_search_finds_all_calls_once_in_order(rows, monkeypatch, fields, period, few):
    monkeypatch.setattr(search, "FEW", few)
    for kind in CallKind:
        asked = CallSearch(kind=kind, **fields, **period)
        expected = [] if fields == {"numbers": ("",)} else wanted(rows, asked)
        assert turned(asked) == expected
        assert [call.linkedid for call in LOG.export("201", asked)] == expected


@pytest.mark.parametrize("few", [2000, 20])
def test_many_numbers_are_looked_for_as_well_as_few(rows, monkeypatch, few):
    monkeypatch.setattr(search, "MOST_WALKS", 2)
    monkeypatch.setattr(search, "FEW", few)
    asked = CallSearch(numbers=("600123123", "202", "916000000"))
    assert turned(asked) == wanted(rows, asked)


def test_a_search_that_goes_far_says_where_to_go_on(rows, monkeypatch):
    monkeypatch.setattr(search, "FEW", 2)
    monkeypatch.setattr(search, "NEAR", 5)
    monkeypatch.setattr(search, "FAR", 10)
    asked = CallSearch(prefix="61")
    first = LOG.page("201", asked, limit=30)
    assert len(first.calls) < 30
    assert first.next
    assert turned(asked, limit=30) == wanted(rows, asked)


@pytest.mark.parametrize(
    ("typed", "begins"),
    [
        (" 600 12", "60012"),
        ("+34 600", "600"),
        ("+33", "0033"),
        ("00", "00"),
        ("+", "00"),
        ("  ", ""),
    ],
)
def test_a_beginning_is_taken_as_people_type_it(rows, typed, begins):
    assert turned(CallSearch(prefix=typed)) == wanted(rows, CallSearch(), prefix=begins)


@pytest.mark.parametrize("typed", ["ana", "6%", "6_", "'", "\0", "٦", "6" * 9000, "²"])
def test_what_is_no_beginning_of_a_number_finds_nothing(rows, typed):
    assert LOG.page("201", CallSearch(prefix=typed)).calls == ()


@pytest.mark.parametrize(
    "key", ["x", "1", "1-", "-1", "1-1-1", "9" * 60, "1-" + "9" * 30, "١-1", "1-1\n", "\0"]
)
def test_what_is_no_key_is_not_found(rows, key):
    for read in (LOG.call, LOG.steps):
        with pytest.raises(NotFound):
            read("201", key)
    with pytest.raises(NotFound):
        LOG.page("201", before=key)


def test_an_id_that_looks_like_a_mark_is_an_id(rows):
    mark = MARKS["kind"]
    CallEntry.objects.filter(id=rows[200].id).update(id=mark)
    rows[200].id = mark
    rows.sort(key=lambda row: (row.started, row.id), reverse=True)
    key = str(Place(rows[200].started, mark))
    asked = CallSearch(kind=CallKind.MISSED)
    found = [call.linkedid for call in LOG.page("201", asked, before=key, limit=500).calls]
    assert found == wanted(
        [row for row in rows if (row.started, row.id) < (rows[200].started, mark)], asked
    )


def test_a_key_of_far_away_is_an_end(rows):
    assert LOG.page("201", before="0-1").calls == ()
    assert len(LOG.page("201", before="99999999999999999-1", limit=500).calls) == 400


def test_another_ones_call_is_not_found(rows):
    (theirs,) = LOG.page("202", limit=1).calls
    assert LOG.call("202", theirs.key) == theirs
    for read in (LOG.call, LOG.steps):
        with pytest.raises(NotFound):
            read("201", theirs.key)


def test_another_ones_key_shows_ones_own_calls_only(rows):
    (theirs,) = LOG.page("202", limit=1).calls
    shown = LOG.page("201", before=theirs.key, limit=500).calls
    assert {call.linkedid for call in shown} <= {row.linkedid for row in rows}


WALKS = {
    "entry_all": CallSearch(),
    "entry_kind": CallSearch(kind=CallKind.RECEIVED),
    "entry_other": CallSearch(kind=CallKind.RECEIVED, numbers=("202",)),
}


@pytest.mark.parametrize("index", WALKS)
def test_a_page_is_a_walk_along_an_index(index, monkeypatch):
    asked, plans = WALKS[index], []
    connection = connections["cdr"]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
            cursor.execute("SET LOCAL enable_sort = off")
    monkeypatch.setattr(search, "merged", lambda *walk: plans.append(_plan(*walk)) or [])
    for before in ("", "1772442000000000-7"):
        LOG.page("201", asked, before=before)
    assert len(plans) == 2
    for plan in plans:
        assert index in plan
        assert "B-TREE" not in plan.upper()
        assert "Sort" not in plan


def _plan(mine, choices, period, limit):
    return mine.filter(**choices[0]).filter(period).order_by(*NEWEST)[:limit].explain()
