"""The administrator in the browser: somebody is brought in, locked out, let in again and helped."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import log_in
from tests.browser.looks import in_each_look
from tests.browser.test_pages import RULES, scrolls_sideways

pytestmark = pytest.mark.browser

PASSWORD = "una-Larga-y-suya"
HEAD = "Número;Nombre;Categoría;Categoría para desvíos;Teléfonos;Usuario\n"
QUIRINO = "291;Quirino Xuclà;Nacional;Interna;291;quirino\n"
PAGES = {
    "first": "admin/",
    "queues": "admin/colas/",
    "chat": "admin/chat/ahora/",
    "log": "admin/portal/auditevent/?usuario=204",
    "file": "admin/portal/subscriberimport/add/",
}
OURS = {"include": [["#content"]], "exclude": [["#changelist-search"]]}
"""What the portal puts into Django's frame; the search of a list is Django's own."""

OPTIONS = {**RULES, "preload": False}
"""Without it axe loads style sheets anew, which the content security policy does not let it."""


def follow(page, link):
    """Click, and wait for the whole page that it leads to."""
    with page.expect_event("load"):
        link.click()


def upload(page, portal, content):
    page.goto(portal.url("admin/portal/subscriber/"))
    page.get_by_role("link", name="Importar usuarios").click()
    file = {"name": "gente.csv", "mimeType": "text/csv", "buffer": content.encode()}
    page.get_by_label("Archivo .csv").set_input_files(file)
    follow(page, page.get_by_role("button", name="Ver lo que trae"))


def situation(page, portal, name):
    """Find somebody from the first page."""
    page.goto(portal.url("admin/"))
    page.get_by_role("searchbox", name="Buscar a una persona").fill(name)
    page.get_by_role("button", name="Buscar").click()
    row = page.locator("#result_list").get_by_role("row", name=name)
    follow(page, row.get_by_role("link"))


@pytest.fixture
def boss(visit, portal):
    """The administration, by a login of its own: who sets a password gets another session.

    In the end Quirino is gone again.
    """
    page = visit()
    log_in(page, portal, "admin")
    yield page
    for app, row in (("portal/subscriber", "291"), ("auth/user", "quirino")):
        page.goto(portal.url(f"admin/{app}/?q={row}"))
        page.get_by_role("checkbox", name=re.compile("^Seleccion")).first.check()
        page.get_by_label("Acción:").select_option("delete_selected")
        page.get_by_role("button", name="Ir", exact=True).click()
        page.get_by_role("button", name="Si, estoy seguro").click()


def test_somebody_is_brought_in_locked_out_let_in_again_and_helped(boss, visit, portal):
    upload(boss, portal, HEAD + QUIRINO)
    expect(boss.get_by_role("cell", name="Quirino Xuclà", exact=True)).to_be_visible()
    boss.get_by_role("button", name="Importar todo").click()
    expect(boss.get_by_text("1 persona nueva.")).to_be_visible()
    give_a_password(boss, portal)

    person = visit()
    for _try in range(5):
        log_in(person, portal, "291", "not this one")
    log_in(person, portal, "291", PASSWORD)
    expect(person.get_by_role("alert")).to_contain_text("Demasiados intentos")

    situation(boss, portal, "Quirino")
    expect(boss.get_by_text("Bloqueada por demasiados intentos")).to_be_visible()
    boss.get_by_role("button", name="Desbloquear la entrada").click()
    expect(boss.get_by_text("Entrada desbloqueada: quirino.")).to_be_visible()
    log_in(person, portal, "291", PASSWORD)
    expect(person.get_by_role("heading", level=1)).to_have_text("Ahora mismo")

    boss.get_by_role("link", name="Cambiar sus desvíos").click()
    boss.get_by_role("checkbox", name="No molestar").check()
    boss.get_by_role("button", name="Guardar sus desvíos").click()
    expect(boss.get_by_text("Cambiado: activo en la centralita.")).to_be_visible()
    person.goto(portal.url("desvios/"))
    expect(person.get_by_text("No molestar: quien te llama oye").first).to_be_visible()
    expect(person.get_by_role("cell", name="admin")).to_be_visible()

    boss.get_by_role("button", name="Que las llamadas vuelvan a sonar").click()
    expect(boss.get_by_text("Ahora, las llamadas suenan en tu teléfono.")).to_be_visible()
    person.reload()
    expect(person.get_by_text("Ahora, las llamadas suenan").first).to_be_visible()


def give_a_password(page, portal):
    page.goto(portal.url("admin/auth/user/?q=quirino"))
    page.get_by_role("link", name="quirino").click()
    page.locator("a[href$='password/']").first.click()
    page.locator("#id_password1").fill(PASSWORD)
    page.locator("#id_password2").fill(PASSWORD)
    page.locator("input.set-password").click()
    expect(page.locator(".messagelist .success")).to_be_visible()


@in_each_look
def test_what_the_portal_adds_to_the_administration_has_no_fault(visit, portal, width, theme):
    page, found, wide = visit("admin", width=width, theme=theme), {}, set()

    def look(name):
        response = Axe().run(page, context=OURS, options=OPTIONS).response
        found[name] = [
            (each["id"], [node["html"] for node in each["nodes"]])
            for each in response["violations"]
        ]
        wide.update({name} if scrolls_sideways(page) else ())

    for name, path in PAGES.items():
        page.goto(portal.url(path))
        look(name)
    situation(page, portal, "Diego Sanz")
    look("situation")
    page.get_by_role("link", name="Cambiar sus desvíos").click()
    page.get_by_label("Desvío por no conectado:").fill("hola")
    page.get_by_role("button", name="Guardar sus desvíos").click()
    expect(page.get_by_role("alert")).to_be_visible()
    look("rules")
    upload(page, portal, HEAD + QUIRINO + QUIRINO)
    look("refused")
    follow(page, page.get_by_role("link", name="Nuevos"))
    look("new")
    assert {name: faults for name, faults in found.items() if faults} == {}
    assert wide == set()
