"""Missed calls to return: which wait, saying that they are done, and taking that back."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from historial.models import Dismissal
from historial.returning import WAITS_FOR, to_return
from tests.historial.conftest import NO_ANSWER, OFFLINE, put

pytestmark = pytest.mark.django_db(databases="__all__")

MOBILE, OFFICE = "600123123", "911234567"


@pytest.fixture
def waiting(company):
    """The numbers that wait for a subscriber, Ana where nobody is named."""
    ana, _bruno, _carla = company

    def numbers(subscriber=ana):
        return [each.call.other for each in to_return(subscriber, timezone.now())]

    return numbers


@pytest.fixture
def mark(as_ana, page):
    """Press a button of the list; the page that follows."""

    def press(path="marcar/", **fields):
        return as_ana.post(page(f"historial/{path}"), fields, follow=True).content.decode()

    return press


@pytest.fixture
def undo(as_ana):
    """Press «Deshacer» on a page."""

    def press(html):
        address = re.search(r'action="([^"]+desmarcar[^"]+)"', html)[1]
        return as_ana.post(address.replace("&amp;", "&"), {}, follow=True)

    return press


def test_a_missed_call_waits_until_the_two_have_spoken(place, waiting):
    place(MOBILE, "201", NO_ANSWER, minutes=30)
    place(OFFICE, "201", NO_ANSWER, minutes=20)
    place("202", "201", NO_ANSWER, minutes=10)
    assert waiting() == ["202", OFFICE, MOBILE]
    place("201", MOBILE, minutes=8)
    place(OFFICE, "201", minutes=6)
    assert waiting() == ["202"]
    place("201", "202", NO_ANSWER, minutes=4)
    assert waiting() == ["202"]  # not spoken with yet


def test_who_called_several_times_waits_once_and_the_page_says_how_often(show, place, waiting):
    for minutes in (30, 20, 10):
        place(MOBILE, "201", NO_ANSWER, minutes=minutes)
    assert waiting() == [MOBILE]
    assert "3 veces" in show()


def test_withheld_numbers_and_calls_of_long_ago_do_not_wait(place, waiting):
    place("", "201", NO_ANSWER)
    place(MOBILE, "201", NO_ANSWER, at=timezone.now() - WAITS_FOR - timedelta(hours=1))
    assert waiting() == []


def test_a_call_marked_as_done_waits_no_more_until_the_number_calls_again(
    show, mark, undo, place, waiting, keys
):
    place(MOBILE, "201", NO_ANSWER, minutes=30)
    place(OFFICE, "201", NO_ANSWER, minutes=20)
    html = mark(key=keys("201")[1])
    assert "Hecho con 600\u00a012\u00a031\u00a023" in html
    assert waiting() == [OFFICE]
    assert "(1 por devolver)" in show()
    assert "vuelve a estar por devolver" in undo(html).content.decode()
    assert waiting() == [OFFICE, MOBILE]
    mark(key=keys("201")[1])
    place(MOBILE, "201", NO_ANSWER, minutes=3)
    assert waiting() == [MOBILE, OFFICE]


def test_all_are_marked_at_once_and_undone_at_once(show, mark, undo, place, waiting):
    for number in range(5):
        place(f"60000000{number}", "201", NO_ANSWER, minutes=10 + number)
    assert "Marcar todas como hechas" in show()
    assert "Ver otras 2" in show()
    html = mark(todas="1")
    assert "5 llamadas ya no están por devolver" in html
    assert waiting() == []
    assert "por devolver" not in show().replace("ya no están por devolver", "")
    assert undo(html).status_code == 200
    assert len(waiting()) == 5
    assert "No hay llamadas por devolver" in [mark(todas="1"), mark(todas="1")][1]


def test_what_was_undone_is_not_undone_again(mark, undo, place, keys):
    place(MOBILE, "201", NO_ANSWER)
    html = mark(key=keys("201")[0])
    assert [undo(html).status_code, undo(html).status_code] == [200, 404]


def test_only_missed_calls_with_a_number_are_marked(as_ana, page, place, keys):
    place(MOBILE, "201", minutes=9)
    place("", "201", NO_ANSWER, minutes=5)
    for key in (*keys("201"), "", "zzz", "1-99999"):
        assert as_ana.post(page("historial/marcar/"), {"key": key}).status_code == 404
    assert not Dismissal.objects.exists()


@pytest.mark.parametrize("batch", ["", "x", "0" * 5000, "12345678-1234-5678-1234-567812345678"])
def test_a_batch_that_never_was_is_not_found(as_ana, page, batch):
    assert as_ana.post(page(f"historial/desmarcar/?lote={batch}")).status_code == 404


def test_the_way_back_stays_in_the_portal(as_ana, page, place, keys):
    place(MOBILE, "201", NO_ANSWER)
    for way, target in (("//evil.example/", page("historial/")), (page(), page())):
        fields = {"key": keys("201")[0], "next": way}
        assert as_ana.post(page("historial/marcar/"), fields).url == target


def test_the_start_page_shows_them_with_a_way_to_call_and_to_mark(as_ana, page, place, ana):
    put(ana, not_connected="vm")
    for number in range(7):
        place(f"60000000{number}", "201", OFFLINE, minutes=10 + number, message=4)
    html = as_ana.get(page()).content.decode()
    panel = html[html.index('id="por-devolver"') : html.index('id="mensajes"')]
    assert panel.count("Marcar como hecha la de") == 5
    assert panel.count('form="llamar"') == 5
    assert "Ver otras 2" in panel


def test_the_tab_counts_them_on_every_page(as_ana, page, place):
    place(MOBILE, "201", NO_ANSWER, minutes=9)
    place(OFFICE, "201", NO_ANSWER)
    for path in ("", "desvios/", "historial/", "historial/pendientes/", "historial/resumen/"):
        assert "(2 por devolver)" in as_ana.get(page(path)).content.decode()


def test_a_page_does_not_ask_again_for_the_tab_while_the_records_are_away(
    as_ana, page, place, away, monkeypatch
):
    as_ana.get(page("desvios/"))
    asked = []
    monkeypatch.setattr("historial.context.of_request", asked.append)
    as_ana.get(page("desvios/"))
    assert asked == []


def test_what_was_dismissed_long_ago_is_forgotten_with_the_next(ana, mark, place, keys):
    at = timezone.now() - WAITS_FOR - timedelta(days=1)
    Dismissal.objects.create(
        subscriber=ana, number=MOBILE, until=at, batch="12345678-1234-5678-1234-567812345678"
    )
    place(OFFICE, "201", NO_ANSWER)
    mark(key=keys("201")[0])
    assert [row.number for row in Dismissal.objects.all()] == [OFFICE]


def test_without_call_records_marking_says_so_and_marks_nothing(mark, away):
    assert "Ahora no se puede leer" in mark(key="1-1")
    assert "Ahora no se puede leer" in mark(todas="1")
    assert not Dismissal.objects.exists()


def test_of_very_many_only_some_are_shown_and_where_the_others_are(show, place):
    for number in range(30):
        place(f"6000000{number:02d}", "201", NO_ANSWER, minutes=10 + number)
    html = show()
    assert html.count('class="missed"') == 20
    assert "Y otras 10 más" in html


def test_who_looks_for_somebody_sees_what_was_found_first(show, place):
    place(MOBILE, "201", NO_ANSWER)
    assert "Perdidas por devolver" in show("?ver=perdidas")
    assert "Perdidas por devolver" not in show(f"?buscar={MOBILE}")
