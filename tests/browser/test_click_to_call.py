"""Click to call in a real browser: press, see how it goes on every page, and the end."""

import pytest
from playwright.sync_api import expect

from portal.pbx.types import LineState
from tests.browser.looks import in_each_look
from tests.browser.test_pages import scrolls_sideways, violations

pytestmark = pytest.mark.browser

WHO, MOBILE = "203", "600123123"


@pytest.fixture
def other(portal, rules):
    """What whoever is called does; no rule sends the call on."""
    rules("201")

    def behave(state, number="201"):
        portal.node().telephones.behave(number, state)

    yield behave
    behave(LineState.IDLE)
    behave(LineState.IDLE, WHO)


@pytest.fixture(autouse=True)
def quiet(visit, portal):
    """No call of one test goes on in the next, or counts as one too many there."""
    yield
    page = visit(WHO)
    page.goto(portal.url("llamada/"))
    while page.locator("#boton-colgar").count():
        page.locator("#boton-colgar").click()
        page.wait_for_timeout(300)
        page.goto(portal.url("llamada/"))
    portal.execute("UPDATE portal_beguncall SET began_at = datetime(began_at, '-1 hour')")


def begin(page, portal, name="Ana López"):
    """Press the button beside somebody's number, in the list of calls."""
    page.goto(portal.url("historial/?periodo=todo"))
    page.get_by_role("button", name=f"Llamar a {name}").first.click()
    return panel(page)


def panel(page):
    return page.get_by_role("region", name="Llamada", exact=True)


def test_the_page_follows_the_call_from_the_press_to_the_end(visit, portal):
    page = visit(WHO)
    shown = begin(page, portal)
    expect(shown).to_contain_text("Suena tu teléfono")
    expect(shown).to_contain_text("Ana López")
    expect(shown).to_contain_text("Sonando…")
    page.goto(portal.url("desvios/"))  # it stays across pages
    expect(panel(page)).to_contain_text("Contestada", timeout=15_000)
    page.get_by_role("button", name="Colgar").click()
    expect(panel(page)).to_contain_text("La llamada ha terminado")
    expect(panel(page)).to_have_count(0, timeout=20_000)


@pytest.mark.parametrize(
    ("state", "words"),
    [(LineState.BUSY, "Ocupado"), (LineState.NOT_CONNECTED, "No tiene ningún teléfono")],
)
def test_it_says_why_nobody_answered_and_can_be_closed(visit, portal, other, state, words):
    other(state)
    page = visit(WHO)
    begin(page, portal)
    expect(panel(page)).to_contain_text(words, timeout=15_000)
    panel(page).get_by_role("button", name="Cerrar").click()
    expect(panel(page)).to_have_count(0)


def test_nobody_takes_it_at_the_own_telephone(visit, portal, other):
    other(LineState.BUSY, WHO)
    page = visit(WHO)
    begin(page, portal)
    expect(panel(page)).to_contain_text("No has descolgado tu teléfono")


def test_a_second_press_within_the_first_says_so(visit, portal):
    page = visit(WHO)
    begin(page, portal)
    expect(panel(page)).to_contain_text("Suena tu teléfono")
    page.get_by_role("button", name="Llamar a Ana López").first.click()
    told = page.get_by_role("region", name="Llamada no empezada")
    expect(told).to_contain_text("Ya estás llamando a alguien")
    expect(panel(page)).to_be_visible()


def test_without_javascript_the_page_says_how_it_goes(visit, portal):
    page = visit(WHO, javascript=False)
    shown = begin(page, portal)
    expect(page).to_have_url(portal.url("historial/?periodo=todo"))
    expect(shown).to_contain_text("Suena tu teléfono")
    shown.get_by_role("link", name="Ver cómo va").click()
    page.wait_for_timeout(2700)
    page.get_by_role("link", name="Actualizar").click()
    expect(page.locator("main")).to_contain_text("Sonando…")
    page.get_by_role("button", name="Colgar").click()
    expect(page.locator("main")).to_contain_text("Llamada en curso")


def test_another_person_sees_nothing_of_it(visit, portal):
    page = visit(WHO)
    begin(page, portal)
    expect(panel(page)).to_be_visible()
    stranger = visit("202")
    stranger.goto(portal.url("llamada/"))
    expect(stranger.locator("main")).to_contain_text("no hay ninguna llamada")
    expect(panel(stranger)).to_have_count(0)


@in_each_look
def test_the_panel_fits_everywhere_and_axe_finds_no_fault(visit, portal, other, width, theme):
    other(LineState.NO_ANSWER, WHO)  # it rings for as long as the looking takes
    page = visit(WHO, width=width, theme=theme)
    expect(begin(page, portal)).to_be_visible()
    for path in ("historial/", "llamada/"):
        page.goto(portal.url(path))
        expect(panel(page)).to_be_visible()
        assert not scrolls_sideways(page)
        assert violations(page) == []
    page.get_by_role("button", name="Colgar").click()
    expect(panel(page).get_by_role("button", name="Cerrar")).to_be_visible()
    assert violations(page) == []
