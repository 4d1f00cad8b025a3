"""The list of calls as its reader sees it."""

import re
from datetime import timedelta

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.news import Topic, since
from portal.pbx import get_pbx
from tests.historial.conftest import BUSY, NO_ANSWER, OFFLINE, put

pytestmark = pytest.mark.django_db(databases="__all__")

MOBILE = "600123123"


def listed(html):
    """The names in the list, in its order."""
    _, _, body = html.partition('aria-label="Llamadas"')
    return re.findall(r'<span class="name">([^<]+)</span>', body)


def sources(html):
    """Each row of the list as it is written."""
    return re.findall(r'<li class="entry">(.*?)</li>', html, re.DOTALL)


def rows(html):
    """Each row of the list as its words."""
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in sources(html)]


def test_without_calls_the_page_says_what_will_be_here(show, company):
    html = show()
    assert "Aquí estarán las llamadas" in html
    assert "?periodo=todo" in html
    assert "Perdidas por devolver" not in html


def test_calls_come_newest_first_with_result_time_and_length(show, place):
    place(MOBILE, "201", minutes=20)
    place("201", "202", minutes=15)
    place(MOBILE, "201", NO_ANSWER, minutes=10)
    place("911234567", "201", BUSY, minutes=5)
    missed_busy, missed, made, received = rows(show())
    assert "911 23 45 67 Perdida, comunicabas" in missed_busy
    assert "600 12 31 23 Perdida" in missed
    assert "Dura —" in missed
    assert "Bruno 202 Hecha" in made
    assert re.search(r"Dura (\d+ min \d+|\d+) s", made)
    assert "600 12 31 23 Recibida" in received
    assert all(re.search(r"(Hoy|Ayer), \d\d:\d\d", row) for row in rows(show()))


@pytest.mark.parametrize(
    ("state", "words"), [(NO_ANSWER, "Hecha, sin respuesta"), (BUSY, "Hecha, comunicaba")]
)
def test_a_call_made_in_vain_says_how(show, place, state, words):
    place("201", "202", state)
    assert words in rows(show())[0]


def test_whoever_is_in_the_address_book_has_that_name(show, place, contact, ana, bruno):
    contact("María Ibáñez", MOBILE, ana)
    contact("Secreto de Bruno", "911234567", bruno)
    contact("Talleres Ruiz", "963112233")
    for caller in (MOBILE, "911234567", "963112233", ""):
        place(caller, "201")
    html = show()
    assert sorted(listed(html)) == [
        "911 23 45 67",
        "María Ibáñez",
        "Número oculto",
        "Talleres Ruiz",
    ]
    assert "Secreto" not in html


def test_a_name_from_elsewhere_is_shown_as_text(show, place, contact, ana):
    contact("<script>alert(1)</script>", MOBILE, ana)
    place(MOBILE, "201")
    assert "<script>alert" not in show()


def test_a_forwarded_call_says_by_which_rule_and_whereto(show, place, ana, contact):
    contact("Mi móvil", "600999888", ana)
    put(ana, no_answer="600999888", unconditional="")
    place("911234567", "201", NO_ANSWER, minutes=9)
    put(ana, unconditional="202")
    place("911234567", "201", minutes=4, others={"202": NO_ANSWER})
    lost, reached = rows(show())
    assert "Desviada, sin respuesta A Bruno (202), por desvío incondicional" in lost
    assert "Desviada A Mi móvil (600 99 98 88), por no contestar" in reached


def test_a_call_that_left_a_message_leads_to_it_while_it_is_there(show, place, page, ana):
    put(ana, not_connected="vm")
    place("600000001", "201", OFFLINE, minutes=30, message=8)
    msg_id = place(MOBILE, "201", OFFLINE, message=8).msg_id
    html = show()
    assert "Al buzón Por no estar conectado" in rows(html)[0]
    assert html.count(page(f"buzon/mensaje/{msg_id}/")) == 2  # in the list, and among the missed
    get_pbx().voicemail.remove(ana.mailbox, [msg_id])
    assert page(f"buzon/mensaje/{msg_id}/") not in show()


