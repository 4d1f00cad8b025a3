"""What goes out as a calendar file and comes in again takes place at the same times."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from desvios.calendar import series
from desvios.exchange import export, ics
from desvios.models import CalendarEvent
from tests.desvios.calendars import MADRID, NOW

ZONES = ["Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"]
RULES = [
    "",
    "FREQ=DAILY;INTERVAL=3",
    "FREQ=WEEKLY;BYDAY=SA,SU",
    "FREQ=MONTHLY;BYMONTHDAY=-1",
    "FREQ=MONTHLY;BYDAY=-1SU;COUNT=30",
    "FREQ=YEARLY;UNTIL=20300101T000000Z",
    "FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=SU,MO",
]


@st.composite
def stored(draw):
    """The text of an event or series near changes of the clock, with exceptions."""
    zone = ZoneInfo(draw(st.sampled_from(ZONES)))
    day = draw(st.sampled_from([date(2026, 3, 7), date(2026, 3, 28), date(2026, 10, 3)]))
    start = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(
        minutes=draw(st.integers(0, 3 * 24 * 60))
    )
    length = timedelta(minutes=draw(st.integers(1, 3000)))
    rule = draw(st.sampled_from(RULES))
    content = series.Content(
        title="Ñandú, «sí»; no\\más", start=start, end=start + length, destination="vm", rule=rule
    )
    text = series.write("prueba", content)
    begins = [each.original for each in _all(text)][1:5]
    if rule and begins:
        text = series.without_occurrence(text, draw(st.sampled_from(begins)))
    remaining = [each for each in _all(text) if each.original in begins]
    if rule and remaining and draw(st.booleans()):
        chosen = draw(st.sampled_from(remaining))
        later = chosen.start.astimezone(zone) + timedelta(hours=2)
        other = series.Content(
            title="Otra", start=later, end=later + length, destination="203", rule=""
        )
        text = series.with_occurrence(text, chosen.original, other)
    return text


def _all(text):
    return series.occurrences(
        text, datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC), MADRID
    )


def moved_into_the_gap():
    """A weekly evening of which one was moved to where the clocks are put forward, 2 to 3."""
    start = datetime(2026, 3, 28, tzinfo=MADRID)
    content = series.Content(
        title="Turno", start=start, end=start.replace(hour=1), destination="vm", rule=RULES[2]
    )
    there = datetime(2026, 3, 29, 2, tzinfo=MADRID)
    other = series.Content(
        title="Otra", start=there, end=there.replace(hour=3), destination="203", rule=""
    )
    return series.with_occurrence(
        series.write("prueba", content), datetime(2026, 3, 29, tzinfo=MADRID), other
    )


@given(stored())
@example(moved_into_the_gap())
@settings(max_examples=120)
def test_what_is_exported_and_imported_takes_place_at_the_same_times(text):
    event = CalendarEvent(uid="prueba", ical=text, edited_at=NOW)
    (draft,) = ics.read(export.write("x", [event], str), MADRID, NOW).drafts
    assert _all(draft.ical("", keep_own=True)) == _all(text)


def there_and_back(event, holidays=()):
    """The event exported as on holidays, and what our import makes of it."""
    paused = partial(export.paused, holidays=frozenset(holidays), zone=MADRID, now=NOW)
    (draft,) = ics.read(export.write("x", [event], str, paused), MADRID, NOW).drafts
    text = draft.ical("", keep_own=True)
    master = draft.master
    return CalendarEvent(
        uid=event.uid,
        ical=text,
        edited_at=NOW,
        enabled=master.enabled,
        skip_holidays=bool(master.skip_holidays),
    )


def seen_elsewhere(event, holidays=()):
    """When it takes place for a reader that knows nothing of our own properties."""
    paused = partial(export.paused, holidays=frozenset(holidays), zone=MADRID, now=NOW)
    lines = export.write("x", [event], str, paused).split(b"\r\n")
    foreign = b"\r\n".join(each for each in lines if not each.startswith(b"X-WEBFON"))
    return [
        each.start
        for draft in ics.read(foreign, MADRID, NOW).drafts
        for each in series.occurrences(draft.ical("vm"), NOW, NOW + timedelta(days=60), MADRID)
    ]


@given(
    stored(),
    st.booleans(),
    st.booleans(),
    st.sets(st.dates(date(2026, 11, 1), date(2027, 11, 1)), max_size=60),
)
@settings(max_examples=80)
def test_holidays_and_what_is_off_come_back_as_they_were(text, enabled, skip, holidays):
    event = CalendarEvent(
        uid="prueba", ical=text, edited_at=NOW, enabled=enabled, skip_holidays=skip
    )
    back = there_and_back(event, holidays)
    assert (back.enabled, back.skip_holidays) == (enabled, skip)
    assert _all(back.ical) == _all(text)


DAILY = series.write(
    "diaria",
    series.Content(
        title="Diaria",
        start=datetime(2026, 11, 20, 14, tzinfo=MADRID),
        end=datetime(2026, 11, 20, 15, tzinfo=MADRID),
        destination="vm",
        rule="FREQ=DAILY",
    ),
)


def test_other_calendars_see_no_occurrence_on_a_holiday():
    event = CalendarEvent(uid="diaria", ical=DAILY, edited_at=NOW, skip_holidays=True)
    holidays = {date(2026, 12, 8), date(2026, 12, 25)}
    days = {each.astimezone(MADRID).date() for each in seen_elsewhere(event, holidays)}
    assert not days & holidays
    assert date(2026, 12, 9) in days


def test_other_calendars_see_no_changed_occurrence_on_a_holiday():
    moved = series.Content(
        title="Otra",
        start=datetime(2026, 12, 8, 18, tzinfo=MADRID),
        end=datetime(2026, 12, 8, 19, tzinfo=MADRID),
        destination="203",
    )
    original = datetime(2026, 12, 1, 14, tzinfo=MADRID)
    text = series.with_occurrence(DAILY, original, moved)
    event = CalendarEvent(uid="diaria", ical=text, edited_at=NOW, skip_holidays=True)
    days = {each.astimezone(MADRID).date() for each in seen_elsewhere(event, [moved.start.date()])}
    assert not days & {date(2026, 12, 1), date(2026, 12, 8)}
    assert _all(there_and_back(event, [moved.start.date()]).ical) == _all(text)


def test_a_single_event_on_a_holiday_is_cancelled_for_others_and_comes_back():
    content = replace(series.read(DAILY), rule="", start=NOW, end=NOW + timedelta(hours=1))
    single = series.write("una", content)
    event = CalendarEvent(uid="una", ical=single, edited_at=NOW, skip_holidays=True)
    assert seen_elsewhere(event, [NOW.date()]) == []
    assert _all(there_and_back(event, [NOW.date()]).ical) == _all(single)


def test_what_is_off_is_nothing_for_others():
    event = CalendarEvent(uid="diaria", ical=DAILY, edited_at=NOW, enabled=False)
    assert seen_elsewhere(event) == []
    assert not there_and_back(event).enabled


@pytest.mark.parametrize("zone", ZONES)
def test_the_zones_of_an_export_say_what_the_zones_are(zone):
    start = datetime(2026, 6, 1, 10, tzinfo=ZoneInfo(zone))
    text = series.write(
        "x",
        series.Content(
            title="x", start=start, end=start + timedelta(hours=1), destination="vm", rule=""
        ),
    )
    whole = icalendar.Calendar.from_ical(
        export.write("x", [CalendarEvent(uid="x", ical=text, edited_at=NOW)], str)
    )
    (described,) = whole.walk("VTIMEZONE")
    assert described["TZID"] == zone
    made = described.to_tz(lookup_tzid=False)
    for month in range(1, 13):
        noon = datetime(2027, month, 15, 12)  # noqa: DTZ001 - a zone is put in below
        assert noon.replace(tzinfo=made).utcoffset() == (
            noon.replace(tzinfo=ZoneInfo(zone)).utcoffset()
        )
