"""The calendar as people use it: with and without a script, by keyboard, on a telephone."""

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from tests.browser.looks import in_each_look
from tests.browser.test_clicks import Hand
from tests.browser.test_desvios import tab_to
from tests.browser.test_pages import scrolls_sideways, violations

pytestmark = pytest.mark.browser

MADRID = ZoneInfo("Europe/Madrid")
NUMBER = "202"
"""Who has an empty calendar in the demonstration."""


def today():
    return datetime.now(MADRID).date()


def next_tuesday():
    """In the next week, so that a whole day of it lies ahead."""
    return today() - timedelta(days=today().weekday()) + timedelta(days=8)


@pytest.fixture
def calendar(portal, visit, rules):
    """The calendar of 202, empty, in the week of next Tuesday."""

    def opened(number=NUMBER, *, view="semana", **how):
        rules(number)
        page = visit(number, **how)
        empty(page, portal)
        page.goto(portal.url(f"desvios/calendario/?vista={view}&dia={next_tuesday()}"))
        return page

    return opened


def empty(page, portal):
    """Remove every event that a test left behind, as the person would."""
    for view in (f"vista=mes&dia={next_tuesday()}", f"vista=dia&dia={today()}"):
        address = portal.url(f"desvios/calendario/?{view}")
        page.goto(address)
        while page.locator("a.event").count():
            page.goto(page.locator("a.event").first.evaluate("link => link.href"))
            with page.expect_navigation():
                page.get_by_role(
                    "button", name=re.compile("Borrar (toda la serie|el evento)")
                ).click()
            page.goto(address)


def fill(page, *, title="En el almacén", day=None, start="15:00", end="19:00", number="203"):
    day = str(day or next_tuesday())
    page.get_by_label("Título").fill(title)
    page.get_by_label("Empieza", exact=True).fill(day)
    page.get_by_label("Empieza a las").fill(start)
    page.get_by_label("Termina", exact=True).fill(day)
    page.get_by_label("Termina a las").fill(end)
    page.get_by_role("combobox", name="Número").fill(number)


def save(page):
    page.get_by_role("button", name=re.compile("Guardar (evento|así)")).click()


def add(page, **what):
    page.get_by_role("link", name="Nuevo evento").click()
    fill(page, **what)
    with page.expect_navigation():
        save(page)
    if page.get_by_role("button", name="Guardar así").is_visible():
        with page.expect_navigation():
            save(page)


def event(page, title="En el almacén"):
    return page.get_by_role("link", name=re.compile(title))


def test_every_tuesday_afternoon_takes_five_clicks_and_its_undoing_one(calendar, portal):
    page = calendar()
    page.goto(portal.url())
    hand = Hand()
    hand.click(page.get_by_role("link", name="Desvíos", exact=True))
    hand.click(page.get_by_role("link", name="Desvío por calendario"))
    hand.click(page.get_by_role("link", name="Nuevo evento"))
    fill(page)
    page.get_by_label("Se repite").select_option("Cada semana")
    hand.clicks += 1
    expect(page.locator("#previa-texto")).to_contain_text("Cada martes, a")
    hand.click(page.get_by_role("button", name="Guardar evento"))
    expect(page.get_by_role("status")).to_contain_text("añadido al calendario: activo")
    assert hand.clicks <= 5
    plan = portal.node().plans([NUMBER])[NUMBER]
    assert plan.calendar
    undo = Hand()
    undo.click(page.get_by_role("status").get_by_role("button", name="Deshacer"))
    assert undo.clicks == 1
    assert portal.node().plans([NUMBER])[NUMBER].calendar == ""


@pytest.mark.parametrize("javascript", [True, False])
def test_everything_until_six_takes_three_clicks_and_its_undoing_one(calendar, portal, javascript):
    page = calendar(javascript=javascript)
    page.goto(portal.url())
    hand = Hand()
    hand.click(page.get_by_role("link", name="Desvíos", exact=True))
    page.get_by_role("combobox", name="Desviar todo al número").fill("600 12 31 23")
    hand.click(page.get_by_role("button", name=re.compile("18:00")))
    expect(page.locator(".strip")).to_contain_text(
        re.compile(r"todas las llamadas van al 600\s12\s31\s23 hasta (mañana a )?las 18:00")
    )
    assert hand.clicks <= 3
    page.goto(portal.url("historial/"))
    undo = Hand()
    undo.click(page.get_by_role("button", name="Quitar"))
    expect(page.locator(".strip")).to_have_count(0)
    expect(page.get_by_role("status")).to_contain_text("«Desvío rápido» quitado")
    assert undo.clicks == 1


