"""Repetitions as the form knows them, as rules, and in words."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from desvios.calendar.clock import clock_note
from desvios.calendar.repetition import Kind, Repetition, from_rule, to_rule
from desvios.calendar.wording import (
    at_in_words,
    repetition_in_words,
    span_in_words,
    until_in_words,
)

MADRID = ZoneInfo("Europe/Madrid")
TUESDAY = datetime(2026, 11, 24, 15, tzinfo=MADRID)

KNOWN = [
    ("", "Una sola vez"),
    ("FREQ=DAILY", "Cada día"),
    ("FREQ=DAILY;INTERVAL=3", "Cada 3 días"),
    ("FREQ=WEEKLY;BYDAY=TU", "Cada martes"),
    ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "De lunes a viernes"),
    ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH", "Cada 2 semanas, el martes y jueves"),
    ("FREQ=MONTHLY", "El día 24 de cada mes"),
    ("FREQ=MONTHLY;BYDAY=1MO", "El primer lunes de cada mes"),
    ("FREQ=MONTHLY;INTERVAL=2;BYDAY=-1FR", "El último viernes cada 2 meses"),
    ("FREQ=YEARLY", "Cada año, el 24 de noviembre"),
    ("FREQ=DAILY;COUNT=10", "Cada día, 10 veces"),
    ("FREQ=WEEKLY;BYDAY=TU;UNTIL=20261231T225959Z", "Cada martes, hasta el 31 dic 2026"),
]


@pytest.mark.parametrize(("rule", "words"), KNOWN)
def test_a_rule_of_the_form_comes_back_unchanged_and_is_told_in_words(rule, words):
    repetition = from_rule(rule, TUESDAY)
    assert repetition.kind is not Kind.OTHER
    assert to_rule(repetition, TUESDAY) == rule
    assert repetition_in_words(repetition, TUESDAY) == words


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=HOURLY",
        "FREQ=MONTHLY;BYMONTHDAY=-1",
        "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1",
        "FREQ=MONTHLY;BYDAY=5MO",
        "FREQ=MONTHLY;BYDAY=MO",
        "FREQ=YEARLY;BYMONTH=1",
        "FREQ=WEEKLY;BYDAY=1TU",
        "FREQ=DAILY;BYDAY=MO",
        "FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=SU,MO",
    ],
)
def test_a_rule_that_the_form_cannot_say_is_kept_as_it_is(rule):
    repetition = from_rule(rule, TUESDAY)
    assert repetition.kind is Kind.OTHER
    assert to_rule(repetition, TUESDAY) == rule


def test_the_first_of_the_mondays_by_position_is_the_first_monday():
    repetition = from_rule("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1", TUESDAY)
    assert (repetition.kind, repetition.nth, repetition.weekday) == (
        Kind.MONTHLY_BY_WEEKDAY,
        1,
        "MO",
    )


def test_an_end_in_the_middle_of_a_day_does_not_bring_that_day_back():
    ended = from_rule("FREQ=DAILY;UNTIL=20261201T135959Z", TUESDAY)  # 14:59:59 in Madrid
    assert ended.until == date(2026, 11, 30)


def test_the_last_day_counts_to_its_end_in_the_zone_of_the_event():
    rule = to_rule(Repetition(kind=Kind.DAILY, until=date(2026, 7, 1)), TUESDAY)
    assert rule == "FREQ=DAILY;UNTIL=20260701T215959Z"
    whole_days = to_rule(Repetition(kind=Kind.DAILY, until=date(2026, 7, 1)), date(2026, 6, 1))
    assert whole_days == "FREQ=DAILY;UNTIL=20260701"


def test_a_day_that_not_every_month_has_is_told():
    words = repetition_in_words(Repetition(kind=Kind.MONTHLY_BY_DATE), date(2026, 1, 31))
    assert words == "El día 31 de cada mes que lo tiene"


def test_holidays_are_told():
    words = repetition_in_words(Repetition(kind=Kind.DAILY), TUESDAY, skip_holidays=True)
    assert words == "Cada día, salvo festivos"


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("2026-11-24T15:00", "2026-11-24T19:00", "martes 24 nov, 15:00–19:00"),
        ("2026-11-24T00:00", "2026-11-25T00:00", "martes 24 nov, todo el día"),
        ("2026-11-24T22:00", "2026-11-25T00:00", "martes 24 nov, 22:00–24:00"),
        ("2026-11-24T22:00", "2026-11-25T06:00", "martes 24 nov, 22:00 – miércoles 25 nov, 06:00"),
        ("2026-12-31T00:00", "2027-01-02T00:00", "jueves 31 dic – viernes 1 ene 2027"),
    ],
)
def test_a_stretch_of_time_is_told_in_short(start, end, words):
    first, last = (datetime.fromisoformat(each).replace(tzinfo=MADRID) for each in (start, end))
    assert span_in_words(first, last, MADRID, date(2026, 11, 23)) == words


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("2026-11-23T18:00", "hasta las 18:00"),
        ("2026-11-23T13:05", "hasta las 13:05"),
        ("2026-11-24T00:00", "hasta medianoche"),
        ("2026-11-24T01:00", "hasta mañana a la 1:00"),
        ("2026-11-24T08:00", "hasta mañana a las 8:00"),
        ("2026-11-27T09:30", "hasta el viernes 27 nov a las 9:30"),
    ],
)
def test_an_end_is_told_as_people_say_it(moment, words):
    now = datetime(2026, 11, 23, 10, tzinfo=MADRID)
    assert until_in_words(datetime.fromisoformat(moment).replace(tzinfo=MADRID), now) == words


def test_a_beginning_is_told_as_people_say_it():
    now = datetime(2026, 11, 23, 10, tzinfo=MADRID)
    assert at_in_words(datetime(2026, 11, 23, 13, tzinfo=UTC), now) == "a las 14:00"
    assert at_in_words(datetime(2026, 11, 24, 13, tzinfo=UTC), now) == "mañana a las 14:00"


def test_an_hour_that_is_skipped_or_repeated_is_told_and_others_are_not():
    skipped = clock_note(datetime(2027, 3, 28, 2, 30, tzinfo=MADRID))
    assert "salta las 2:30" in skipped
    assert "las 3:30" in skipped
    assert "dos veces" in clock_note(datetime(2026, 10, 25, 2, 30, tzinfo=MADRID))
    assert clock_note(datetime(2026, 10, 25, 3, 30, tzinfo=MADRID)) == ""
