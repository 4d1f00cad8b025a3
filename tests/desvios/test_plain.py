"""The quick way to expand plain series gives what the general way gives."""

import dataclasses
import re
from datetime import UTC, datetime, timedelta
from time import perf_counter
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events
from hypothesis import given, settings
from hypothesis import strategies as st

from desvios.calendar import plain, series, written
from desvios.calendar.series import Content
from desvios.calendar.windows import Claim, resolve, to_windows
from portal.pbx.day_keys import from_day_keys, to_day_keys
from portal.pbx.routing import window_at
from portal.pbx.types import ForwardingPlan

MADRID = ZoneInfo("Europe/Madrid")
ZONES = ["Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"]
DAY = timedelta(days=1)

WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]

regular = st.builds(
    "FREQ={};INTERVAL={}{}{}".format,
    st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
    st.integers(1, 12),
    st.lists(st.sampled_from(WEEKDAYS), unique=True).map(
        lambda days: f";BYDAY={','.join(days)}" if days else ""
    ),
    st.sampled_from(["", ";WKST=SU", ";UNTIL=20261001T120000Z"]),
)
rules = regular | st.sampled_from(
    [
        "",
        "FREQ=DAILY",
        "FREQ=DAILY;INTERVAL=3",
        "FREQ=DAILY;COUNT=40",
        "FREQ=WEEKLY",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU,SU",
        "FREQ=WEEKLY;UNTIL=20270401T000000Z",
        "FREQ=MONTHLY;BYDAY=-1FR",
        "FREQ=MONTHLY;BYDAY=2SU",
        "FREQ=MONTHLY;BYMONTHDAY=31",
        "FREQ=YEARLY",
    ]
)
moments = st.datetimes(datetime(2019, 1, 1), datetime(2027, 12, 31)).map(  # noqa: DTZ001
    lambda moment: moment.replace(minute=moment.minute // 30 * 30, second=0, microsecond=0)
)


@st.composite
def texts(draw):
    """A series, timed or of whole days, perhaps with one occurrence removed."""
    start = draw(moments)
    rule = draw(rules)
    title = draw(st.text(st.characters(exclude_categories=["C"]) | st.just("\n"), max_size=90))
    if draw(st.booleans()):
        start = start.replace(tzinfo=ZoneInfo(draw(st.sampled_from(ZONES))))
        end = start + timedelta(minutes=draw(st.sampled_from([30, 180, 600, 1500])))
    else:
        start, rule = start.date(), re.sub("T[0-9]{6}Z", "", rule)
        end = start + timedelta(days=draw(st.integers(1, 3)))
    content = Content(title=title, start=start, end=end, destination="203", rule=rule)
    text = series.write("u", content)
    found = series.occurrences(text, AROUND - 40 * DAY, AROUND + 40 * DAY, MADRID)
    if found and draw(st.booleans()):
        text = series.without_occurrence(text, draw(st.sampled_from(found)).original)
    return text


AROUND = datetime(2026, 3, 29, tzinfo=UTC)
changes_of_the_clock = st.sampled_from(
    [
        datetime(2026, 3, 8, tzinfo=UTC),  # New York
        datetime(2026, 3, 29, tzinfo=UTC),  # Madrid
        datetime(2026, 4, 4, tzinfo=UTC),  # Lord Howe
        datetime(2026, 10, 3, tzinfo=UTC),
        datetime(2026, 10, 25, tzinfo=UTC),
        datetime(2026, 11, 1, tzinfo=UTC),
    ]
)


def general(text, first, last):
    found = recurring_ical_events.of(series.parse(text)).between(first - DAY, last + DAY)
    pairs = {(series.instant(e.start, MADRID), series.instant(e.end, MADRID)) for e in found}
    return {(start, end) for start, end in pairs if start < last and end > first}


@settings(max_examples=200)
@given(texts(), changes_of_the_clock, st.integers(-30, 30))
def test_both_ways_of_expanding_give_the_same(text, change, hours):
    first = change + timedelta(hours=hours)
    last = first + 20 * DAY
    found = {(each.start, each.end) for each in series.occurrences(text, first, last, MADRID)}
    assert found == general(text, first, last)


@settings(max_examples=300)
@given(texts())
def test_what_is_read_quickly_is_what_the_parser_reads(text):
    quick = written.read(text)
    (event,) = series.parse(text).walk("VEVENT")
    listed = event.get("EXDATE", [])
    lists = listed if isinstance(listed, list) else [listed]
    assert quick == written.Written(
        title=str(event["SUMMARY"]),
        start=event.start,
        end=event.end,
        destination="203",
        rule=event["RRULE"].to_ical().decode() if "RRULE" in event else "",
        without=frozenset(each.dt for one in lists for each in one.dts),
    )


def weekly(**more):
    start = datetime(2026, 11, 24, 16, tzinfo=MADRID)
    said = {"title": "", "start": start, "end": start + DAY, "destination": "203"}
    return Content(**{**said, "rule": "FREQ=WEEKLY;BYDAY=TU", **more})


def quickly(text):
    found = written.read(text)
    return found and plain.starts(found, AROUND, AROUND + 800 * DAY)


def test_most_series_go_the_quick_way():
    assert quickly(series.write("u", weekly()))
    assert quickly(series.write("u", weekly(rule="")))
    assert quickly(series.without_occurrence(series.write("u", weekly()), weekly().start))


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=WEEKLY;BYDAY=WE;COUNT=3",
        "FREQ=DAILY;UNTIL=20261101T000000Z",
        "FREQ=DAILY;BYHOUR=16,17",
        "FREQ=HOURLY;COUNT=3",
    ],
)
def test_a_count_that_leaves_out_the_start_and_unusual_rules_go_the_general_way(rule):
    assert quickly(series.write("u", weekly(rule=rule))) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("DTEND;TZID=Europe/Madrid:20261125T160000", "DURATION:P1D"),
        ("UID:u", "UID:u\r\nRDATE;TZID=Europe/Madrid:20261126T160000"),
        ("UID:u", "UID:u\r\nRECURRENCE-ID;TZID=Europe/Madrid:20261124T160000"),
        ("UID:u", "UID:u\r\nUID:v"),
        ("TZID=Europe/Madrid", "TZID=Romance Standard Time"),
        ("TZID=Europe/Madrid", "TZID=Nowhere/There"),
        ("T160000", "T166000"),
        ("SUMMARY:", "SUMMARY:\\x"),
        ("END:VEVENT", "END:VEVENT\r\nBEGIN:VEVENT\r\nUID:w\r\nEND:VEVENT"),
        ("\r\n", "\n"),
    ],
)
def test_what_is_written_otherwise_is_left_to_the_parser(old, new):
    text = series.write("u", weekly())
    assert old in text
    assert written.read(text.replace(old, new)) is None


