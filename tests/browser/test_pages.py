"""Every page: for everybody, in light and dark, from 320 to 1440 pixels."""

from http.client import HTTPConnection

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.template.loader import render_to_string
from playwright.sync_api import expect

from tests.browser.looks import THEMES, WIDTHS, in_each_look

pytestmark = pytest.mark.browser

OUTSIDE = ["entrar/"]
INSIDE = [
    "",
    "agenda/",
    "historial/",
    "buzon/",
    "buzon/?carpeta=papelera",
    "buzon/saludos/",
    "buzon/opciones/",
    "desvios/",
    "desvios/?estado=noanswer&llamante=203",
    "desvios/?estado=idle&llamante=hola",
    "desvios/calendario/",
    "desvios/calendario/?vista=mes",
    "desvios/calendario/nuevo/",
    "desvios/calendario/importar/",
    "desvios/calendario/suscripciones/",
    "desvios/calendario/exportar/",
    "desvios/calendario/zona/",
    "ajustes/",
    "informacion/",
    "informacion/tarjeta/",
    "ayuda/",
    "ajustes/contrasena/",
    "chat/",
    "chat/anteriores/",
    "salir/",
    "no-existe/",
]
ALONE = ["400", "500", "503"]
SHOWN_FIRST = ["Agenda", "Historial", "Mensaje de voz", "Desvíos"]
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}


