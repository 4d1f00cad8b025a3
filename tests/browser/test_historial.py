"""Historial in a real browser: with and without JavaScript, by keyboard alone, on every screen."""

import re
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import ROOT, _environment
from tests.browser.looks import in_each_look
from tests.browser.test_clicks import Hand
from tests.browser.test_pages import scrolls_sideways, violations

pytestmark = pytest.mark.browser

WHO = "204"
STRANGER, OTHER = "699 00 11 22", "699 00 33 44"


@pytest.fixture
def ring(portal, rules):
    """Call 204, who does not answer; nobody else does."""
    rules(WHO)

    def call(caller, called=WHO, state="noanswer"):
        command = ["manage.py", "demo_call", caller.replace(" ", ""), called, "--state", state]
        subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env=_environment(portal.data),
            check=True,
            capture_output=True,
        )

    return call


def spaced(number):
    """The number as pages write it."""
    return re.compile(number.replace(" ", r"\s"))


def entries(page, name):
    """The rows of the list with this name or number."""
    calls = page.get_by_role("region", name="Llamadas", exact=True)
    return calls.locator(".entry").filter(has_text=spaced(name))


def waiting(page):
    return page.get_by_role("region", name="Perdidas por devolver")


def test_seeing_a_missed_call_and_calling_back_takes_two_clicks_at_most(visit, portal, ring):
    ring(STRANGER)
    page, hand = visit(WHO), Hand()
    page.goto(portal.url())
    row = waiting(page).get_by_role("listitem").filter(has_text=spaced(STRANGER))
    expect(row).to_be_visible()
    hand.click(row.get_by_role("button", name="Llamar"))
    expect(page.get_by_text(re.compile("[Ss]uena|[Ss]onará|[Ll]lamando")).first).to_be_visible()
    assert hand.clicks <= 2


def test_who_was_spoken_with_waits_no_more(visit, portal, ring):
    ring(OTHER)
    page = visit(WHO)
    page.goto(portal.url("historial/"))
    row = waiting(page).get_by_role("listitem").filter(has_text=spaced(OTHER))
    expect(row).to_be_visible()
    ring(WHO, OTHER.replace(" ", ""), "answer")
    expect(row).to_have_count(0, timeout=15_000)


def test_a_contact_from_a_call_takes_two_clicks_and_saving(visit, portal, ring):
    ring("699 00 55 66")
    page, hand = visit(WHO), Hand()
    page.goto(portal.url())
    hand.click(page.get_by_role("link", name="Historial").first)
    row = entries(page, "699 00 55 66").first
    hand.click(row.get_by_role("link", name=re.compile("Añadir .* a la agenda")))
    expect(page.get_by_label("Número de teléfono").first).to_have_value(
        re.compile("699.?00.?55.?66")
    )
    assert hand.clicks <= 2


def test_a_new_call_appears_by_itself_and_what_is_unfolded_stays_so(visit, portal, ring):
    ring(STRANGER)
    page = visit(WHO)
    page.goto(portal.url("historial/"))
    before = entries(page, OTHER).count()
    first = entries(page, STRANGER).first
    first.locator("summary").click()
    steps = first.get_by_role("list", name="Pasos de la llamada")
    expect(steps).to_contain_text("nadie contestó")
    ring(OTHER)
    expect(entries(page, OTHER)).to_have_count(before + 1, timeout=15_000)
    expect(page.locator(".tabs .unheard").first).to_contain_text("por devolver")
    expect(first.locator("summary")).to_be_focused()
    expect(first.get_by_role("list", name="Pasos de la llamada")).to_contain_text("nadie contestó")


def test_no_new_call_disturbs_who_chooses_a_period(visit, portal, ring):
    page = visit(WHO)
    page.goto(portal.url("historial/"))
    before = entries(page, OTHER).count()
    page.locator(".period summary").click()
    page.get_by_label("Desde", exact=True).fill("2026-01-01")
    ring(OTHER)
    expect(page.locator(".tabs .unheard").first).to_contain_text("por devolver", timeout=15_000)
    page.wait_for_timeout(1000)
    expect(page.get_by_label("Desde", exact=True)).to_have_value("2026-01-01")
    page.keyboard.press("Escape")
    expect(entries(page, OTHER)).to_have_count(before + 1)


def test_searching_as_one_types_and_filters_stand_in_the_address(visit, portal, ring):
    ring(STRANGER)
    page = visit(WHO)
    page.goto(portal.url("historial/?ver=perdidas"))
    page.keyboard.press("/")
    page.keyboard.type("69900112")
    expect(page).to_have_url(re.compile(r"ver=perdidas.*buscar=69900112"))
    expect(entries(page, STRANGER).first).to_be_visible()
    assert set(page.locator(".entry .name").all_inner_texts()) <= {"699\u00a000\u00a011\u00a022"}
    page.get_by_role("link", name="Recibidas").click()
    expect(page).to_have_url(re.compile(r"ver=recibidas&buscar=69900112"))
    expect(page.get_by_role("searchbox")).to_have_value("69900112")
    expect(page.get_by_text("Ninguna de estas llamadas coincide con «69900112»")).to_be_visible()
    page.get_by_role("link", name="Quitar los filtros").click()
    expect(page.locator(".entry").first).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False])
