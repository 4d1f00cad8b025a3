"""Getting in and out."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import log_in

pytestmark = pytest.mark.browser


def test_a_person_logs_in_with_the_number_and_lands_on_the_start_page(portal, visit):
    page = visit()
    log_in(page, portal, "201")
    assert page.url == portal.url()
    assert page.get_by_role("heading", level=1).inner_text() == "Ahora mismo"


def test_a_person_logs_in_with_the_user_name(portal, visit):
    page = visit()
    log_in(page, portal, "bruno.martin")
    assert page.locator(".account").get_by_text("202").first.is_visible()


def test_an_administrator_without_a_number_lands_in_the_administration(portal, visit):
    page = visit()
    log_in(page, portal, "admin")
    assert page.url == portal.url("admin/")


def test_whoever_is_outside_sees_no_tabs(portal, visit):
    page = visit()
    page.goto(portal.url())
    assert page.get_by_role("navigation").count() == 0


def test_a_wrong_password_is_told_and_the_login_stays_written(portal, visit):
    page = visit()
    log_in(page, portal, "301", "not this one")
    assert "no coinciden" in page.get_by_role("alert").inner_text()
    assert page.get_by_label("Número o usuario").input_value() == "301"


def test_too_many_tries_are_told_clearly(portal, visit):
    page = visit()
    for _try in range(6):
        log_in(page, portal, "nobody", "not this one")
    assert "Demasiados intentos. Espera cinco minutos" in page.get_by_role("alert").inner_text()


def test_a_person_logs_out_from_the_menu_of_the_header(portal, visit):
    page = visit()
    log_in(page, portal, "203")
    page.locator(".account > summary").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Cerrar sesión").click()
    page.goto(portal.url("desvios/"))
    assert page.get_by_role("heading", level=1).inner_text() == "Entrar"


def test_a_page_that_outlives_its_session_says_so_and_keeps_what_is_on_it(portal, visit):
    page = visit()
    log_in(page, portal, "203")
    for path in ("buzon/", "historial/", "agenda/"):
        page.goto(portal.url(path))
        cookies = page.context.cookies()
        page.context.clear_cookies()
        before = page.get_by_role("main").get_by_role("listitem").all_inner_texts()
        with page.expect_response(lambda answer: answer.status == 401):
            page.get_by_role("searchbox").first.press_sequentially("ana")
        expect(page.get_by_role("alert").first).to_contain_text("Tu sesión ha terminado")
        assert page.get_by_role("main").get_by_role("listitem").all_inner_texts() == before != []
        page.context.add_cookies(cookies)
    page.context.clear_cookies()
    page.get_by_role("alert").get_by_role("link", name="Entrar").click()
    expect(page).to_have_url(portal.url("entrar/?next=/webs/webfon3/agenda/"))


def test_a_form_that_is_too_old_changes_nothing_and_says_so(portal, visit):
    page = visit()
    log_in(page, portal, "203")
    page.goto(portal.url("desvios/"))
    page.context.clear_cookies(name="csrftoken")
    page.get_by_role("button", name="Guardar desvíos").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "La página llevaba demasiado tiempo abierta"
    )
    expect(page.get_by_text("No se ha cambiado nada")).to_be_visible()
