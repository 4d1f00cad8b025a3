"""The clave de acceso and telephones at which somebody logged in, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from portal.management.commands.demo_data import ACCESS_CODE
from portal.pbx.logins import Deed
from tests.browser.test_pages import scrolls_sideways, violations

pytestmark = pytest.mark.browser

WHO, PIN, DEVICE = "202", "4202", "302"
HEARD_MS = 20_000
"""Until the link has heard of it, on a machine that is busy with everything else."""


@pytest.fixture
def logins(portal):
    """The demonstration's telephones, at which nobody is afterwards."""
    held = portal.node().logins
    yield held
    held.log_out(DEVICE)


def guest(page):
    """The telephone at which the person logged in."""
    rows = page.get_by_role("region", name="Tus teléfonos ahora").get_by_role("listitem")
    return rows.filter(has_text="Has entrado aquí")


@pytest.mark.parametrize("javascript", [True, False])
def test_a_clave_that_is_refused_and_one_that_is_not(visit, portal, javascript):
    page = visit(WHO, javascript=javascript, width=390)
    page.goto(portal.url("ajustes/"))
    page.get_by_role("link", name="Cambiar la clave de acceso").click()
    expect(page.get_by_text("Cuando lo pida, teclea tu PIN de acceso, 4202")).to_be_visible()
    for code, again, complaint in (
        ("123456", "123456", "se adivina enseguida"),
        ("12345a", "12345a", "de 6 a 12 cifras"),
        (ACCESS_CODE, "135791", "No es la misma clave"),
    ):
        page.get_by_label("Clave nueva", exact=True).fill(code)
        page.get_by_label("Otra vez la clave nueva").fill(again)
        page.get_by_role("button", name="Guardar clave").click()
        expect(page.get_by_role("alert")).to_contain_text(complaint)
    if javascript:  # which axe needs
        assert violations(page) == []
        assert not scrolls_sideways(page)
    page.get_by_label("Clave nueva", exact=True).fill(ACCESS_CODE)
    page.get_by_label("Otra vez la clave nueva").fill(ACCESS_CODE)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("Clave guardada")


@pytest.mark.parametrize(("width", "theme"), [(320, "dark"), (1280, "light")])
def test_where_somebody_logged_in_shows_at_once_and_can_be_left(
    visit, portal, logins, width, theme
):
    page = visit(WHO, width=width, theme=theme)
    page.goto(portal.url("informacion/"))
    expect(guest(page)).to_have_count(0)
    assert logins.log_in(DEVICE, PIN, ACCESS_CODE) is Deed.IN
    expect(guest(page)).to_contain_text(re.compile("Desde hoy"), timeout=HEARD_MS)
    assert violations(page) == []
    assert not scrolls_sideways(page)
    guest(page).get_by_role("button", name="Salir de este teléfono").click()
    expect(page.get_by_role("status").first).to_contain_text(f"Has salido del teléfono {DEVICE}")
    expect(guest(page)).to_have_count(0)
