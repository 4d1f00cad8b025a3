"""Calendars of other producers become our own events, whole, or are refused with the reason."""

import time
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desvios.calendar import series
from desvios.exchange import ics
from desvios.exchange.ics_lines import NotReadable
from tests.desvios import calendars
from tests.desvios.calendars import MADRID, NOW, ROMANCE_ZONE, WEEKLY, calendar, once

FIRST, LAST = datetime(2026, 11, 20, tzinfo=UTC), datetime(2027, 2, 1, tzinfo=UTC)


def read(data, **more):
    data = data.encode() if isinstance(data, str) else data
    return ics.read(data, MADRID, NOW, **more)


def times(draft, first=FIRST, last=LAST):
    """When it takes place, as ``24/11 16:00-16:30`` in Madrid."""
    found = series.occurrences(draft.ical("vm"), first, last, MADRID)
    return [
        f"{each.start.astimezone(MADRID):%d/%m %H:%M}-{each.end.astimezone(MADRID):%H:%M}"
        for each in found
    ]


def only(data):
    reading = read(data)
    assert not reading.refusals
    (draft,) = reading.drafts
    return draft


def reason(*lines, **more):
    reading = read(calendar(*lines, **more))
    assert not reading.drafts
    (refusal,) = reading.refusals
    return refusal.reason


# --- Each producer ------------------------------------------------------------------------------


def test_google_with_a_changed_and_a_removed_occurrence_and_a_line_folded_inside_a_letter():
    weekly, christmas = read(calendars.GOOGLE).drafts
    assert weekly.master.content.title == "Reunión semanal del equipo"
    assert times(weekly) == [
        "24/11 16:00-16:30",
        "30/11 09:30-10:00",
        "14/12 09:30-10:00",
        "21/12 09:30-10:00",
        "28/12 09:30-10:00",
    ]
    assert times(christmas) == ["24/12 00:00-00:00"]
    assert christmas.master.content.end == date(2026, 12, 26)


def test_outlook_with_the_name_of_a_windows_zone():
    assert times(only(calendars.OUTLOOK)) == ["01/12 11:30-12:30", "05/01 11:30-12:30"]


def test_apple_with_its_own_properties_and_a_time_without_a_zone():
    gym, floating = read(calendars.APPLE).drafts
    assert times(gym)[:3] == ["25/11 18:30-20:00", "23/12 18:30-20:00", "06/01 18:30-20:00"]
    assert times(floating) == ["27/11 09:00-10:00"]
    assert floating.master.content.start.tzinfo == MADRID


def test_thunderbird_with_a_path_before_the_zone_and_a_duration():
    assert times(only(calendars.THUNDERBIRD)) == ["30/11 17:00-18:30"]


def test_nextcloud_with_extra_dates_and_a_day_without_an_end():
    duty, day = read(calendars.NEXTCLOUD).drafts
    assert times(duty) == ["30/11 08:00-08:30", "02/12 08:00-08:30", "04/12 08:00-08:30"]
    assert (day.master.content.start, day.master.content.end) == (
        date(2026, 12, 8),
        date(2026, 12, 9),
    )


def test_line_ends_of_any_kind_are_read_alike():
    unix = calendars.NEXTCLOUD.encode()
    for ends in (b"\r\n", b"\r"):
        assert read(unix.replace(b"\n", ends)) == read(unix)


def test_what_old_outlooks_wrote_in_the_letters_of_windows():
    assert only(calendar(once(title="Reunión")).decode().encode("cp1252")).master.content.title == (
        "Reunión"
    )


# --- Zones --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["Customized Time Zone", "(UTC+01:00) Bruselas, Madrid", "GMT +0100 (Standard) / +0200"],
)
def test_a_zone_that_only_its_definition_explains(name):
    event = once().replace("Europe/Madrid", f'"{name}"')
    zone = ROMANCE_ZONE.format(name=name.replace(",", "\\,"))
    assert times(only(calendar(event, before=zone))) == ["01/12 10:00-11:00"]


def test_a_definition_like_that_of_no_zone_is_refused():
    zone = ROMANCE_ZONE.format(name="Rara").replace("+0100", "+0117")
    words = reason(once().replace("Europe/Madrid", "Rara"), before=zone)
    assert words == "Su zona horaria no se conoce: «Rara»."