def test_the_form_says_what_will_happen_while_it_is_filled_in(calendar):
    page = calendar()
    page.get_by_role("link", name="Nuevo evento").click()
    preview = page.locator("#previa-texto")
    expect(preview).to_contain_text("En cuanto el evento esté completo")
    fill(page)
    expect(preview).to_contain_text("Una sola vez")
    expect(page.get_by_label("Cada cuántos")).to_be_hidden()
    page.get_by_label("Se repite").select_option("Cada mes, por día de la semana")
    page.get_by_label("Cuál").select_option("último")
    page.get_by_label("Día de la semana").select_option("viernes")
    expect(preview).to_contain_text("El último viernes de cada mes")
    expect(preview.locator(".dates li")).to_have_count(5)
    page.get_by_label("Hasta cuándo").select_option("Un número de veces")
    page.get_by_label("Cuántas veces").fill("3")
    expect(preview).to_contain_text(", 3 veces")
    expect(preview.locator(".dates li")).to_have_count(3)
    assert violations(page) == []


def test_an_overlap_is_shown_while_the_form_is_filled_in_and_then_saved_at_once(calendar):
    page = calendar()
    add(page, title="Comida", start="14:00", end="16:00")
    page.get_by_role("link", name="Nuevo evento").click()
    fill(page)
    preview = page.locator("#previa-texto")
    expect(preview).to_contain_text("coincide con «Comida»")
    expect(preview).to_contain_text("Gana este, porque empieza más tarde")
    assert violations(page) == []
    save(page)
    expect(page.get_by_role("status")).to_contain_text("añadido al calendario")
    expect(event(page, "Comida")).to_contain_text("actúa en parte")


def test_without_a_script_the_overlap_is_shown_at_the_first_guardar(calendar):
    page = calendar(javascript=False)
    add(page, title="Comida", start="14:00", end="16:00")
    page.get_by_role("link", name="Nuevo evento").click()
    fill(page)
    page.get_by_role("button", name="Guardar evento").click()
    expect(page.get_by_role("alert")).to_contain_text("guarda otra vez")
    expect(page.get_by_label("Título")).to_have_value("En el almacén")
    page.get_by_role("button", name="Guardar así").click()
    expect(event(page)).to_contain_text("15:00–19:00")


@pytest.mark.parametrize("javascript", [True, False])
def test_one_of_a_series_is_changed_and_another_removed(calendar, javascript):
    page = calendar(javascript=javascript)
    page.get_by_role("link", name="Nuevo evento").click()
    fill(page)
    page.get_by_label("Se repite").select_option("Cada semana")
    save(page)
    event(page).click()
    expect(page.get_by_role("radio", name="Solo esta")).to_be_checked()
    page.get_by_label("Empieza a las").fill("16:00")
    save(page)
    expect(event(page)).to_contain_text("16:00–19:00")
    page.get_by_role("link", name="Siguiente").click()
    expect(event(page)).to_contain_text("15:00–19:00")
    event(page).click()
    page.get_by_role("button", name="Borrar solo esta").click()
    expect(event(page)).to_have_count(0)
    page.get_by_role("status").get_by_role("button", name="Deshacer").click()
    expect(event(page)).to_have_count(1)


def test_an_error_stands_at_its_field_and_the_summary_leads_to_it(calendar):
    page = calendar()
    page.get_by_role("link", name="Nuevo evento").click()
    fill(page, start="15:00", end="14:00")
    save(page)
    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("Termina antes de empezar")
    summary.get_by_role("link", name="Termina a las").click()
    expect(page.get_by_label("Termina a las")).to_be_focused()
    assert violations(page) == []


