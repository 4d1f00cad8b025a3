"""The page Desvíos, as people use it."""

import re

import pytest
from playwright.sync_api import expect

from portal.pbx.simulated.faults import Mode
from tests.browser.conftest import TO_CARLA, TO_MOBILE

pytestmark = pytest.mark.browser

TABS = ["agenda/", "historial/", "buzon/", "desvios/", "ajustes/", "informacion/"]
SAVE = "Guardar desvíos"


@pytest.fixture
def open_desvios(portal, visit, rules):
    """The page of 201, with these rules and no others."""

    def opened(number="201", *, javascript=True, **fields):
        rules(number, **fields)
        page = visit(number, javascript=javascript)
        page.goto(portal.url("desvios/"))
        return page

    return opened


def save(page):
    page.get_by_role("button", name=SAVE).click()


def number(page, label="Desvío incondicional"):
    return page.get_by_role("combobox", name=label, exact=True)


def switch(page, label="Desvío incondicional"):
    return page.get_by_role("switch", name=f"Desviar a este número: {label}", exact=True)


def to_voicemail(page, kind="incondicional"):
    return page.get_by_role("switch", name=f"Desvío {kind} a mensa")


def test_what_is_saved_is_in_force_and_in_the_strip_of_every_page(open_desvios, portal):
    page = open_desvios()
    number(page).fill("203")
    switch(page).check()
    save(page)
    expect(page.get_by_role("status")).to_contain_text("activo en la centralita")
    expect(page.get_by_text("Activo en la centralita", exact=True)).to_be_visible()
    assert portal.node().plans(["201"])["201"].unconditional == "203"
    for tab in ["", *TABS]:
        page.goto(portal.url(tab))
        expect(page.locator(".strip")).to_contain_text("Desvío activo: todas las llamadas van a")
        expect(page.locator(".strip")).to_contain_text("203")
        expect(page.locator(".account > summary")).to_contain_text("Desvío activo")


def test_quitar_in_the_strip_stays_on_the_page_and_keeps_the_number(open_desvios, portal):
    page = open_desvios(**TO_CARLA)
    page.goto(portal.url("historial/"))
    with page.expect_navigation():
        page.get_by_role("button", name="Quitar").click()
    assert page.url == portal.url("historial/")
    expect(page.locator(".strip")).to_have_count(0)
    expect(page.locator(".account > summary")).to_contain_text("Disponible")
    page.goto(portal.url("desvios/"))
    expect(number(page)).to_have_value("203")
    expect(switch(page)).not_to_be_checked()


def test_a_change_is_undone_from_the_log(open_desvios):
    page = open_desvios()
    number(page, "Desvío ocupado").fill("202")
    switch(page, "Desvío ocupado").check()
    save(page)
    row = page.get_by_role("table").get_by_role("row").nth(1)
    expect(row).to_contain_text("Desvío ocupado: ninguno → 202")
    expect(row).to_contain_text("Tú")
    row.get_by_role("button", name="Deshacer").click()
    expect(page.get_by_role("status")).to_contain_text("Cambio deshecho")
    expect(number(page, "Desvío ocupado")).to_have_value("")


def test_a_number_that_is_switched_off_is_kept(open_desvios):
    page = open_desvios(busy_number="203", busy_number_enabled="on")
    switch(page, "Desvío ocupado").uncheck()
    save(page)
    expect(page.get_by_role("status")).to_contain_text("guardados")
    expect(number(page, "Desvío ocupado")).to_have_value("203")
    expect(switch(page, "Desvío ocupado")).not_to_be_checked()


def test_a_forbidden_number_is_refused_at_its_field_and_stays_written(open_desvios):
    page = open_desvios()
    number(page).fill("0044 7700 900123")
    switch(page).check()
    with page.expect_response("**/desvios/") as answer:
        save(page)
    assert answer.value.status == 422
    expect(number(page)).to_have_value("0044 7700 900123")
    expect(number(page)).to_have_attribute("aria-invalid", "true")
    expect(number(page)).to_have_accessible_description(
        "Tu categoría para desvíos (Nacional) no permite desviar al +44 7700 900123."
    )
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    summary.get_by_role("link", name="Desvío incondicional").click()
    expect(number(page)).to_be_focused()


def test_the_page_says_that_mensa_wins_when_both_are_on(open_desvios):
    page = open_desvios()
    note = page.get_by_text("Con los dos puestos gana mensa").first
    number(page).fill("203")
    switch(page).check()
    expect(note).to_be_hidden()
    to_voicemail(page).check()
    expect(note).to_be_visible()
    save(page)
    expect(page.locator(".strip")).to_contain_text("van al buzón de voz")


def test_do_not_disturb_shows_as_a_state_of_its_own(open_desvios):
    page = open_desvios()
    page.get_by_role("switch", name="No molestar").check()
    save(page)
    expect(page.locator(".account > summary")).to_contain_text("No molestar")
    expect(page.locator(".strip")).to_contain_text("oye el tono de ocupado")


