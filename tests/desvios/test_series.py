"""Series as text, their occurrences, and what edits make of them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from desvios.calendar import series
from desvios.calendar.series import Content
from desvios.calendar.starts import count_from
from portal.pbx.types import VOICEMAIL

MADRID = ZoneInfo("Europe/Madrid")
FIRST = datetime(2026, 10, 20, 14, tzinfo=MADRID)  # a Tuesday, in summer time
TUESDAYS = Content(
    title="Comida",
    start=FIRST,
    end=FIRST + timedelta(hours=2),
    destination=VOICEMAIL,
    rule="FREQ=WEEKLY;BYDAY=TU",
)


def taking_place(text, days=60, **more):
    first = datetime(2026, 10, 1, tzinfo=UTC)
    return series.occurrences(text, first, first + timedelta(days=days), MADRID, **more)


def local_days(found):
    return [each.start.astimezone(MADRID).date() for each in found]


def test_what_is_written_is_what_is_read():
    assert series.read(series.write("u", TUESDAYS)) == TUESDAYS


def test_a_series_keeps_its_local_hour_over_the_end_of_summer_time():
    found = taking_place(series.write("u", TUESDAYS))
    assert {each.start.astimezone(MADRID).hour for each in found} == {14}
    assert {each.start.hour for each in found} == {12, 13}


def test_a_whole_day_begins_at_midnight_of_the_zone_and_may_have_25_hours():
    day = Content(title="", start=date(2026, 10, 25), end=date(2026, 10, 26), destination="203")
    (found,) = taking_place(series.write("u", day))
    assert found.start == datetime(2026, 10, 24, 22, tzinfo=UTC)
    assert found.end - found.start == timedelta(hours=25)


def test_an_event_past_midnight_is_one_occurrence():
    night = Content(
        title="Guardia",
        start=FIRST.replace(hour=22),
        end=FIRST.replace(day=21, hour=6),
        destination="203",
    )
    (found,) = taking_place(series.write("u", night))
    assert found.end - found.start == timedelta(hours=8)


def test_a_removed_occurrence_does_not_take_place():
    text = series.write("u", TUESDAYS)
    second = taking_place(text)[1]
    left = taking_place(series.without_occurrence(text, second.original))
    assert second.start not in [each.start for each in left]
    assert len(left) == len(taking_place(text)) - 1


def test_a_changed_occurrence_takes_place_otherwise_and_can_be_changed_again():
    text = series.write("u", TUESDAYS)
    second = taking_place(text)[1]
    for hour in (18, 19):
        start = datetime(2026, 10, 28, hour, tzinfo=MADRID)
        other = Content(
            title="Otra", start=start, end=start + timedelta(hours=1), destination="203"
        )
        text = series.with_occurrence(text, second.original, other)
    moved = [each for each in taking_place(text) if each.destination == "203"]
    assert [each.start for each in moved] == [start]
    assert moved[0].original == second.original
    assert len(taking_place(text)) == len(taking_place(series.write("u", TUESDAYS)))


def test_a_changed_occurrence_can_be_removed():
    text = series.write("u", TUESDAYS)
    second = taking_place(text)[1]
    other = Content(title="", start=FIRST, end=FIRST + timedelta(hours=9), destination="203")
    text = series.with_occurrence(text, second.original, other)
    left = taking_place(series.without_occurrence(text, second.original))
    assert VOICEMAIL in {each.destination for each in left}
    assert "203" not in {each.destination for each in left}


def test_a_series_that_ends_before_an_occurrence_has_the_earlier_ones():
    text = series.write("u", TUESDAYS)
    third = taking_place(text)[2]
    left = taking_place(series.ended_before(text, third.original))
    assert [each.start for each in left] == [each.start for each in taking_place(text)[:2]]


def test_the_rest_of_a_counted_series_counts_what_is_left():
    text = series.write("u", Content(**{**fields(TUESDAYS), "rule": "FREQ=WEEKLY;COUNT=5"}))
    third = taking_place(text)[2]
    assert count_from(text, "FREQ=WEEKLY;COUNT=5", third.original).endswith("COUNT=3")


def fields(content):
    return {name: getattr(content, name) for name in Content.__slots__}


def test_a_series_pauses_on_holidays():
    found = taking_place(series.write("u", TUESDAYS), without={date(2026, 10, 27)})
    assert date(2026, 10, 27) not in local_days(found)


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("America/New_York", date(2026, 10, 31)),
        ("Australia/Lord_Howe", date(2026, 10, 3)),
        ("Asia/Kolkata", date(2026, 10, 3)),
    ],
)
def test_every_zone_keeps_its_own_hours(zone, day):
    start = datetime(day.year, day.month, day.day, 9, tzinfo=ZoneInfo(zone))
    daily = Content(
        title="",
        start=start,
        end=start + timedelta(hours=1),
        destination="203",
        rule="FREQ=DAILY;COUNT=3",
    )
    found = taking_place(series.write("u", daily))
    assert [each.start.astimezone(ZoneInfo(zone)).hour for each in found] == [9, 9, 9]