def test_an_event_is_made_with_the_keyboard_alone(calendar):
    page = calendar()
    tab_to(page, page.get_by_role("link", name="Nuevo evento"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_label("Título"))
    page.keyboard.type("Con teclado")
    tab_to(page, page.get_by_role("radio", name="A un número"))
    tab_to(page, page.get_by_role("combobox", name="Número"))
    page.keyboard.press("Control+a")
    page.keyboard.type("203")
    tab_to(page, page.get_by_label("Se repite"))
    page.keyboard.type("Cada d")
    tab_to(page, page.get_by_role("button", name="Guardar evento"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("«Con teclado» añadido")
    tab_to(page, event(page, "Con teclado").first)


def box(locator):
    return locator.bounding_box()


def drag(page, start, end):
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, steps=4)
    page.mouse.move(*end, steps=4)
    page.mouse.up()


def middle(rectangle, x=0.5, y=0.5):
    return rectangle["x"] + rectangle["width"] * x, rectangle["y"] + rectangle["height"] * y


def test_an_event_is_dragged_to_another_day_and_time_and_made_longer(calendar):
    page = calendar()
    add(page, start="10:00", end="11:00")
    place = box(event(page))
    target = box(page.locator(f".day[data-date='{next_tuesday() + timedelta(days=1)}'] .slots"))
    hour = place["height"]
    x, y = middle(place, y=0.3)
    drag(page, (x, y), (middle(target)[0], y + hour))
    expect(page.get_by_role("status")).to_contain_text("guardado")
    moved = page.locator(f".day[data-date='{next_tuesday() + timedelta(days=1)}']")
    expect(moved.get_by_role("link", name="En el almacén")).to_contain_text("11:00–12:00")
    place = box(event(page))
    edge = (middle(place)[0], place["y"] + place["height"] - 3)
    drag(page, edge, (edge[0], edge[1] + hour))
    expect(event(page)).to_contain_text("11:00–13:00")
    page.get_by_role("status").get_by_role("button", name="Deshacer").click()
    expect(event(page)).to_contain_text("11:00–12:00")


def test_a_drag_over_an_empty_day_opens_the_form_with_those_hours(calendar):
    page = calendar()
    slots = box(page.locator(f".day[data-date='{next_tuesday()}'] .slots"))
    hour = slots["height"] / 12
    x = middle(slots)[0]
    drag(page, (x, slots["y"] + 2 * hour + 2), (x, slots["y"] + 4 * hour - 4))
    expect(page.get_by_label("Empieza", exact=True)).to_have_value(str(next_tuesday()))
    expect(page.get_by_label("Empieza a las")).to_have_value("10:00")
    expect(page.get_by_label("Termina a las")).to_have_value("12:00")


def test_an_event_is_dragged_to_another_day_of_the_month(calendar):
    page = calendar(view="mes")
    add(page)
    day = next_tuesday() + timedelta(days=1)
    drag(page, middle(box(event(page))), middle(box(page.locator(f"td[data-date='{day}']"))))
    expect(page.get_by_role("status")).to_contain_text("guardado")
    expect(page.locator(f"td[data-date='{day}']")).to_contain_text("En el almacén")


@in_each_look
def test_no_view_has_a_fault_in_any_width_and_theme(calendar, portal, width, theme):
    page = calendar(width=width, theme=theme)
    paths = ["desvios/calendario/nuevo/", "desvios/"]
    paths += [f"desvios/calendario/?vista={v}&dia={next_tuesday()}" for v in ("mes", "semana")]
    add(page, title="Comida", start="14:00", end="16:00")
    add(page, title="Comida", start="14:00", end="16:00")
    found = {}
    for path in [*paths, f"desvios/calendario/?vista=dia&dia={next_tuesday()}"]:
        page.goto(portal.url(path))
        page.wait_for_load_state("networkidle")
        found[path] = violations(page) + ["scrolls"] * scrolls_sideways(page)
    assert {path: faults for path, faults in found.items() if faults} == {}


def test_a_telephone_shows_days_as_a_list(calendar):
    page = calendar(width=390)
    add(page)
    expect(page.get_by_role("heading", name=re.compile("Martes"))).to_be_visible()
    tall = box(event(page))
    assert tall["height"] >= 44
    assert tall["width"] > 200
    page.get_by_role("link", name=re.compile("Añadir el miércoles")).click()
    wednesday = str(next_tuesday() + timedelta(days=1))
    expect(page.get_by_label("Empieza", exact=True)).to_have_value(wednesday)


def test_the_days_have_their_names_for_those_who_hear_the_page(calendar):
    page = calendar()
    names = page.locator(".day h3").all_inner_texts()
    assert len(names) == 7
    day = page.get_by_role("heading", name=re.compile(f"Martes {next_tuesday().day}"))
    expect(day).to_have_count(1)
    assert date.fromisoformat(page.locator(".day").first.get_attribute("data-date")).weekday() == 0