def violations(page):
    """What axe has to say, short enough to read."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [(each["id"], [node["html"] for node in each["nodes"]]) for each in found]


def scrolls_sideways(page):
    return page.evaluate("document.documentElement.scrollWidth > innerWidth")


@pytest.fixture(scope="module")
def go_to(portal):
    """Open one of the pages above."""

    def opened(page, path):
        if path in ALONE:
            body = render_to_string(f"{path}.html")
            page.route(
                "**/fallo/", lambda route: route.fulfill(body=body, content_type="text/html")
            )
            path = "fallo/"
        page.goto(portal.url(path))

    return opened


def test_no_page_has_a_fault_that_axe_can_find(visit, forwarded, go_to):
    forwarded("201")
    found = {}
    for number, paths in ((None, [*OUTSIDE, *ALONE]), ("201", INSIDE)):
        page = visit(number)
        for path in paths:
            go_to(page, path)
            found[path] = violations(page)
    assert {path: faults for path, faults in found.items() if faults} == {}


@in_each_look
def test_neither_theme_nor_width_brings_a_fault(visit, forwarded, go_to, width, theme):
    forwarded("201")
    page = visit("201", width=width, theme=theme)
    for path in ("", "desvios/"):
        go_to(page, path)
        assert violations(page) == []


def test_no_page_has_a_fault_in_the_dark_on_a_telephone(visit, forwarded, go_to):
    forwarded("201")
    page, found = visit("201", width=390, theme="dark"), {}
    for path in INSIDE:
        go_to(page, path)
        found[path] = violations(page)
    assert {path: faults for path, faults in found.items() if faults} == {}


@pytest.mark.drill
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", [*WIDTHS, 768, 1440])
def test_no_page_has_a_fault_in_any_theme_and_width(visit, forwarded, go_to, width, theme):
    forwarded("201")
    found = {}
    for number, paths in ((None, [*OUTSIDE, *ALONE]), ("201", INSIDE)):
        page = visit(number, width=width, theme=theme)
        for path in paths:
            go_to(page, path)
            found[path] = violations(page) + ["scrolls"] * scrolls_sideways(page)
    assert {path: faults for path, faults in found.items() if faults} == {}


def test_the_page_with_errors_and_the_open_menus_have_no_fault(visit, portal, rules):
    rules("201", busy_number="203")
    for width in (320, 1280):
        page = visit("201", width=width)
        page.goto(portal.url("desvios/"))
        page.get_by_role("combobox", name="Desvío ocupado").fill("no es un número")
        page.get_by_role("button", name="Guardar desvíos").click()
        expect(page.get_by_role("alert")).to_be_visible()
        page.locator(".account > summary").click()
        assert violations(page) == []
        assert not scrolls_sideways(page)
        if width == 320:
            page.locator(".more summary").click()
            expect(page.get_by_role("link", name="Información")).to_be_visible()
            assert violations(page) == []


def test_nothing_scrolls_sideways(visit, forwarded, go_to):
    forwarded("201")
    wide = []
    for number, paths in ((None, [*OUTSIDE, *ALONE]), ("201", INSIDE)):
        page = visit(number)
        for path in paths:
            go_to(page, path)
            for width in (320, 390, 768, 1440):
                page.set_viewport_size({"width": width, "height": 800})
                wide += [(path, width)] * scrolls_sideways(page)
    assert wide == []


def test_every_tab_says_which_one_is_open(visit, portal):
    page = visit("202")
    for path, name in (
        ("agenda/", "Agenda"),
        ("historial/", "Historial"),
        ("buzon/", "Mensaje de voz"),
        ("desvios/", "Desvíos"),
        ("ajustes/", "Ajustes"),
        ("informacion/", "Información"),
    ):
        page.goto(portal.url(path))
        current = page.get_by_role("navigation", name="Principal").locator(
            "[aria-current=page]:visible"
        )
        expect(current).to_contain_text(name)
        expect(page.get_by_role("heading", level=1)).to_have_text(name)


def test_a_small_screen_has_four_tabs_and_the_others_behind_mas(visit, portal):
    page = visit("202", width=390, javascript=False)
    page.goto(portal.url())
    tabs = page.get_by_role("navigation").get_by_role("link")
    for tab, name in zip(tabs.all(), SHOWN_FIRST, strict=True):
        expect(tab).to_contain_text(name)
    page.locator(".more summary").click()
    page.get_by_role("link", name="Ajustes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ajustes")


def background(page):
    return page.evaluate("getComputedStyle(document.documentElement).backgroundColor")


LIGHT, DARK = "rgb(246, 247, 249)", "rgb(15, 21, 27)"


@pytest.mark.parametrize("theme", THEMES)
def test_the_theme_follows_the_system_until_one_is_chosen(visit, portal, theme):
    page = visit("202", theme=theme)
    page.goto(portal.url("ajustes/"))
    assert background(page) == (LIGHT if theme == "light" else DARK)
    chosen, colour = ("Oscuro", DARK) if theme == "light" else ("Claro", LIGHT)
    main = page.get_by_role("main")
    main.get_by_role("button", name=chosen).click()
    expect(main.get_by_role("button", name=chosen)).to_have_attribute("aria-pressed", "true")
    assert page.url == portal.url("ajustes/")
    assert background(page) == colour
    page.goto(portal.url())
    assert background(page) == colour
    page.goto(portal.url("ajustes/"))
    main.get_by_role("button", name="Auto").click()
    expect(main.get_by_role("button", name="Auto")).to_have_attribute("aria-pressed", "true")
    assert background(page) == (LIGHT if theme == "light" else DARK)


def test_an_open_menu_closes_with_escape_and_gives_the_focus_back(visit, portal):
    page = visit("202")
    page.goto(portal.url())
    summary = page.locator(".account > summary")
    summary.click()
    leave = page.get_by_role("button", name="Cerrar sesión")
    expect(leave).to_be_visible()
    page.keyboard.press("Escape")
    expect(leave).to_be_hidden()
    expect(summary).to_be_focused()
    summary.click()
    page.get_by_role("heading", level=1).click()
    expect(leave).to_be_hidden()


def test_the_pages_that_stand_alone_are_in_the_same_dress(visit, go_to):
    page = visit()
    for code in ALONE:
        go_to(page, code)
        assert background(page) == LIGHT
        expect(page.get_by_role("link", name="Ir al inicio")).to_be_visible()


def test_informacion_says_what_may_be_dialled(visit, portal):
    page = visit("201")
    page.goto(portal.url("informacion/"))
    facts = page.get_by_role("main")
    for words in ("4201", "201@webfon", "Teléfono de mesa", "Nacional", "otros países"):
        expect(facts).to_contain_text(words)


def test_a_request_for_another_host_gets_the_page_for_nonsense(portal):
    connection = HTTPConnection("localhost", portal.port)
    connection.request("GET", "/webs/webfon3/", headers={"Host": "elsewhere.example"})
    answer = connection.getresponse()
    assert answer.status == 400
    assert "La petición no se entiende" in answer.read().decode()
    connection.close()
