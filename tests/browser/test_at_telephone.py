"""What is changed at a telephone shows on the pages that are open."""

import pytest
from playwright.sync_api import expect

from portal.pbx.simulated.codes import dial
from tests.browser.test_desvios import number, save, switch, to_voicemail

pytestmark = pytest.mark.browser

WHO = "204"
HEARD_MS = 20_000
"""Until the link has heard of it, on a machine that is busy with everything else."""


@pytest.fixture
def dialled(portal, rules):
    """Dials a code at a telephone of 204, whose rules are all off at first."""
    rules(WHO)

    def dialled(code):
        device = portal.node().plans([WHO])[WHO].devices[0]
        assert dial(portal.node(), device, code)
        return device

    yield dialled
    rules(WHO)


def test_a_rule_set_at_a_telephone_shows_on_every_open_page(dialled, visit, portal):
    page, other = visit(WHO), visit(WHO)
    page.goto(portal.url("desvios/"))
    other.goto(portal.url("informacion/"))
    device = dialled("*21*201#")
    expect(page.locator("#situacion")).to_contain_text("Todas las llamadas van", timeout=HEARD_MS)
    expect(switch(page)).to_be_checked()
    expect(number(page)).to_have_value("201")
    expect(page.locator("#registro")).to_contain_text(f"Desde el teléfono {device}")
    for each in (page, other):
        expect(each.locator(".strip")).to_contain_text("Desvío activo")
        expect(each.locator(".account > summary")).to_contain_text("Desvío activo")
    other.get_by_role("button", name="Quitar").click()
    expect(other.get_by_role("status")).to_contain_text("activo en la centralita")
    other.wait_for_url(portal.url("informacion/"))
    assert portal.node().plan(WHO).unconditional == ""


def test_what_somebody_is_typing_stays_and_saving_tells_of_the_other_change(dialled, visit, portal):
    page = visit(WHO)
    page.goto(portal.url("desvios/"))
    number(page, "Desvío ocupado").fill("202")
    dialled("*61**#")
    expect(page.locator("#situacion")).to_contain_text("Si no contestas", timeout=HEARD_MS)
    expect(number(page, "Desvío ocupado")).to_have_value("202")
    expect(to_voicemail(page, "por no contestación")).not_to_be_checked()
    save(page)
    expect(page.get_by_text("Mientras tanto se cambió en otra ventana")).to_be_visible()
    expect(number(page, "Desvío ocupado")).to_have_value("202")