def test_names_complete_a_number_while_it_is_typed(open_desvios):
    page = open_desvios()
    number(page).press_sequentially("carl")
    option = page.locator("#agenda-numbers option[value='203']")
    expect(option).to_be_attached()


@pytest.mark.parametrize("javascript", [True, False])
def test_what_would_happen_is_answered_step_by_step(open_desvios, javascript):
    page = open_desvios(
        javascript=javascript, no_answer_number="203", no_answer_number_enabled="on"
    )
    page.get_by_label("Mi teléfono está").select_option("libre, y no lo cojo")
    page.get_by_role("combobox", name="Me llama").fill("600 12 31 23")
    page.get_by_role("button", name="Ver qué pasa").click()
    answer = page.locator("#respuesta")
    expect(answer).to_contain_text("Desvío por no contestación")
    expect(answer).to_contain_text("se aplica: la llamada va a")
    expect(answer.get_by_role("heading", level=3)).to_have_count(2)
    assert ("estado=" in page.url) is not javascript


def test_the_second_of_two_tabs_is_told_what_changed_and_keeps_its_input(open_desvios, portal):
    first = open_desvios()
    second = first.context.new_page()
    second.goto(portal.url("desvios/"))
    to_voicemail(first, "por ocupado").check()
    save(first)
    expect(first.get_by_role("status")).to_contain_text("guardados")
    number(second).fill("203")
    save(second)
    expect(second.get_by_role("alert")).to_contain_text("Mientras tanto se cambió en otra ventana")
    expect(second.get_by_role("alert")).to_contain_text("Desvío por ocupado a mensa: No → Sí")
    expect(number(second)).to_have_value("203")
    save(second)
    expect(second.get_by_role("status")).to_contain_text("guardados")


def test_the_page_tells_the_truth_while_the_telephone_system_is_away(open_desvios, portal):
    page = open_desvios()
    faults = portal.node().faults
    try:
        faults.set(Mode.AWAY)
        number(page).fill("203")
        switch(page).check()
        save(page)
        expect(page.get_by_role("status")).to_contain_text("pendiente de aplicar")
        expect(page.get_by_text("La centralita no responde", exact=True)).to_be_visible()
        expect(page.locator(".strip")).to_contain_text("Guardado, pendiente de aplicar: todas")
        expect(page.locator(".account > summary")).to_contain_text("Pendiente")
    finally:
        faults.set(Mode.NORMAL)
    page.reload()
    for _try in range(30):
        if page.get_by_text("Activo en la centralita", exact=True).is_visible():
            break
        page.wait_for_timeout(200)
        page.reload()
    assert portal.node().plans(["201"])["201"].unconditional == "203"


def test_the_log_has_pages(open_desvios, portal):
    page = open_desvios()
    for _change in range(6):
        page.get_by_role("switch", name="No molestar").click()
        save(page)
        page.get_by_role("status").get_by_role("button", name="Deshacer").click()
        expect(page.get_by_role("status")).to_contain_text("Cambio deshecho")
    page.get_by_role("link", name="Anteriores").click()
    expect(page).to_have_url(re.compile("cambios=2"))
    expect(page.get_by_text("Página 2 de")).to_be_visible()


def test_the_way_to_the_mobile_is_the_same_without_a_script(open_desvios):
    page = open_desvios(javascript=False)
    number(page).fill(TO_MOBILE["unconditional_number"])
    switch(page).check()
    save(page)
    expect(page.locator(".strip")).to_contain_text("600 12 31 23")
    page.get_by_role("status").get_by_role("button", name="Deshacer").click()
    expect(page.locator(".strip")).to_have_count(0)


def test_the_way_to_the_mobile_works_with_the_keyboard_alone(open_desvios, portal):
    page = open_desvios()
    page.goto(portal.url())
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Ir al contenido")).to_be_focused()
    tab_to(page, page.get_by_role("link", name="Desvíos", exact=True))
    page.keyboard.press("Enter")
    page.wait_for_url("**/desvios/")
    tab_to(page, number(page))
    page.keyboard.type("600123123")
    tab_to(page, switch(page))
    page.keyboard.press("Space")
    tab_to(page, page.get_by_role("button", name=SAVE))
    page.keyboard.press("Enter")
    expect(page.locator(".strip")).to_contain_text("600 12 31 23")
    # The focus is on what was said of the change; the strip stands just above it.
    tab_to(page, page.get_by_role("button", name="Quitar"), key="Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".strip")).to_have_count(0)


def tab_to(page, target, key="Tab"):
    """Press Tab until the target has the focus, and see that nothing covers it."""
    for _press in range(60):
        page.keyboard.press(key)
        if target.evaluate("element => element === document.activeElement"):
            assert target.evaluate(
                """element => {
                    const box = element.getBoundingClientRect();
                    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
                    return element.contains(document.elementFromPoint(x, y));
                }"""
            )
            return
    pytest.fail(f"the keyboard does not reach {target}")
