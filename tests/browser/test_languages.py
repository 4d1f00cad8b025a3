"""Five languages in a real browser: choosing one, and room for the longest words."""

import pytest
from django.conf import settings
from playwright.sync_api import expect

from tests.browser.looks import WIDTHS
from tests.browser.test_pages import INSIDE, OUTSIDE, scrolls_sideways, violations

pytestmark = pytest.mark.browser

PERSON = "301"
"""Nobody else's test needs this person's pages in Spanish while one of these runs."""

MAIN = [
    "",
    "agenda/",
    "historial/",
    "buzon/",
    "desvios/",
    "desvios/calendario/",
    "ajustes/",
    "informacion/",
]
MORE = [
    "agenda/nuevo/",
    "agenda/importar/",
    "agenda/exportar/",
    "agenda/papelera/",
    "agenda/duplicados/",
    "historial/resumen/",
    "ajustes/clave/",
    "ajustes/seguridad/",
    "ajustes/seguridad/entradas/",
    "desvios/calendario/?vista=dia",
]


@pytest.fixture
def speak(portal, visit):
    """Let the person's pages speak a language; Spanish again when the test is over."""

    def choose(language, **how):
        page = visit(PERSON, **how)
        page.goto(portal.url("ajustes/"))
        page.locator("#idioma").select_option(language)
        page.locator("form.language button").click()
        expect(page.locator("html")).to_have_attribute("lang", language)
        return page

    yield choose
    choose("es")


def crooked(page, portal, paths):
    """The pages among these that are wider than the screen."""
    found = []
    for path in paths:
        page.goto(portal.url(path))
        if scrolls_sideways(page):
            found.append(path)
    return found


def test_somebody_chooses_basque_and_every_page_speaks_it(portal, visit, speak):
    page = speak("eu")
    expect(page.locator("h1")).to_have_text("Ezarpenak")
    expect(page.get_by_role("status").first).to_be_visible()
    page.goto(portal.url("desvios/calendario/?vista=dia&dia=2026-04-21"))
    expect(page.get_by_role("heading", name="Asteartea, 2026(e)ko apirilaren 21a")).to_be_visible()
    elsewhere = visit(PERSON)  # another browser, which asks for Spanish
    elsewhere.goto(portal.url("historial/"))
    expect(elsewhere.locator("html")).to_have_attribute("lang", "eu")
    assert violations(elsewhere) == []


def test_the_language_is_chosen_at_the_door_without_javascript(portal, visit):
    page = visit(width=320, javascript=False)
    page.goto(portal.url("entrar/"))
    for code, _name in settings.LANGUAGES:
        page.locator("#idioma").select_option(code)
        page.locator("form.language button").click()
        expect(page.locator("html")).to_have_attribute("lang", code)
        assert not scrolls_sideways(page)
    expect(page.get_by_role("button", name="Sartu", exact=True)).to_be_visible()


@pytest.mark.parametrize("language", ["eu", "ca"])
def test_long_words_have_room_on_the_main_pages(portal, speak, language):
    page = speak(language, width=320)
    found = {}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        found[width] = crooked(page, portal, MAIN)
    assert found == {width: [] for width in WIDTHS}


@pytest.mark.drill
@pytest.mark.parametrize("language", ["en", "ca", "gl", "eu"])
@pytest.mark.parametrize("width", [*WIDTHS, 768, 1440])
def test_long_words_have_room_on_every_page(portal, speak, language, width):
    page = speak(language, width=width)
    assert crooked(page, portal, [*OUTSIDE, *INSIDE, *MORE]) == []