def test_a_zone_without_a_definition_is_refused_and_not_taken_for_the_own_one():
    assert "zona horaria" in reason(once().replace("Europe/Madrid", "Customized Time Zone"))


def test_one_name_means_in_each_file_what_that_file_defines():
    def offset(zone):
        event = once().replace("Europe/Madrid", "Odd")
        return only(calendar(event, before=zone)).master.content.start.utcoffset()

    east = ROMANCE_ZONE.replace("+0200", "+0300").replace("+0100", "+0200")
    east = east.replace("T030000", "T040000").replace("T020000", "T030000")
    assert offset(ROMANCE_ZONE.format(name="Odd")) == timedelta(hours=1)
    assert offset(east.format(name="Odd")) == timedelta(hours=2)


def test_a_single_time_in_utc_is_kept_as_local_and_a_series_in_utc_stays_so():
    single = only(calendar("UID:a\nDTSTART:20261201T090000Z\nDTEND:20261201T100000Z"))
    assert single.master.content.start == datetime(2026, 12, 1, 10, tzinfo=MADRID)
    weekly = only(
        calendar("UID:a\nDTSTART:20261001T090000Z\nDTEND:20261001T100000Z\nRRULE:FREQ=WEEKLY")
    )
    summer = datetime(2026, 10, 1, tzinfo=UTC)
    assert times(weekly, summer, summer + timedelta(days=30)) == [
        "01/10 11:00-12:00",
        "08/10 11:00-12:00",
        "15/10 11:00-12:00",
        "22/10 11:00-12:00",
        "29/10 10:00-11:00",
    ]


# --- Overrides and exceptions -------------------------------------------------------------------

OVERRIDE = """\
UID:comida
SUMMARY:Comida larga
RECURRENCE-ID{original}
DTSTART;TZID=Europe/Madrid:20261130T130000
DTEND;TZID=Europe/Madrid:20261130T160000
"""


@pytest.mark.parametrize(
    "original",
    [";TZID=Europe/Madrid:20261130T140000", ":20261130T130000Z", ";VALUE=DATE:20261130"],
)
def test_an_occurrence_named_in_its_zone_in_utc_or_by_its_day(original):
    draft = only(calendar(WEEKLY, OVERRIDE.format(original=original)))
    assert times(draft)[2:4] == ["30/11 13:00-16:00", "01/12 14:00-15:00"]


@pytest.mark.parametrize(
    "exdate",
    [";TZID=Europe/Madrid:20261130T140000", ":20261130T130000Z", ";VALUE=DATE:20261130"],
)
def test_an_exception_in_its_zone_in_utc_or_by_its_day(exdate):
    draft = only(calendar(f"{WEEKLY}EXDATE{exdate}"))
    assert times(draft)[:3] == ["23/11 14:00-15:00", "24/11 14:00-15:00", "01/12 14:00-15:00"]


def test_a_cancelled_occurrence_is_gone():
    cancelled = OVERRIDE.format(original=":20261130T130000Z") + "STATUS:CANCELLED\n"
    assert "30/11" not in " ".join(times(only(calendar(WEEKLY, cancelled))))


def test_a_changed_occurrence_whose_series_is_elsewhere_stands_alone():
    draft = only(calendar(OVERRIDE.format(original=":20261130T130000Z")))
    assert times(draft) == ["30/11 13:00-16:00"]


def test_the_latest_of_two_revisions_counts():
    old, new = once(SEQUENCE=1, title="Vieja"), once(SEQUENCE=2, title="Nueva")
    assert only(calendar(new, old)).master.content.title == "Nueva"


def test_a_fault_in_one_part_of_a_series_refuses_the_series_and_nothing_else():
    wrong = OVERRIDE.format(original=";RANGE=THISANDFUTURE:20261130T130000Z")
    reading = read(calendar(WEEKLY, wrong, once()))
    assert [draft.uid for draft in reading.drafts] == ["uno"]
    assert [refusal.title for refusal in reading.refusals] == ["Comida larga"]


