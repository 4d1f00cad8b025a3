"""One call and its steps."""

import re

import pytest

from tests.historial.conftest import BUSY, NO_ANSWER, OFFLINE, put

pytestmark = pytest.mark.django_db(databases="__all__")

MOBILE = "600123123"


def steps(html):
    """Each step as its words, without its time."""
    found = re.findall(r"</time>\s*<div>(.*?)</div></li>", html, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", step).split()) for step in found]


@pytest.fixture
def chain(place, ana, bruno, contact):
    """A call to Ana that goes on to Bruno, from there to Carla, and ends in her mailbox."""
    contact("María Ibáñez", MOBILE, ana)
    put(ana, no_answer="202")
    put(bruno, busy="203")
    return place(MOBILE, "201", NO_ANSWER, others={"202": BUSY})


def test_a_call_unfolds_to_its_steps(show, chain, keys):
    (key,) = keys("201")
    told = steps(show(f"llamada/{key}/"))
    assert re.fullmatch(r"Ana \(201\) Sonó \d+ s y nadie contestó", told[0])
    assert told[1].startswith("Bruno (202) Desvío de Ana (201), por no contestar")
    assert told[2].startswith("Carla (203) Desvío de Bruno (202), por estar ocupado Contestó a los")


def test_the_page_says_what_it_was_and_offers_what_can_be_done(show, chain, keys, page):
    html = show(f"llamada/{keys('201')[0]}/")
    assert "<h1>Llamada con María Ibáñez</h1>" in html
    assert "Desviada" in html
    assert "A Bruno (202), por no contestar." in html
    assert f'name="number" value="{MOBILE}"' in html
    assert f"?periodo=todo&amp;buscar={MOBILE}" in html


def test_htmx_gets_the_steps_alone(show, chain, keys):
    html = show(f"llamada/{keys('201')[0]}/", hx_request="true")
    assert len(steps(html)) == 3
    assert "<h1>" not in html


def test_everybody_sees_the_call_from_the_own_side(client, page, chain, keys, bruno, carla):
    for who, words in ((bruno, "Desviada"), (carla, "Recibida")):
        client.force_login(who.user)
        (key,) = keys(who.number)
        html = client.get(page(f"historial/llamada/{key}/")).content.decode()
        assert words in html
        assert "María" not in html  # that name is in Ana's address book alone
        assert "600\u00a012\u00a031\u00a023" in html


def test_a_number_outside_that_a_colleague_chose_is_the_colleagues_affair(show, place, keys, bruno):
    put(bruno, unconditional="600999888")
    place("201", "202")
    html = show(f"llamada/{keys('201')[0]}/")
    assert "Otro número" in html
    assert "600 99 98 88" not in html


def test_a_message_is_a_step_and_a_link(show, place, keys, page, ana):
    put(ana, not_connected="vm")
    msg_id = place(MOBILE, "201", OFFLINE, message=8).msg_id
    html = show(f"llamada/{keys('201')[0]}/")
    assert page(f"buzon/mensaje/{msg_id}/") in html
    assert "Saltó el buzón de voz" in html


@pytest.mark.parametrize(
    "key", ["0-0", "1-99999", "x", "%00", "%2e%2e", "1" * 3000, "-1--1", "1-1%0d%0a", "٣-٣"]
)
def test_a_key_that_is_nobodys_is_not_found(as_ana, page, key):
    assert as_ana.get(page(f"historial/llamada/{key}/")).status_code == 404


def test_without_call_records_the_page_says_so(as_ana, page, away):
    answer = as_ana.get(page("historial/llamada/1-1/"))
    assert answer.status_code == 503
    assert "Ahora no se puede leer" in answer.content.decode()
    part = as_ana.get(page("historial/llamada/1-1/"), headers={"HX-Request": "true"})
    assert part.status_code == 200
    assert "Ahora no se puede leer" in part.content.decode()


def test_a_call_costs_few_queries_whatever_its_steps(
    as_ana, page, chain, keys, django_assert_num_queries
):
    path = page(f"historial/llamada/{keys('201')[0]}/")
    with django_assert_num_queries(4, using="cdr"):  # the call, its row, its legs, and the tab's
        as_ana.get(path)