def test_a_series_of_many_years_is_not_walked_from_its_start():
    past = weekly(start=datetime(1990, 1, 1, 9, tzinfo=MADRID), rule="FREQ=DAILY")
    text = series.write("u", dataclasses.replace(past, end=past.start + timedelta(hours=1)))
    begin = perf_counter()
    for shift in range(20):
        series.occurrences(text, AROUND + shift * DAY, AROUND + (shift + 1) * DAY, MADRID)
    assert perf_counter() - begin < 0.1  # 0.01; from the start of each it takes 0.5


@settings(max_examples=60)
@given(st.lists(texts(), max_size=4), changes_of_the_clock)
def test_pages_decisions_and_day_keys_hold_the_same_windows(many, change):
    first, last = change - 3 * DAY, change + 3 * DAY
    claims = [
        Claim(
            start=int(each.start.timestamp()),
            edited=0.0,
            event=number,
            end=int(each.end.timestamp()),
            destination=each.destination,
        )
        for number, text in enumerate(many)
        for each in series.occurrences(text, first, last, MADRID)
    ]
    windows = to_windows(resolve(claims))
    assert from_day_keys(to_day_keys("201", "v", windows)) == windows
    plan = ForwardingPlan(subscriber="201", calendar="v", windows=windows)
    for claim in claims:
        for second in (claim.start - 1, claim.start, claim.end - 1, claim.end):
            expected = any(each.start <= second < each.end for each in claims)
            there = window_at(plan, datetime.fromtimestamp(second, UTC))
            assert (there is not None) == expected
