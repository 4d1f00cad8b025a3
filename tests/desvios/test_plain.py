"""The quick way to expand plain series gives what the general way gives."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import recurring_ical_events
from hypothesis import given, settings
from hypothesis import strategies as st

from desvios.calendar import plain, series
from desvios.calendar.series import Content
from desvios.calendar.windows import Claim, resolve, to_windows
from portal.pbx.day_keys import from_day_keys, to_day_keys
from portal.pbx.routing import window_at
from portal.pbx.types import ForwardingPlan

MADRID = ZoneInfo("Europe/Madrid")
ZONES = ["Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"]
DAY = timedelta(days=1)

rules = st.sampled_from(
    [
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
moments = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31)).map(  # noqa: DTZ001
    lambda moment: moment.replace(minute=moment.minute // 30 * 30, second=0, microsecond=0)
)


@st.composite
def texts(draw):
    """A series, timed or of whole days, perhaps with one occurrence removed."""
    start = draw(moments)
    rule = draw(rules)
    if draw(st.booleans()):
        start = start.replace(tzinfo=ZoneInfo(draw(st.sampled_from(ZONES))))
        end = start + timedelta(minutes=draw(st.sampled_from([30, 180, 600, 1500])))
    else:
        start, rule = start.date(), rule.replace("T000000Z", "")
        end = start + timedelta(days=draw(st.integers(1, 3)))
    content = Content(title="", start=start, end=end, destination="203", rule=rule)
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


@settings(max_examples=200, deadline=None)
@given(texts(), changes_of_the_clock, st.integers(-30, 30))
def test_both_ways_of_expanding_give_the_same(text, change, hours):
    first = change + timedelta(hours=hours)
    last = first + 20 * DAY
    found = {(each.start, each.end) for each in series.occurrences(text, first, last, MADRID)}
    assert found == general(text, first, last)


def test_most_series_go_the_quick_way():
    start = datetime(2026, 11, 24, 16, tzinfo=MADRID)
    content = Content(
        title="", start=start, end=start + DAY, destination="203", rule="FREQ=WEEKLY;BYDAY=TU"
    )
    assert plain.is_plain(series.parse(series.write("u", content)))


@settings(max_examples=60, deadline=None)
@given(st.lists(texts(), max_size=4), changes_of_the_clock)
def test_pages_decisions_and_day_keys_hold_the_same_windows(many, change):
    first, last = change - 3 * DAY, change + 3 * DAY
    claims = [
        Claim(int(each.start.timestamp()), int(each.end.timestamp()), each.destination, 0.0, number)
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
