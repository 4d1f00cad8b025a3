"""The summary: its drawing, its tables, its words."""

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from historial import charts
from historial.charts import HEIGHT, Slot
from portal.pbx.types import Count, Summary
from tests.historial.conftest import NO_ANSWER

pytestmark = pytest.mark.django_db(databases="__all__")

MADRID = ZoneInfo("Europe/Madrid")
COUNTS = st.builds(Count, st.integers(0, 10**6), st.integers(0, 10**6))


def table(html, title):
    """A table as its rows of words."""
    (found,) = re.findall(rf"<th scope=\"col\">{title}.*?</table>", html, re.DOTALL)
    cells = re.findall(r'<th scope="row">([^<]+)</th><td>(\d+)</td><td>(\d+)</td>', found)
    return {name: (int(answered), int(missed)) for name, answered, missed in cells}


@pytest.fixture
def yesterday():
    """Ten in the morning of yesterday, where Ana is."""
    day = timezone.localdate(timezone=MADRID) - timedelta(days=1)
    return datetime(day.year, day.month, day.day, 10, tzinfo=MADRID)


def test_answered_and_missed_calls_are_counted_by_day_and_by_hour(show, place, yesterday):
    for minute in range(3):
        place("600000001", "201", at=yesterday + timedelta(minutes=minute))
    place("600000002", "201", NO_ANSWER, at=yesterday + timedelta(hours=1))
    place("600000002", "201", NO_ANSWER, at=yesterday - timedelta(days=3, hours=1))
    place("600000002", "201", NO_ANSWER, at=yesterday - timedelta(days=60))
    place("201", "600000002", at=yesterday)
    html = show("resumen/")
    assert list(table(html, "Por día").values()) == [(0, 1), (3, 1)]
    assert table(html, "Por hora") == {
        "De 9 a 10 h": (0, 1),
        "De 10 a 11 h": (3, 0),
        "De 11 a 12 h": (0, 1),
    }
    assert "<dd>5</dd>" in html
    assert "40 %" in html
    assert "de 9 a 10 h" in html


def test_the_drawing_has_a_name_and_each_bar_says_what_it_is(show, place, yesterday):
    place("600000001", "201", at=yesterday)
    html = show("resumen/")
    assert 'role="img" aria-label="Llamadas recibidas cada día' in html
    assert re.search(r"<title>[a-zé]+ \d+ [a-z]+: 1 contestada, 0 perdidas</title>", html)
    assert html.count('class="answered" x=') == 2
    assert 'missed-bar" fill="url(#rayas)" x=' not in html
    assert not re.search(r'(?:x|y|width|height)="\d+,\d', html)


def test_without_calls_it_says_what_will_be_here(show, company):
    html = show("resumen/")
    assert "Aquí se verá cuándo te llaman" in html
    assert "<table" not in html


def test_days_without_calls_have_their_place_and_mondays_a_name():
    first, last = date(2026, 11, 2), date(2026, 11, 29)
    slots = charts.by_day(Summary({date(2026, 11, 4): Count(2, 1)}, {}), first, last)
    assert len(slots) == 28
    assert [slot.mark for slot in slots if slot.mark] == ["2 nov", "9 nov", "16 nov", "23 nov"]
    assert slots[2].count == Count(2, 1)


def test_hours_of_all_days_are_added_and_early_ones_shown_when_there_are_calls():
    hours = {(0, 9): Count(1, 0), (4, 9): Count(2, 3), (6, 5): Count(0, 1)}
    slots = charts.by_hour(Summary({}, hours))
    assert slots[0].name == "de 5 a 6 h"
    assert next(slot.count for slot in slots if slot.name == "de 9 a 10 h") == Count(3, 3)
    assert len(charts.by_hour(Summary({}, {}))) == 12


@given(st.lists(COUNTS, min_size=1, max_size=40))
def test_every_bar_stands_in_the_drawing_and_is_as_high_as_its_calls(counts):
    chart = charts.draw([Slot("x", count) for count in counts])
    top = chart.lines[-1]
    assert 3 <= len(chart.lines) <= 6
    assert top.y >= 0
    scale = (HEIGHT - top.y) / top.calls
    for bar, count in zip(chart.bars, counts, strict=True):
        assert bar.missed_y >= top.y - 0.2
        assert 0 <= bar.x < bar.x + bar.width <= 100.01
        assert bar.answered_height == pytest.approx(count.answered * scale, abs=0.5)
        assert bar.answered_y + bar.answered_height == pytest.approx(HEIGHT, abs=0.2)
        assert bar.missed_y + bar.missed_height == pytest.approx(bar.answered_y, abs=0.2)
