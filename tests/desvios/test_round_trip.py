"""What goes out as a calendar file and comes in again takes place at the same times."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import given, settings
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


@given(stored())
@settings(max_examples=120, deadline=None)
def test_what_is_exported_and_imported_takes_place_at_the_same_times(text):
    event = CalendarEvent(uid="prueba", ical=text, edited_at=NOW)
    (draft,) = ics.read(export.write("x", [event], str), MADRID, NOW).drafts
    assert _all(draft.ical("", keep_own=True)) == _all(text)


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
