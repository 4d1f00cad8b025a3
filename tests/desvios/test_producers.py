"""The whole file of each producer goes into a calendar right, or the reason is said; never half."""

from datetime import UTC, datetime

import pytest
from django.test import RequestFactory

from desvios.calendar import series
from desvios.calendar.changes import store
from desvios.exchange.arriving import arrivals
from desvios.exchange.ics_lines import NotReadable
from desvios.models import CalendarEvent
from tests.desvios import calendars
from tests.desvios.calendars import MADRID, NOW, ROMANCE_ZONE

pytestmark = pytest.mark.django_db(databases="__all__")

FIRST, LAST = datetime(2026, 11, 20, tzinfo=UTC), datetime(2027, 1, 6, 23, tzinfo=UTC)

EXCHANGE = (
    "BEGIN:VCALENDAR\r\nMETHOD:PUBLISH\r\nPRODID:Microsoft Exchange Server 2010\r\nVERSION:2.0\r\n"
    + ROMANCE_ZONE.format(name="(UTC+01:00) Bruselas\\, Copenhague\\, Madrid").replace("\n", "\r\n")
    + "\r\n".join(
        [
            "BEGIN:VEVENT",
            "UID:periodos",
            "SUMMARY:Guar",
            " dia de extra",
            "\tmuros",
            'DTSTART;TZID="(UTC+01:00) Bruselas, Copenhague, Madrid":20261201T100000',
            "DURATION:P0DT1H30M0S",
            "RDATE;VALUE=PERIOD:20261203T090000Z/PT2H,20261204T090000Z/20261204T093000Z",
            "END:VEVENT",
            "BEGIN:VEVENT",
            "UID:dias",
            "SUMMARY:Puente",
            "DTSTART;VALUE=DATE:20261205",
            "DURATION:P4D",
            "END:VEVENT",
            "BEGIN:VEVENT",
            "UID:semana",
            "SUMMARY:Feria",
            "DTSTART;VALUE=DATE:20261214",
            "DURATION:P1W",
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        ]
    )
)

WHOLE = {
    "google": (
        calendars.GOOGLE,
        [
            "24/11 16:00-16:30 Reunión semanal (cambiada)",
            "30/11 09:30-10:00 Reunión semanal del equipo",
            "14/12 09:30-10:00 Reunión semanal del equipo",
            "21/12 09:30-10:00 Reunión semanal del equipo",
            "24/12 00:00-00:00 Navidad en casa",
            "28/12 09:30-10:00 Reunión semanal del equipo",
        ],
    ),
    "outlook": (
        calendars.OUTLOOK.encode(),
        ["01/12 11:30-12:30 Comité", "05/01 11:30-12:30 Comité"],
    ),
    "apple": (
        calendars.APPLE.encode(),
        [
            "25/11 18:30-20:00 Gimnasio",
            "27/11 09:00-10:00 Sin zona",
            "23/12 18:30-20:00 Gimnasio",
            "06/01 18:30-20:00 Gimnasio",
        ],
    ),
    "thunderbird": (calendars.THUNDERBIRD.encode(), ["30/11 17:00-18:30 Dentista"]),
    "nextcloud": (
        calendars.NEXTCLOUD.encode(),
        [
            "30/11 08:00-08:30 Guardia",
            "02/12 08:00-08:30 Guardia",
            "04/12 08:00-08:30 Guardia",
            "08/12 00:00-00:00 Día libre",
        ],
    ),
    "exchange": (
        EXCHANGE.encode(),
        [
            "01/12 10:00-11:30 Guardia de extramuros",
            "03/12 10:00-12:00 Guardia de extramuros",
            "04/12 10:00-10:30 Guardia de extramuros",
            "05/12 00:00-00:00 Puente",
            "14/12 00:00-00:00 Feria",
        ],
    ),
}
FILES = [pytest.param(*each, id=name) for name, each in WHOLE.items()]


def stored(ana, data):
    """Import all that the file offers; what the calendar then holds, by start."""
    found = arrivals(ana, data, NOW)
    edit = found.edit({row.name for row in found.rows}, "vm", keep_own=False)
    request = RequestFactory().post("/")
    request.user = ana.user
    store(request, ana, edit, at=NOW)
    return held(ana), found.refusals


def held(ana):
    times = [
        each
        for event in CalendarEvent.objects.filter(subscriber=ana)
        for each in series.occurrences(event.ical, FIRST, LAST, MADRID)
    ]
    return [
        f"{each.start.astimezone(MADRID):%d/%m %H:%M}-"
        f"{each.end.astimezone(MADRID):%H:%M} {each.title}"
        for each in sorted(times, key=lambda each: each.start)
    ]


@pytest.mark.parametrize(("data", "times"), FILES)
def test_a_whole_file_is_imported_right(ana, data, times):
    assert stored(ana, data) == (times, ())


@pytest.mark.parametrize(("data", "times"), FILES)
def test_a_file_that_is_cut_anywhere_is_refused_whole(ana, data, times):
    lines = data.splitlines(keepends=True)
    for count in range(len(lines) - 1):
        with pytest.raises(NotReadable):
            arrivals(ana, b"".join(lines[:count]), NOW)


@pytest.mark.parametrize(("data", "times"), FILES)
def test_an_event_that_cannot_be_read_is_named_and_its_series_is_not_taken_in_part(
    ana, data, times
):
    head, start, rest = data.rpartition(b"DTSTART")
    broken = head + start + b";X=" + rest.replace(b":2026", b":2026x", 1)
    found, refusals = stored(ana, broken)
    assert len(refusals) == 1
    assert refusals[0].reason
    assert set(found) < set(times)
    titles = {each.split(" ", 2)[2] for each in found}
    assert refusals[0].title not in titles


@pytest.mark.parametrize(("data", "times"), FILES)
def test_a_second_import_of_the_same_file_brings_nothing_new(ana, data, times):
    stored(ana, data)
    assert {row.state.value for row in arrivals(ana, data, NOW).rows} == {"same"}
    assert stored(ana, data)[0] == times
