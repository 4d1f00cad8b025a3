"""``day_keys``: the windows of a calendar as values of single days, and back."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.pbx.day_keys import (
    DAY,
    ITEM_WIDTH,
    MOST_IN_A_PART,
    from_day_keys,
    lacking,
    to_day_keys,
)
from portal.pbx.projection import MAX_VALUE_BYTES
from portal.pbx.types import VOICEMAIL, ForwardingPlan, Window

MIDNIGHT = int(datetime(2026, 3, 29, tzinfo=UTC).timestamp())
destinations = st.sampled_from([VOICEMAIL, "203", "1", "12345678901234567"])


@st.composite
def calendars(draw):
    """Sorted windows over some days; some touch, some lie on midnights, some span days."""
    near = st.sampled_from([n * DAY + s for n in range(4) for s in (-1, 0, 1, 43200)])
    edges = sorted(draw(st.sets(st.one_of(st.integers(0, 3 * DAY), near), max_size=150)))
    return tuple(
        Window(MIDNIGHT + start, MIDNIGHT + end, draw(destinations))
        for start, end in pairwise(edges)
        if draw(st.booleans())
    )


def joined(windows):
    """Windows that touch at a midnight and lead to the same place are one."""
    result = []
    for window in windows:
        last = result[-1] if result else None
        at_midnight = last and last.end == window.start and window.start % DAY == 0
        if at_midnight and last.destination == window.destination:
            result[-1] = Window(last.start, window.end, window.destination)
        else:
            result.append(window)
    return tuple(result)


@given(calendars())
def test_windows_read_back_are_those_that_were_written(windows):
    assert from_day_keys(to_day_keys("201", "7", windows)) == joined(windows)


@given(calendars())
def test_every_value_is_whole_items_in_order_that_fit_into_one_line(windows):
    days = {}
    for name, items in to_day_keys("201", "7", windows).items():
        assert 0 < len(items.encode()) <= MAX_VALUE_BYTES
        assert len(items) % ITEM_WIDTH == 0
        _cal, _subscriber, _version, day, part = name.split("/")
        assert int(part) == len(days.setdefault(day, []))
        days[day].append(items)
    for parts in days.values():
        assert all(len(items) == MOST_IN_A_PART * ITEM_WIDTH for items in parts[:-1])
        text = "".join(parts)
        edges = [int(text[i + j : i + j + 5]) for i in range(0, len(text), 27) for j in (0, 5)]
        assert edges == sorted(edges)
        assert edges[-1] <= DAY


@given(calendars(), st.integers(0, 3 * DAY))
def test_the_day_around_an_instant_says_what_the_whole_calendar_says(windows, second):
    instant = MIDNIGHT + second
    day = f"{datetime.fromtimestamp(instant, UTC):%Y%m%d}"
    keys = to_day_keys("201", "7", windows)
    today = from_day_keys({name: value for name, value in keys.items() if f"/{day}/" in name})

    def destination(windows):
        return [w.destination for w in windows if w.start <= instant < w.end]

    assert destination(today) == destination(windows)


def test_an_item_is_where_the_window_begins_and_ends_and_leads():
    window = Window(MIDNIGHT - 60, MIDNIGHT + 3600, "600123456")
    assert to_day_keys("201", "7", [window]) == {
        "cal/201/7/20260328/0": "8634086400600123456--------",
        "cal/201/7/20260329/0": "0000003600600123456--------",
    }


def test_a_window_split_by_midnight_is_one_again_and_others_stay_apart():
    night = Window(MIDNIGHT - 60, MIDNIGHT + 60, "203")
    assert from_day_keys(to_day_keys("201", "7", [night])) == (night,)
    apart = (Window(MIDNIGHT - 60, MIDNIGHT - 1, "203"), Window(MIDNIGHT, MIDNIGHT + 9, "203"))
    assert from_day_keys(to_day_keys("201", "7", apart)) == apart
    other = (Window(MIDNIGHT - 60, MIDNIGHT, "203"), Window(MIDNIGHT, MIDNIGHT + 9, VOICEMAIL))
    assert from_day_keys(to_day_keys("201", "7", other)) == other


def test_windows_that_touch_within_a_day_stay_apart():
    touching = (Window(MIDNIGHT, MIDNIGHT + 9, "203"), Window(MIDNIGHT + 9, MIDNIGHT + 20, "203"))
    assert from_day_keys(to_day_keys("201", "7", touching)) == touching


@pytest.mark.parametrize("wrong", ["", "VM", "+34600123456", "1" * 18, "2-3", "٣", "203\r\n"])
def test_a_destination_that_no_item_holds_is_refused(wrong):
    with pytest.raises(ValueError, match="destination"):
        to_day_keys("201", "7", [Window(MIDNIGHT, MIDNIGHT + 1, wrong)])


@pytest.mark.parametrize("wrong", ["", "a/b", "a_b", "a%", "7\n", "ñ"])
def test_a_version_that_no_key_holds_is_refused(wrong):
    with pytest.raises(ValueError, match="named"):
        to_day_keys("201", wrong, [])


@pytest.mark.parametrize(
    "items", ["x", "0000000060203", "0000000060vm-------------", "0000000060" + "-" * 17, "ñ" * 27]
)
def test_a_malformed_value_is_refused(items):
    with pytest.raises(ValueError, match="holds"):
        from_day_keys({"cal/201/7/20260329/0": items})


DAYS = tuple(Window(MIDNIGHT + n * DAY, MIDNIGHT + n * DAY + 60, "203") for n in range(4))
PLAN = ForwardingPlan(subscriber="201", calendar="7", until="20260401", windows=DAYS)


def days_lacking(held):
    return [name.split("/")[3] for name in lacking(held, PLAN)]


@pytest.mark.parametrize(
    "held", [None, ForwardingPlan(subscriber="201"), replace(PLAN, calendar="6")]
)
def test_a_node_without_the_version_lacks_all_its_days(held):
    assert days_lacking(held) == ["20260329", "20260330", "20260331", "20260401"]


def test_a_node_with_the_version_lacks_the_days_from_its_last_on():
    assert days_lacking(replace(PLAN, until="20260331")) == ["20260331", "20260401"]
    assert days_lacking(replace(PLAN, until="")) == days_lacking(None)


def test_a_node_with_version_and_last_day_lacks_nothing():
    assert days_lacking(PLAN) == []


def test_a_plan_without_a_calendar_has_no_days():
    assert lacking(None, replace(PLAN, calendar="")) == {}