def test_marking_as_done_and_undoing_it(visit, portal, ring, javascript):
    ring(STRANGER)
    page = visit(WHO, javascript=javascript)
    page.goto(portal.url("historial/"))
    row = waiting(page).get_by_role("listitem").filter(has_text=spaced(STRANGER))
    row.get_by_role("button", name="Marcar como hecha").click()
    expect(page.get_by_role("status").first).to_contain_text("ya no está por devolver")
    expect(row).to_have_count(0)
    page.get_by_role("button", name="Deshacer").click()
    expect(row).to_have_count(1)


def test_everything_works_without_javascript(visit, portal, ring):
    ring(STRANGER)
    page = visit(WHO, javascript=False)
    page.goto(portal.url("historial/"))
    page.get_by_role("searchbox").fill(STRANGER)
    page.get_by_role("button", name="Buscar").click()
    first = entries(page, STRANGER).first
    expect(first).to_be_visible()
    first.locator("summary").click()
    first.get_by_role("link", name="Ver los pasos de esta llamada").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(spaced(STRANGER))
    expect(page.get_by_role("list", name="Pasos de la llamada")).to_contain_text("nadie contestó")
    page.get_by_role("link", name="Historial").nth(1).click()
    page.locator(".period summary").click()
    page.get_by_label("Desde", exact=True).fill("2026-01-01")
    page.get_by_label("Hasta").fill("2026-01-02")
    page.get_by_role("button", name="Ver estos días").click()
    expect(page.get_by_text("En este tiempo no hay llamadas así.")).to_be_visible()
    page.get_by_role("link", name="Quitar los filtros").click()
    page.get_by_role("link", name="Resumen").click()
    page.get_by_text("Ver como tabla").first.click()
    expect(page.get_by_role("table", name="Llamadas recibidas cada día")).to_be_visible()


def test_a_long_history_goes_on_and_comes_back(visit, portal):
    page = visit("201", javascript=False)
    page.goto(portal.url("historial/?periodo=todo"))
    first = page.locator(".entry").first.inner_text()
    with page.expect_navigation():
        page.get_by_role("link", name="Anteriores").click()
    assert page.locator(".entry").first.inner_text() != first
    with page.expect_navigation():
        page.get_by_role("link", name="Más recientes").click()
    assert page.locator(".entry").first.inner_text() == first


def test_by_keyboard_alone(visit, portal, ring):
    ring(STRANGER)
    page = visit(WHO)
    page.goto(portal.url("historial/"))
    summary = entries(page, STRANGER).first.locator("summary")
    for _ in range(80):
        page.keyboard.press("Tab")
        if summary.evaluate("each => each === document.activeElement"):
            break
    expect(summary).to_be_focused()
    page.keyboard.press("Enter")
    steps = entries(page, STRANGER).first.get_by_role("list", name="Pasos de la llamada")
    expect(steps).to_be_visible()
    page.locator(".period summary").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Último año")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Último año")).to_be_hidden()
    expect(page.locator(".period summary")).to_be_focused()


def test_exporting_gives_a_file(visit, portal):
    page = visit("201")
    page.goto(portal.url("historial/?ver=hechas"))
    with page.expect_download() as download:
        page.get_by_role("link", name="Exportar CSV").click()
    assert re.fullmatch(r"llamadas \d{4}-\d\d-\d\d\.csv", download.value.suggested_filename)
    lines = download.value.path().read_text("utf-8-sig").splitlines()
    assert lines[0].startswith("Fecha;Hora;Tipo")
    assert len(lines) > 2
    assert all(";Hecha" in line for line in lines[1:])


@in_each_look
def test_no_state_of_these_pages_has_a_fault_or_scrolls_sideways(visit, portal, width, theme):
    page = visit("201", width=width, theme=theme)
    for path in ("historial/", "historial/?buscar=zzz&ver=zzz", "historial/resumen/"):
        page.goto(portal.url(path))
        for summary in page.locator("main details > summary").all()[:6]:
            if "period" not in (summary.locator("..").get_attribute("class") or ""):
                summary.click()
        page.wait_for_load_state("networkidle")
        assert violations(page) == []
        assert not scrolls_sideways(page)
    page.goto(portal.url("historial/"))
    page.locator(".period summary").click()
    expect(page.get_by_label("Desde", exact=True)).to_be_visible()
    assert violations(page) == []
    assert not scrolls_sideways(page)
    link = page.locator(".unfolded a").first.get_attribute("href")
    page.goto(f"http://localhost:{portal.port}{link}")
    assert violations(page) == []
    assert not scrolls_sideways(page)


def test_somebody_without_calls_sees_what_will_be_here(visit, portal):
    page = visit("302", width=390)
    page.goto(portal.url("historial/?desde=2020-01-01&hasta=2020-01-02"))
    expect(page.get_by_role("link", name="Quitar los filtros")).to_be_visible()
    assert violations(page) == []
