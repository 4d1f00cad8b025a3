"""The calendar by finger and by keyboard: everything that a mouse can do."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.test_calendario import (
    add,
    box,
    calendar,
    event,
    fill,
    middle,
    next_tuesday,
    today,
)
from tests.browser.test_desvios import tab_to
from tests.browser.test_pages import violations

pytestmark = pytest.mark.browser

__all__ = ["calendar"]

TABLET = 1024
RESTS = 600
"""Milliseconds until a finger that does not move has taken hold."""


class Finger:
    """One finger on the page."""

    def __init__(self, page):
        self.page = page
        self.session = page.context.new_cdp_session(page)
        self.session.send("Emulation.setTouchEmulationEnabled", {"enabled": True})

    def down(self, x, y):
        self._send("touchStart", [{"x": x, "y": y}])

    def move(self, start, end, steps=6):
        for n in range(1, steps + 1):
            x, y = (a + (b - a) * n / steps for a, b in zip(start, end, strict=True))
            self._send("touchMove", [{"x": x, "y": y}])
            self.page.wait_for_timeout(16)

    def up(self):
        self._send("touchEnd", [])

    def _send(self, kind, points):
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def scrolled(page):
    return page.evaluate("scrollY")


def test_a_finger_that_rests_on_an_event_drags_it(calendar):
    page = calendar(width=TABLET)
    add(page, start="10:00", end="11:00")
    place = box(event(page))
    wednesday = page.locator(f".day[data-date='{next_tuesday() + timedelta(days=1)}']")
    start = middle(place, y=0.3)
    end = middle(box(wednesday))[0], start[1] + place["height"]
    before, finger = scrolled(page), Finger(page)
    finger.down(*start)
    page.wait_for_timeout(RESTS)
    finger.move(start, end)
    assert scrolled(page) == before
    finger.up()
    expect(page.get_by_role("status")).to_contain_text("guardado")
    expect(wednesday.get_by_role("link", name="En el almacén")).to_contain_text("11:00–12:00")


def test_a_finger_that_rests_on_an_empty_hour_opens_the_form_with_it(calendar):
    page = calendar(width=TABLET)
    slots = box(page.locator(f".day[data-date='{next_tuesday()}'] .slots"))
    finger = Finger(page)
    finger.down(middle(slots)[0], slots["y"] + 2 * slots["height"] / 12 + 12)
    page.wait_for_timeout(RESTS)
    finger.up()
    expect(page.get_by_label("Empieza a las")).to_have_value("10:00")
    expect(page.get_by_label("Termina a las")).to_have_value("11:00")


def test_a_finger_that_moves_at_once_scrolls_and_changes_nothing(calendar):
    page = calendar(width=TABLET)
    add(page, start="10:00", end="11:00")
    address, start = page.url, middle(box(event(page)))
    finger = Finger(page)
    finger.down(*start)
    finger.move(start, (start[0], start[1] - 200))
    finger.up()
    page.wait_for_function("scrollY > 50")
    assert page.url == address
    expect(event(page)).to_contain_text("10:00–11:00")


def test_the_keyboard_alone_makes_changes_and_removes_an_event(calendar):
    page = calendar()
    tab_to(page, page.get_by_role("link", name="Nuevo evento"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_label("Título"))
    page.keyboard.type("Con teclado")
    tab_to(page, page.get_by_role("combobox", name="Número"))
    page.keyboard.press("Control+a")
    page.keyboard.type("203")
    page.keyboard.press("Enter")
    told = page.get_by_role("status")
    expect(told).to_contain_text("«Con teclado» añadido")
    expect(told).to_be_focused()
    page.keyboard.press("Tab")
    expect(told.get_by_role("button", name="Deshacer")).to_be_focused()
    tab_to(page, event(page, "Con teclado").first)
    assert page.evaluate("getComputedStyle(document.activeElement).outlineWidth") == "3px"
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_label("Título"))
    page.keyboard.type("Cambiado")
    page.keyboard.press("Enter")
    expect(told).to_contain_text("«Cambiado» guardado")
    tab_to(page, event(page, "Cambiado").first)
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("button", name="Borrar el evento"))
    page.keyboard.press("Enter")
    expect(told).to_contain_text("«Cambiado» borrado")
    expect(told).to_be_focused()
    expect(event(page, "Cambiado")).to_have_count(0)


@pytest.mark.parametrize("javascript", [True, False])
def test_enter_in_the_number_asks_until_when_and_sends_nothing_away(calendar, portal, javascript):
    page = calendar(javascript=javascript)
    page.goto(portal.url("desvios/"))
    number = page.get_by_role("combobox", name="Desviar todo al número")
    number.fill("203")
    number.press("Enter")
    expect(page.get_by_text("Elige hasta cuándo.")).to_be_visible()
    expect(page.get_by_label("O hasta otro momento")).to_be_focused()
    expect(number).to_have_value("203")
    expect(page.locator(".strip")).to_have_count(0)


def test_without_a_script_a_button_says_what_will_happen_and_saves_nothing(calendar):
    page = calendar(javascript=False)
    page.get_by_role("link", name="Nuevo evento").click()
    fill(page)
    page.get_by_label("Se repite").select_option("Cada semana")
    page.get_by_role("button", name="Ver qué pasará").click()
    preview = page.locator("#previa-texto")
    expect(preview).to_contain_text("Cada martes, a")
    expect(preview.locator(".dates li")).to_have_count(5)
    expect(page.get_by_label("Título")).to_have_value("En el almacén")
    page.get_by_role("link", name="Calendario", exact=True).click()
    expect(event(page)).to_have_count(0)


@pytest.mark.parametrize("view", ["mes", "semana"])
def test_the_list_of_a_telephone_begins_today_and_past_days_are_a_touch_away(visit, portal, view):
    page = visit("201", width=390, javascript=False)
    page.goto(portal.url(f"desvios/calendario/?vista={view}"))
    first = _dates(page)
    assert first
    assert min(first) >= str(today())
    has_past = today().weekday() > 0 if view == "semana" else today().day > 1
    more = page.get_by_role("checkbox", name="Ver también los días pasados")
    expect(more).to_have_count(int(has_past))
    if has_past:
        more.check()
    assert set(first) <= set(_dates(page))
    assert view == "mes" or len(_dates(page)) == 7


def _dates(page):
    shown = page.locator("[data-date]:visible").all()
    return [day.get_attribute("data-date") for day in shown]


def test_four_that_overlap_keep_their_titles_readable(calendar):
    page = calendar()
    for n, start in enumerate(("10:00", "10:15", "10:30", "11:00")):
        add(page, title=f"Reunión {n}", start=start, end="13:00")
    heads = page.locator(".slots .event b")
    expect(heads).to_have_count(4)
    for head in heads.all():
        rectangle = box(head)
        x, y = middle(rectangle, x=0.1)
        top = page.evaluate("([x, y]) => document.elementFromPoint(x, y).textContent", [x, y])
        assert re.search(head.inner_text(), top)
    assert violations(page) == []
