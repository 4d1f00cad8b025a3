"""Calendars from and to elsewhere, as people use them."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.desvios.calendars import calendar, once

pytestmark = pytest.mark.browser

FILE = calendar(
    once("dentista", "Dentista", "20991201"), once("mal", "Pulso", RRULE="FREQ=SECONDLY")
)


def upload(page, portal):
    page.goto(portal.url("desvios/calendario/"))
    page.get_by_role("link", name="Importar").click()
    page.get_by_label("Archivo del calendario").set_input_files(
        {"name": "a.ics", "mimeType": "text/calendar", "buffer": FILE}
    )
    page.get_by_role("button", name="Ver lo que trae").click()
    expect(page.get_by_role("checkbox", name="Dentista")).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False], ids=["js", "no-js"])
def test_a_file_is_imported_and_taken_back(portal, visit, javascript):
    page = visit("203", javascript=javascript)
    upload(page, portal)
    expect(page.get_by_role("checkbox", name="Dentista")).to_be_checked()
    expect(page.get_by_text("varias veces al día")).to_be_visible()
    page.get_by_role("button", name="Importar lo elegido").click()
    expect(page.get_by_role("status")).to_contain_text("1 evento importado: activo")
    page.get_by_role("status").get_by_role("button", name="Deshacer").click()
    expect(page.get_by_role("status")).to_contain_text("Cambio deshecho: activo")


@pytest.mark.parametrize("width", [320, 1280])
def test_the_choice_of_events_fits_and_is_for_everybody(portal, visit, width):
    page = visit("203", width=width)
    upload(page, portal)
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert Axe().run(page).response["violations"] == []


def test_the_keyboard_alone_imports_a_file(portal, visit):
    page = visit("203")
    upload(page, portal)
    box = page.get_by_role("checkbox", name="Dentista")
    box.focus()
    page.keyboard.press("Space")
    expect(box).not_to_be_checked()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    expect(page.get_by_role("radio", name="Al buzón de voz")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("1 evento importado")
    page.get_by_role("status").get_by_role("button", name="Deshacer").click()
    expect(page.get_by_role("status")).to_contain_text("Cambio deshecho")


def test_a_subscription_that_cannot_be_says_why_at_its_field(portal, visit):
    page = visit("203", width=320)
    page.goto(portal.url("desvios/calendario/suscripciones/"))
    page.get_by_label("Nombre").fill("Trabajo")
    page.get_by_label("Dirección del calendario").fill("https://127.0.0.1/a.ics")
    page.get_by_role("button", name="Suscribirse").click()
    expect(page.get_by_role("alert")).to_contain_text("no es de internet")
    expect(page.get_by_label("Dirección del calendario")).to_have_value("https://127.0.0.1/a.ics")
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert Axe().run(page).response["violations"] == []


def test_the_secret_address_is_made_renewed_and_switched_off(portal, visit):
    page = visit("203")
    page.goto(portal.url("desvios/calendario/exportar/"))
    page.get_by_role("button", name="Crear la dirección").click()
    address = page.get_by_label("Dirección", exact=True)
    first = address.input_value()
    assert "BEGIN:VCALENDAR" in page.request.get(first).text()
    page.get_by_role("button", name="Renovar la dirección").click()
    expect(address).not_to_have_value(first)
    assert page.request.get(first).status == 404
    assert Axe().run(page).response["violations"] == []
    page.get_by_role("button", name="Apagar la dirección").click()
    expect(page.get_by_role("button", name="Crear la dirección")).to_be_visible()