def test_a_message_of_another_caller_or_time_is_not_that_of_the_call(show, place, page, ana):
    put(ana, not_connected="vm")
    at = timezone.now() - timedelta(minutes=9)
    mine = place(MOBILE, "201", OFFLINE, at=at, message=8).msg_id
    get_pbx().voicemail.remove(ana.mailbox, [mine])
    other = place("911234567", "201", OFFLINE, at=at, message=8).msg_id
    later = place(MOBILE, "201", OFFLINE, at=at + timedelta(minutes=2), message=8).msg_id
    found = [re.findall(r"mensaje/([^/]+)/", row) for row in sources(show())]
    assert sorted(found) == sorted([[later], [other], []])


def test_a_number_that_nobody_knows_can_be_put_into_the_address_book(show, place, contact, ana):
    place(MOBILE, "201", minutes=9)
    assert f"?telefono={MOBILE}" in show()
    contact("María", MOBILE, ana)
    assert f"?telefono={MOBILE}" not in show()


def test_a_withheld_number_offers_neither_call_nor_contact(show, place):
    place("", "201")
    (row,) = sources(show())
    assert "Número oculto" in row
    assert "Llamar" not in row
    assert "telefono=" not in row


def test_the_button_calls_the_number_of_the_row(show, place):
    place(MOBILE, "201")
    assert f'form="llamar" name="number" value="{MOBILE}"' in show()


def test_a_long_list_goes_on_by_key_and_keeps_the_filter(show, place):
    for minutes in range(30):
        place(MOBILE, "201", NO_ANSWER, minutes=minutes + 5)
        place("201", "202", minutes=minutes + 5)
    first = show("?ver=perdidas")
    older = re.search(r'href="(\?[^"]+)" rel="next"', first)[1].replace("&amp;", "&")
    assert older.startswith("?ver=perdidas&antes=")
    second = show(older)
    assert (len(rows(first)), len(rows(second))) == (25, 5)
    assert not set(ids(first)) & set(ids(second))
    assert 'href="?ver=perdidas" rel="first"' in second
    assert 'rel="next"' not in second
    assert "Perdidas por devolver" not in second


def ids(html):
    """What names the rows of the list."""
    return re.findall(r'id="(llamada-[^"]+)"', html)


def test_the_list_alone_comes_to_a_page_that_asks_for_it_anew(show, place):
    place(MOBILE, "201")
    html = show(hx_request="true")
    assert "<html" not in html
    assert len(rows(html)) == 1


def test_a_new_call_is_told_to_open_pages(place, ana, django_capture_on_commit_callbacks):
    begun = timezone.now() - timedelta(seconds=1)
    with django_capture_on_commit_callbacks(using="cdr", execute=True):
        place(MOBILE, "201")
    assert Topic.CALLS in since("201", begun)
    assert Topic.CALLS not in since("203", begun)


def test_without_call_records_the_page_says_so_and_all_others_work(as_ana, show, page, away):
    html = show()
    assert "Ahora no se puede leer el registro de llamadas" in html
    assert "no se puede leer" in show("resumen/")
    assert "no se puede leer" in show("?buscar=ana&ver=perdidas")
    for path in ("", "desvios/", "buzon/", "historial/pendientes/"):
        assert as_ana.get(page(path)).status_code == 200
    assert "No tienes llamadas por devolver" not in as_ana.get(page()).content.decode()


def test_a_page_costs_the_same_queries_whatever_it_shows(as_ana, page, place, ana, contact):
    put(ana, no_answer="vm")

    def queries():
        with (
            CaptureQueriesContext(connections["default"]) as default,
            CaptureQueriesContext(connections["cdr"]) as cdr,
        ):
            as_ana.get(page("historial/"))
        return len(default), len(cdr)

    place(MOBILE, "201", NO_ANSWER, message=5)
    queries()  # the first visit of a session is written down
    few = queries()
    for number in range(24):
        contact(f"Nombre {number}", f"6000000{number:02d}", ana)
        place(f"6000000{number:02d}", "201", NO_ANSWER, message=5)
    assert queries() == few
    assert few[1] <= 4
