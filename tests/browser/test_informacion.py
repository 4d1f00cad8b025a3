"""Información in a real browser: queues and telephones as they are, with and without JavaScript."""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.browser.looks import in_each_look
from tests.browser.test_clicks import Hand
from tests.browser.test_pages import scrolls_sideways, violations

pytestmark = pytest.mark.browser

WHO = "301"
QUEUE = "Atención al cliente"


@pytest.fixture
def queues(portal):
    """Those of the demonstration, with the agent back at work before and after."""
    held = portal.node().queues

    def work():
        for member in held.members():
            if member.number == WHO:
                held.resume(member)

    work()
    yield held
    work()


def row(page, title=QUEUE):
    return (
        page.get_by_role("region", name="Tus colas").get_by_role("listitem").filter(has_text=title)
    )


@pytest.mark.parametrize("javascript", [True, False])
def test_which_queues_am_i_in_and_pause_takes_two_clicks(visit, portal, queues, javascript):
    page, hand = visit(WHO, javascript=javascript), Hand()
    page.goto(portal.url())
    hand.click(page.get_by_role("link", name="Información").first)
    expect(row(page)).to_contain_text("Atendiendo")
    hand.click(page.get_by_role("button", name="Ponerme en pausa"))
    expect(page.get_by_role("status").first).to_contain_text("Estás en pausa: Descanso")
    expect(row(page)).to_contain_text(re.compile("En pausa.*Descanso.*desde: hoy", re.DOTALL))
    assert hand.clicks == 2
    page.get_by_role("button", name="Volver a atender en todas").click()
    expect(row(page)).to_contain_text("Atendiendo")
    expect(page.get_by_role("button", name="Volver a atender en todas")).to_have_count(0)


def test_a_pause_in_one_queue_with_a_reason_of_ones_own(visit, portal, queues):
    page = visit(WHO)
    page.goto(portal.url("informacion/"))
    page.get_by_label("Dónde").select_option(QUEUE)
    page.get_by_label("u otro motivo").fill("Visita de un cliente")
    page.keyboard.press("Enter")
    expect(row(page)).to_contain_text("Visita de un cliente")
    expect(row(page, "Soporte técnico")).to_contain_text("Atendiendo")
    row(page).get_by_role("button", name="Volver a atender").click()
    expect(row(page)).to_contain_text("Atendiendo")


def test_leaving_a_queue_and_coming_back(visit, portal, queues):
    page = visit(WHO)
    page.goto(portal.url("informacion/"))
    support = row(page, "Soporte técnico")
    expect(row(page).get_by_role("button", name="Salir")).to_have_count(0)
    support.get_by_role("button", name="Salir").click()
    expect(support).to_contain_text("Fuera")
    support.get_by_role("button", name="Entrar").click()
    expect(support).to_contain_text(re.compile("Con entrada: hoy.*penalización 1", re.DOTALL))


def test_what_happens_elsewhere_appears_within_a_second_or_so_and_leaves_what_is_typed(
    visit, portal, queues
):
    page = visit(WHO)
    page.goto(portal.url("informacion/"))
    page.wait_for_timeout(1500)  # the stream is open, and this is no catching up
    field = page.get_by_label("u otro motivo")
    field.fill("Ahora vue")
    began = time.monotonic()
    queues.pause(queues.member("atencion", WHO), "Desde otro sitio")
    expect(row(page)).to_contain_text("Desde otro sitio", timeout=3000)
    assert time.monotonic() - began < 2.5
    expect(field).to_have_value("Ahora vue")
    expect(field).to_be_focused()


def test_a_telephone_that_is_unplugged_and_plugged_in(visit, portal):
    page, telephones = visit("302"), portal.node().telephones
    page.goto(portal.url("informacion/"))
    panel = page.get_by_role("region", name="Tus teléfonos ahora")
    expect(panel).to_contain_text("Libre")
    page.wait_for_timeout(1500)
    telephones.unplug("302")
    try:
        expect(panel).to_contain_text("Sin conexión", timeout=3000)
    finally:
        telephones.plug_in("302")
    expect(panel).to_contain_text("Libre", timeout=3000)


@in_each_look
def test_no_state_of_the_page_has_a_fault_or_scrolls_sideways(visit, portal, queues, width, theme):
    queues.pause(queues.member("atencion", WHO), "Un motivo bastante largo que casi no cabe aquí")
    for who in (WHO, "302", "203"):
        page = visit(who, width=width, theme=theme)
        page.goto(portal.url("informacion/"))
        for summary in page.locator("main details > summary").all():
            summary.click()
        assert violations(page) == []
        assert not scrolls_sideways(page)