def test_extra_dates_as_periods_have_their_own_length():
    periods = (
        "RDATE;VALUE=PERIOD:20261203T090000Z/PT2H,20261204T090000Z/20261204T093000Z\n"
        "RDATE;VALUE=PERIOD;TZID=Europe/Madrid:20261205T080000/PT15M\n"
        "EXDATE:20261204T090000Z"
    )
    assert times(only(calendar(f"{once()}\n{periods}"))) == [
        "01/12 10:00-11:00",
        "03/12 10:00-12:00",
        "05/12 08:00-08:15",
    ]


# --- Refused, with the reason -------------------------------------------------------------------

START = "UID:x\nDTSTART;TZID=Europe/Madrid:20261201T100000\n"
HOUR = START + "DTEND;TZID=Europe/Madrid:20261201T110000\n"


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (START, "No dice cuándo termina."),
        (START + "DTEND;TZID=Europe/Madrid:20261201T093000", "Termina antes de empezar"),
        (START + "DTEND;TZID=Europe/Madrid:20261201T100000", "no dura nada"),
        (START + "DTEND;VALUE=DATE:20261202", "o al revés"),
        (START + "DURATION:banana", "mal escrito"),
        ("UID:x\nDTEND:20261201T110000Z", "No dice cuándo empieza."),
        ("UID:x\nDTSTART:20261301T000000Z\nDTEND:20261301T010000Z", "mal escrito"),
        ("UID:x\nDTSTART:19000101T100000Z\nDTEND:19000101T110000Z\nRRULE:FREQ=DAILY", "1990"),
        (HOUR + "DTSTART:20261202T100000Z", "mal escrito"),
        (HOUR + "RRULE:FREQ=DAILY\nRRULE:FREQ=WEEKLY", "mal escrito"),
        (HOUR + "RRULE:FREQ=SECONDLY", "varias veces al día"),
        (HOUR + "RRULE:FREQ=HOURLY;COUNT=3", "varias veces al día"),
        (HOUR + "RRULE:FREQ=DAILY;BYHOUR=9,10,11", "varias veces al día"),
        (HOUR + "RRULE:FREQ=DAILY;COUNT=1000000", "demasiadas veces"),
        (HOUR + "RRULE:FREQ=DAILY;COUNT=0", "demasiadas veces"),
        (HOUR + "RRULE:FREQ=DAILY;INTERVAL=0", "intervalo"),
        (HOUR + "RRULE:FREQ=DAILY;COUNT=3;UNTIL=20270101", "mal escrito"),
        (HOUR + "RRULE:FREQ=DAILY;UNTIL=20251201T000000Z", "termina antes de empezar"),
        (HOUR + "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "nunca"),
        (HOUR + "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "nunca"),
        (HOUR + "RRULE:FREQ=DAILY;BYMONTHDAY=" + ",".join(["1"] * 500), "demasiado larga"),
        (HOUR + "RRULE:FREQ=banana", ""),
        (HOUR + "EXRULE:FREQ=DAILY", "EXRULE"),
        (HOUR + "RDATE;VALUE=PERIOD:20261203T090000Z/PT0S", "no dura nada"),
        (HOUR + "RDATE;VALUE=PERIOD:20261203T090000Z/20261203T080000Z", "Termina antes"),
        (HOUR + "RDATE;VALUE=PERIOD;TZID=Rara:20261203T090000/PT1H", "zona horaria"),
        (HOUR + "RDATE;VALUE=PERIOD:banana", "mal escrito"),
        (HOUR + "EXDATE:" + ",".join(["20261203T090000Z"] * 1001), "demasiadas fechas"),
    ],
)
def test_what_cannot_be_taken_whole_is_refused_in_words(lines, words):
    assert words in reason(lines)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "vacío"),
        (b"\r\n \r\n", "vacío"),
        (b"<!doctype html><title>Hola</title>", "No es un calendario"),
        (bytes(range(256)) * 50, "No es un calendario"),
        (b"PK\x03\x04" + b"\0" * 500, "No es un calendario"),
        (calendar(WEEKLY).removesuffix(b"END:VCALENDAR\r\n"), "cortado"),
        (calendar(WEEKLY)[:-20], "mal formado"),
        (calendar(WEEKLY).replace(b"END:VEVENT", b"END:VTODO"), "mal formado"),
        (b"BEGIN:VCALENDAR\n" + b"BEGIN:X\n" * 100_000, "mal formado"),
        (b"BEGIN:VCALENDAR\n" + b"BEGIN:VEVENT\nEND:VEVENT\n" * 50_000, "2000 eventos"),
        (b"BEGIN:VCALENDAR\n" + b"BEGIN:VEVENT\nEND:VEVENT\n" * 1_000_000, "2 MB"),
        (b"BEGIN:VCALENDAR\nX:" + b"x" * 10_000_000, "2 MB"),
        (calendar(*[HOUR + "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"] * 1900), "complicado"),
    ],
)
def test_a_file_that_is_no_honest_calendar_is_refused_quickly_and_in_words(data, words):
    began = time.thread_time()
    with pytest.raises(NotReadable, match=words):
        read(data)
    assert time.thread_time() - began < 2.5


