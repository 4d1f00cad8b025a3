"""Whatever rule is accepted from elsewhere can be expanded, and quickly."""

import time
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from desvios.calendar import series
from desvios.exchange import ics
from tests.desvios.calendars import MADRID, NOW, calendar

FIRST, LAST = datetime(2026, 11, 22, tzinfo=UTC), datetime(2027, 2, 6, tzinfo=UTC)
QUICK = 1.0
"""Seconds of work; the usual series takes two thousandths."""


def listed(numbers):
    return st.lists(numbers, min_size=1, max_size=3).map(lambda some: ",".join(map(str, some)))


WEEKDAYS = st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"])
PARTS = {
    "INTERVAL": st.sampled_from([1, 2, 7, 1000]),
    "BYDAY": listed(st.tuples(st.sampled_from(["", "1", "-1", "5", "53"]), WEEKDAYS).map("".join)),
    "BYMONTHDAY": listed(st.sampled_from([1, 13, 28, 29, 30, 31, -1, -31])),
    "BYMONTH": listed(st.integers(1, 12)),
    "BYSETPOS": listed(st.sampled_from([1, 2, -1, 366])),
    "BYYEARDAY": listed(st.sampled_from([1, 60, 366, -1, -366])),
    "BYWEEKNO": listed(st.sampled_from([1, 20, 53, -1])),
    "WKST": WEEKDAYS,
    "COUNT": st.sampled_from([1, 5, 5000]),
    "UNTIL": st.sampled_from(["20261231", "20270101T000000", "20270301T225959Z", "99991231"]),
}
STARTS = [
    "DTSTART;TZID=Europe/Madrid:19900101T100000\nDTEND;TZID=Europe/Madrid:19900101T110000",
    "DTSTART;TZID=Europe/Madrid:20260329T023000\nDURATION:PT90M",
    "DTSTART:20261025T003000Z\nDTEND:20261025T013000Z",
    "DTSTART:20240229T100000\nDTEND:20240301T100000",
    "DTSTART;VALUE=DATE:20240229",
]


@st.composite
def events(draw):
    """An event with any rule that there can be, sensible or not."""
    names = draw(st.lists(st.sampled_from(sorted(PARTS)), unique=True, max_size=4))
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    rule = ";".join([f"FREQ={frequency}", *(f"{name}={draw(PARTS[name])}" for name in names)])
    more = draw(
        st.sampled_from(
            [
                "",
                "EXDATE;VALUE=DATE:20261201",
                "RDATE:20261203T090000Z",
                "RDATE;VALUE=DATE:20261203",
                "RDATE;VALUE=PERIOD:20261203T090000Z/PT3H",
            ]
        )
    )
    return f"UID:x\nSUMMARY:x\n{draw(st.sampled_from(STARTS))}\nRRULE:{rule}\n{more}"


@given(events())
@settings(max_examples=250)
def test_what_is_accepted_can_be_expanded_and_quickly(event):
    began = time.thread_time()
    reading = ics.read(calendar(event), MADRID, NOW)
    assert time.thread_time() - began < QUICK
    assert len(reading.drafts) + len(reading.refusals) == 1
    for draft in reading.drafts:
        text = draft.ical("vm")
        began = time.thread_time()
        found = series.occurrences(text, FIRST, LAST, MADRID)
        assert time.thread_time() - began < QUICK
        assert all(each.end > FIRST and each.start < LAST for each in found)
        assert series.read(text).rule == draft.master.content.rule
        if found:
            assert not draft.is_over(NOW)
