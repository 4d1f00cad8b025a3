"""Keys for everywhere, their list, and the switch for those of a single key."""

import pytest
from playwright.sync_api import expect

from tests.browser.test_pages import scrolls_sideways, violations

pytestmark = pytest.mark.browser

PERSON = "301"
"""Nobody else's test changes how this person's keys work."""


def test_the_list_of_keys_opens_and_single_keys_can_be_turned_off(portal, visit):
    page = visit(PERSON, width=390)
    page.goto(portal.url("agenda/"))
    keys, field = page.get_by_role("dialog", name="Atajos de teclado"), page.locator("#buscar")
    page.keyboard.press("?")
    expect(keys).to_be_visible()
    assert (violations(page), scrolls_sideways(page)) == ([], False)
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    page.keyboard.press("/")
    expect(field).to_be_focused()
    page.keyboard.type("a?/")
    expect(field).to_have_value("a?/")
    expect(keys).to_be_hidden()

    page.get_by_role("link", name="Atajos de teclado").click()
    keys.get_by_role("link", name="Cambiarlo en Ajustes").click()
    page.get_by_role("button", name="Apagar los atajos de una tecla").click()
    expect(page.get_by_text("Atajos de una tecla apagados.")).to_be_visible()
    page.goto(portal.url("agenda/"))
    for key in ("?", "/"):
        page.keyboard.press(key)
    expect(field).not_to_be_focused()
    expect(keys).to_be_hidden()
    page.get_by_role("link", name="Atajos de teclado").click()
    expect(keys.get_by_text("Los de una sola tecla están apagados.")).to_be_visible()
    keys.get_by_role("button", name="Cerrar").click()
    expect(keys).to_be_hidden()

    page.goto(portal.url("ajustes/"))
    page.get_by_role("button", name="Encender los atajos de una tecla").click()
    expect(page.get_by_text("Atajos de una tecla encendidos.")).to_be_visible()
    page.keyboard.press("?")
    expect(keys).to_be_visible()


def test_without_javascript_the_list_stands_in_ajustes(portal, visit):
    page = visit(PERSON, javascript=False)
    page.goto(portal.url())
    page.get_by_role("link", name="Atajos de teclado").click()
    page.get_by_text("Qué teclas hay").click()
    expect(page.locator("#contenido").get_by_text("Ver esta lista")).to_be_visible()