def test_two_thousand_series_are_read_in_time():
    text = WEEKLY.replace("UID:comida", "UID:{n}")
    data = calendar(*[text.format(n=n) for n in range(2000)])
    began = time.thread_time()
    assert len(read(data).drafts) == 2000
    assert time.thread_time() - began < 2.5


@given(st.binary(max_size=300), st.integers(0, 400))
@settings(max_examples=150)
def test_damage_never_raises_anything_but_a_refusal(noise, place):
    whole = calendar(WEEKLY, once())
    for data in (noise, whole[:place] + noise + whole[place:]):
        with suppress(NotReadable):
            read(data)


# --- Busy times ---------------------------------------------------------------------------------


def test_only_what_keeps_one_busy_counts_in_a_subscription():
    events = [
        once("opaque"),
        once("free", TRANSP="TRANSPARENT"),
        once("cancelled", STATUS="CANCELLED"),
        once("tentative", STATUS="TENTATIVE"),
    ]
    found = read(calendar(*events), busy_only=True)
    assert [draft.uid for draft in found.drafts] == ["opaque", "tentative"]


def test_an_occurrence_that_leaves_one_free_is_not_busy_time():
    free = OVERRIDE.format(original=":20261130T130000Z") + "TRANSP:TRANSPARENT\n"
    (draft,) = read(calendar(WEEKLY, free), busy_only=True).drafts
    assert "30/11" not in " ".join(times(draft))


def test_a_busy_occurrence_of_a_series_that_leaves_one_free_is_busy_time():
    data = calendar(WEEKLY + "TRANSP:TRANSPARENT", OVERRIDE.format(original=":20261130T130000Z"))
    (draft,) = read(data, busy_only=True).drafts
    assert times(draft) == ["30/11 13:00-16:00"]


def test_a_free_busy_list_is_busy_time():
    listed = (
        "BEGIN:VFREEBUSY\nUID:fb\nFREEBUSY;FBTYPE=BUSY:20261201T090000Z/PT1H,"
        "20261202T090000Z/20261202T100000Z\nFREEBUSY;FBTYPE=FREE:20261203T090000Z/PT1H\n"
        "END:VFREEBUSY\n"
    )
    found = read(calendar(before=listed), busy_only=True).drafts
    assert [times(draft) for draft in found] == [["01/12 10:00-11:00"], ["02/12 10:00-11:00"]]


def test_holidays_are_read_as_days_with_their_names():
    data = calendar(
        "UID:1\nDTSTART;VALUE=DATE:20260101\nRRULE:FREQ=YEARLY\nSUMMARY:Año Nuevo",
        "UID:2\nDTSTART;VALUE=DATE:20270325\nDTEND;VALUE=DATE:20270327\nSUMMARY:Semana Santa",
    )
    assert ics.holidays(data, date(2026, 6, 1), date(2028, 6, 1)) == [
        (date(2027, 1, 1), "Año Nuevo"),
        (date(2027, 3, 25), "Semana Santa"),
        (date(2027, 3, 26), "Semana Santa"),
        (date(2028, 1, 1), "Año Nuevo"),
    ]
