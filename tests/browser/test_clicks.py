"""How many clicks the tasks take from the start page; typing is not counted."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


class Hand:
    """Clicks, and counts them."""

    def __init__(self):
        self.clicks = 0

    def click(self, target):
        target.click()
        self.clicks += 1


@pytest.fixture
def start(portal, visit, rules):
    """The start page of 204, from whose rules nothing acts."""
    rules("204")
    page = visit("204")
    page.goto(portal.url())
    return page


def test_missed_calls_take_no_click(start):
    panel = start.get_by_role("region", name="Perdidas por devolver")
    expect(panel.get_by_role("listitem").first).to_be_visible()


def test_everything_to_the_mobile_takes_three_and_its_undoing_one(start):
    hand = Hand()
    hand.click(start.get_by_role("link", name="Desvíos", exact=True))
    start.get_by_role("combobox", name="Desvío incondicional", exact=True).fill("600 12 31 23")
    hand.click(start.get_by_role("switch", name="Desviar a este número: Desvío incondicional"))
    hand.click(start.get_by_role("button", name="Guardar desvíos"))
    expect(start.locator(".strip")).to_contain_text("todas las llamadas van")
    assert hand.clicks <= 3

    undo = Hand()
    undo.click(start.get_by_role("status").get_by_role("button", name="Deshacer"))
    expect(start.locator(".strip")).to_have_count(0)
    assert undo.clicks == 1


def test_taking_a_forwarding_off_takes_one_wherever_one_is(start, portal, rules):
    rules("204", unconditional_to_voicemail="on")
    start.goto(portal.url("informacion/"))
    hand = Hand()
    hand.click(start.get_by_role("button", name="Quitar"))
    expect(start.locator(".strip")).to_have_count(0)
    assert hand.clicks == 1
