"""Agenda in a real browser: finding, writing down, editing, deleting."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_clicks import Hand
from tests.browser.test_pages import scrolls_sideways, violations

pytestmark = pytest.mark.browser


def open_agenda(page, portal, query=""):
    page.goto(portal.url(f"agenda/{query}"))


def field(page, name):
    return page.get_by_role("textbox", name=name, exact=True)


def row(page, name):
    return page.get_by_role("row").filter(has_text=name)


def write(page, name, text, *, javascript=True):
    """Fill a field in, and wait for what is proposed then: leaving earlier is a fault to htmx."""
    if not javascript:
        return field(page, name).fill(text)
    with page.expect_response("**/agenda/proponer/"):
        return field(page, name).fill(text)


def add(page, portal, name, number, *, javascript=True):
    """A contact, by the page that needs no JavaScript."""
    page.goto(portal.url("agenda/nuevo/"))
    write(page, "Nombre", name, javascript=javascript)
    write(page, "Número de teléfono", number, javascript=javascript)
    with page.expect_navigation():
        page.get_by_role("button", name="Guardar").click()
    if page.get_by_role("button", name="Guardar de todos modos").count():
        page.get_by_role("button", name="Guardar de todos modos").click()
    expect(page.get_by_role("status").first).to_contain_text("está en tu agenda")


@pytest.mark.parametrize("javascript", [True, False])
def test_a_search_forgives_accents_and_stands_in_the_address(visit, portal, javascript):
    page = visit("201", javascript=javascript)
    open_agenda(page, portal)
    page.get_by_role("searchbox").fill("OSCAR transp")
    if not javascript:
        page.get_by_role("button", name="Buscar").click()
    expect(row(page, "Óscar")).to_be_visible()
    expect(page.locator("tbody").get_by_role("row")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"buscar=OSCAR(\+|%20)transp"))
    page.reload()
    expect(row(page, "Óscar")).to_be_visible()
    page.get_by_role("link", name="Móvil", exact=True).click()
    expect(page.get_by_text("Ningún contacto coincide")).to_be_visible()
    page.get_by_role("link", name="Ver todos").click()
    expect(row(page, "Almacén")).to_be_visible()


def test_a_contact_is_written_down_in_the_dialog(visit, portal):
    page = visit("202")
    open_agenda(page, portal)
    page.get_by_role("link", name="Añadir nuevo contacto").click()
    dialog = page.get_by_role("dialog", name="Añadir nuevo contacto")
    expect(field(dialog, "Nombre")).to_be_focused()
    page.keyboard.type("Eulalia")
    field(dialog, "Apellido 1").fill("Sanz")
    field(dialog, "Código postal").fill("41002")
    field(dialog, "Número de teléfono").fill("no")
    expect(field(dialog, "Nombre en pantalla")).to_have_value("Eulalia Sanz")
    expect(field(dialog, "Provincia")).to_have_value("Sevilla")
    dialog.get_by_role("button", name="Guardar contacto").click()
    expect(dialog.get_by_role("alert")).to_be_focused()
    expect(field(dialog, "Nombre")).to_have_value("Eulalia")
    field(dialog, "Número de teléfono").fill("954 00 07 77")
    expect(dialog.get_by_role("combobox", name="Tipo").first).to_have_value("landline")
    field(dialog, "Nombre en pantalla").fill("Lali")
    with page.expect_response("**/agenda/proponer/"):
        field(dialog, "Apellido 2").fill("Gil")
    dialog.get_by_role("button", name="Guardar contacto").click()
    expect(page.get_by_role("status").first).to_contain_text("«Lali» está en tu agenda")
    expect(row(page, "Eulalia")).to_contain_text("Sanz Gil")


def test_the_dialog_warns_of_a_number_that_is_known(visit, portal):
    page = visit("203")
    add(page, portal, "Fulgencio", "600 00 09 99")
    open_agenda(page, portal)
    page.get_by_role("link", name="Añadir nuevo contacto").click()
    dialog = page.get_by_role("dialog")
    field(dialog, "Nombre").fill("Doble")
    field(dialog, "Número de teléfono").fill("600000999")
    expect(dialog.get_by_text("Ya tienes a Fulgencio con este número.")).to_be_visible()
    dialog.get_by_role("button", name="Guardar contacto").click()
    expect(dialog.get_by_role("button", name="Guardar de todos modos")).to_be_focused()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("link", name="Añadir nuevo contacto")).to_be_focused()


@pytest.mark.parametrize("javascript", [True, False])
def test_a_contact_is_edited_deleted_and_brought_back(visit, portal, javascript):
    name = f"Prueba {javascript}"
    page = visit("204", javascript=javascript)
    add(page, portal, name, "600 00 08 88", javascript=javascript)
    page.get_by_role("searchbox").fill(name)
    page.get_by_role("button", name="Buscar").click()
    row(page, name).get_by_role("link", name=name).click()
    page.get_by_role("link", name="Editar").click()
    write(page, "Empresa", "Duero", javascript=javascript)
    write(page, "Otro número", "910 00 07 77", javascript=javascript)
    page.get_by_role("button", name="Guardar contacto").click()
    expect(page.get_by_role("main")).to_contain_text("guardado")
    page.goto(portal.url("agenda/?buscar=910000777"))
    row(page, name).get_by_role("link", name=name).click()
    page.get_by_role("button", name="Borrar").click()
    expect(page.get_by_role("status").first).to_contain_text("Contacto borrado.")
    page.get_by_role("button", name="Deshacer").click()
    expect(page.get_by_role("status").first).to_contain_text("Cambio deshecho.")
    page.goto(portal.url("agenda/?buscar=910000777"))
    row(page, name).get_by_role("checkbox").check()
    with page.expect_navigation():
        page.get_by_role("button", name="Borrar").click()
    page.goto(portal.url("agenda/papelera/"))
    page.get_by_role("button", name=f"Recuperar a {name}").first.click()
    expect(page.get_by_role("status").first).to_contain_text("Contacto recuperado.")
    page.goto(portal.url("agenda/?buscar=910000777"))
    row(page, name).get_by_role("checkbox").check()
    with page.expect_navigation():
        page.get_by_role("button", name="Borrar").click()
    page.goto(portal.url("agenda/papelera/"))
    page.get_by_role("button", name="Vaciar la papelera").click()
    page.get_by_role("button", name="Borrar para siempre").click()
    expect(page.get_by_role("main")).to_contain_text("La papelera está vacía")


def test_a_star_is_given_without_leaving_the_page(visit, portal):
    page = visit("204")
    open_agenda(page, portal)
    star = row(page, "Almacén").get_by_role("button", name="favorito")
    before = star.get_attribute("aria-pressed")
    with page.expect_response("**/agenda/ordenar/") as answer:
        star.click()
    assert answer.value.status == 204
    after = "false" if before == "true" else "true"
    expect(star).to_have_attribute("aria-pressed", after)
    page.reload()
    expect(star).to_have_attribute("aria-pressed", after)


def test_everything_is_reached_by_keyboard(visit, portal):
    page = visit("202")
    open_agenda(page, portal)
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("nerea")
    expect(page.locator("tbody").get_by_role("row")).to_have_count(1)
    link = page.get_by_role("link", name="Añadir nuevo contacto")
    for _ in range(3):
        page.keyboard.press("Tab")
        if link.evaluate("each => each === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(field(page, "Nombre")).to_be_focused()
    page.keyboard.press("Escape")
    expect(link).to_be_focused()
    box = row(page, "Nerea").get_by_role("checkbox")
    box.focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="A favoritos")).to_be_visible()
    expect(page.get_by_label("Todos").last).to_be_checked()
    page.keyboard.press("Tab")
    expect(row(page, "Nerea").get_by_role("button", name="favorito")).to_be_focused()


@pytest.mark.parametrize(("width", "theme"), [(320, "light"), (390, "dark"), (1280, "dark")])
def test_the_pages_have_no_fault_at_any_width(visit, portal, width, theme):
    page = visit("201", width=width, theme=theme)
    contact = portal.url("agenda/")
    page.goto(contact)
    first = page.locator("tbody a").first.get_attribute("href")
    own = "agenda/?buscar=sergio"
    for path in (
        "agenda/",
        "agenda/?favoritos=si&letra=q",
        own,
        "agenda/nuevo/",
        "agenda/papelera/",
    ):
        page.goto(portal.url(path))
        assert (path, violations(page)) == (path, [])
        assert not scrolls_sideways(page), path
    page.goto(contact.split("/webs")[0] + first)
    assert violations(page) == []
    assert not scrolls_sideways(page)
    open_agenda(page, portal)
    page.locator("tbody [name=ids]").first.check()
    page.get_by_role("link", name="Añadir nuevo contacto").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert violations(page) == []
    assert not scrolls_sideways(page)


def test_a_contact_from_a_call_takes_two_clicks(visit, portal):
    page = visit("201")
    page.goto(portal.url("historial/?ver=todas"))
    add_links = page.get_by_role("link", name=re.compile("a la agenda"))
    expect(add_links.first).to_be_visible()
    hand = Hand()
    hand.click(add_links.first)
    expect(field(page, "Número de teléfono")).not_to_have_value("")
    write(page, "Nombre", "Desde una llamada")
    hand.click(page.get_by_role("button", name="Guardar contacto"))
    expect(page.get_by_role("status").first).to_contain_text("está en tu agenda")
    assert hand.clicks <= 2
