"""What the address asks for, and what is made of nonsense."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from historial.asked import EVERYTHING, KINDS, PERIODS, Asked
from tests.historial.conftest import BUSY, NO_ANSWER, put
from tests.historial.test_historial import listed

pytestmark = pytest.mark.django_db(databases="__all__")

MADRID = ZoneInfo("Europe/Madrid")
TODAY = date(2026, 11, 23)


@pytest.fixture
def some_calls(place, ana):
    """A call of each kind, each with a number of its own."""
    place("600000001", "201", NO_ANSWER, minutes=9)
    place("600000002", "201", BUSY, minutes=8)
    place("600000003", "201", minutes=7)
    place("201", "600000004", minutes=6)
    put(ana, unconditional="203")
    place("600000005", "201", minutes=5)


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("", "54321"),
        ("?ver=perdidas", "21"),
        ("?ver=recibidas", "3"),
        ("?ver=hechas", "4"),
        ("?ver=desviadas", "5"),
        ("?buscar=600000003", "3"),
        ("?buscar=600 00 00", "54321"),
        ("?buscar=%2B34 600-00-00-02", "2"),
        ("?buscar=0034600000004", "4"),
        ("?buscar=9", ""),
        ("?ver=perdidas&buscar=6000000", "21"),
        ("?ver=hechas&buscar=600000001", ""),
        ("?periodo=7", "54321"),
        ("?ver=tonterias", "54321"),
    ],
)
def test_filters_choose(show, some_calls, query, wanted):
    assert "".join(name[-1] for name in listed(show(query))) == wanted


def test_calls_of_more_than_ninety_days_ago_are_shown_when_asked_for(show, place):
    place("600000001", "201", at=timezone.now() - timedelta(days=92))
    place("600000002", "201")
    assert listed(show()) == ["600 00 00 02"]
    for query in ("?periodo=365", "?periodo=todo"):
        assert listed(show(query)) == ["600 00 00 02", "600 00 00 01"]


def test_days_are_those_of_the_reader_and_both_count(show, place):
    night = datetime(2026, 3, 9, 23, 30, tzinfo=UTC)  # already the tenth in Madrid
    place("600000001", "201", at=night)
    place("600000002", "201", at=night - timedelta(hours=1))
    assert listed(show("?desde=2026-03-10&hasta=2026-03-10")) == ["600 00 00 01"]
    assert listed(show("?desde=2026-03-09&hasta=2026-03-09")) == ["600 00 00 02"]
    assert len(listed(show("?hasta=2026-03-10"))) == 2
    assert "No hay" not in show("?desde=2026-03-09")
    assert "El 10 mar 2026" in show("?desde=2026-03-10&hasta=2026-03-10")


def test_dates_in_the_wrong_order_are_put_right_with_a_remark(show, place):
    place("600000001", "201", at=datetime(2026, 3, 9, 12, tzinfo=UTC))
    html = show("?desde=2026-03-10&hasta=2026-03-08")
    assert listed(html) == ["600 00 00 01"]
    assert "Las fechas estaban al revés" in html


@pytest.mark.parametrize(
    ("query", "remark"),
    [
        ("?ver=zzz", "Ese filtro no existe"),
        ("?periodo=12345678901234567890", "Ese periodo no existe"),
        ("?periodo=-1", "Ese periodo no existe"),
        ("?desde=0000-01-01", "no es una fecha"),
        ("?desde=ayer", "«ayer» no es una fecha"),
        ("?hasta=2026-02-30", "no es una fecha"),
        ("?desde=2026-W10-1", "no es una fecha"),
        ("?desde=%00", "no es una fecha"),
        ("?desde=" + "9" * 5000, "no es una fecha"),
        ("?antes=zzz", "Esa página no existe"),
        ("?antes=99999999999999999999999-1", "Esa página no existe"),
        ("?antes=%00%ff", "Esa página no existe"),
    ],
)
def test_nonsense_is_left_out_with_a_remark(show, place, query, remark):
    place("600000001", "201")
    html = show(query)
    assert remark in html
    assert listed(html) == ["600 00 00 01"]


@pytest.mark.parametrize(
    "query",
    [
        "?desde=0001-01-01&hasta=9999-12-31",
        "?desde=9999-12-31",
        "?hasta=0001-01-01",
        "?antes=99999999999999999-999999999999999999",
        "?antes=0-0",
        "?buscar=" + "a" * 20_000,
        "?buscar=" + "9" * 20_000,
        "?buscar=%00",
        "?buscar=%ff%fe",
        "?buscar='; DROP TABLE x; --",
        "?buscar=%25",
        "?buscar=%5C_",
        "?buscar=%E2%80%AE600",
        "?buscar=٦٠٠",
        "?buscar=%2B",
        "?buscar=(((",
        "?ver=perdidas&ver=hechas&desde=&hasta=&periodo=&antes=",
        "?antes=" + "1" * 5000,
    ],
)
def test_no_address_brings_the_page_down(as_ana, page, place, query):
    place("600000001", "201")
    for path in ("historial/", "historial/exportar/"):
        assert as_ana.get(page(f"{path}{query}")).status_code == 200


def test_what_was_searched_for_is_shown_as_text(show, place):
    html = show("?buscar=<script>alert(1)</script>")
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;»" in html
    assert "Quitar los filtros" in html


def test_an_address_says_no_more_than_it_has_to():
    asked = Asked.read({"ver": "perdidas", "periodo": "90", "buscar": " ana   lópez "})
    assert asked.address() == "?ver=perdidas&buscar=ana+l%C3%B3pez"
    assert asked.address(before="1-1").endswith("&antes=1-1")
    assert Asked().address() == "?"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("period", PERIODS)
def test_an_address_asks_for_what_it_was_made_of(kind, period):
    asked = Asked(kind=kind, period=period, text="x & y")
    query = dict(part.split("=") for part in asked.address()[1:].split("&") if part)
    query["buscar"] = "x & y"
    assert Asked.read(query) == asked


def test_a_period_begins_at_midnight_and_today_counts():
    since, until = Asked(period="7").limits(TODAY, MADRID)
    assert (since, until) == (datetime(2026, 11, 17, tzinfo=MADRID), None)
    assert Asked(period=EVERYTHING).limits(TODAY, MADRID) == (None, None)


@pytest.mark.parametrize(
    ("text", "is_number"),
    [("600", True), ("+34 600", True), ("(91) 123-45.67", True), ("24 horas", False), ("+", False)],
)
def test_digits_are_a_number_and_letters_a_name(text, is_number):
    assert Asked(text=text).is_number is is_number
