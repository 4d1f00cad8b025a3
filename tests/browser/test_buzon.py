"""Mensaje de voz in a real browser: hearing, putting in order, recording a greeting."""

import re
import time
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from portal.pbx.simulated.backend import spool_of
from portal.pbx.simulated.deposit import leave_message
from portal.pbx.spool import Spool
from tests.browser.test_clicks import Hand
from tests.browser.test_pages import scrolls_sideways, violations

pytestmark = pytest.mark.browser

PLACE = "document.querySelector('audio').currentTime"


@pytest.fixture
def mailbox(portal):
    """Fill the mailbox of a number anew; returns the ids, the newest first.

    ``mailbox("203", new=2, heard=1)``; their callers are 600 00 90 01 and so on.
    """

    def fill(number, *, new=0, heard=0, seconds=20):
        spool = spool_of(portal.data / "pbx")
        for file in (spool / "webfon" / number).glob("*/msg*"):
            file.unlink()
        now = datetime.now(UTC)
        ids = []
        for n in range(new + heard):
            caller = f"60000900{n + 1}"
            ids.append(
                leave_message(
                    spool,
                    f"{number}@webfon",
                    number=caller,
                    caller=caller,
                    at=now - timedelta(minutes=n + 1),
                    seconds=seconds,
                    folder="INBOX" if n < new else "Old",
                )
            )
        return ids

    return fill


@pytest.fixture
def folders(portal):
    """The folder of each message of a number."""

    def read(number):
        found = Spool(spool_of(portal.data / "pbx")).messages(f"{number}@webfon")
        return {each.msg_id: each.folder for each in found}

    return read


def caller(n):
    return f"600 00 90 0{n}"


def row(page, n):
    """The row of the nth caller."""
    text = re.compile(caller(n).replace(" ", r"\s"))
    return page.get_by_role("list", name="Mensajes").get_by_role("listitem").filter(has_text=text)


def play(page, n):
    return row(page, n).get_by_role("link", name="Escuchar a")


def plays(page):
    """Wait until something sounds. (What asks the page to evaluate text, its policy forbids.)"""
    deadline = time.monotonic() + 10
    while not page.evaluate(PLACE) > 0.1:
        assert time.monotonic() < deadline, "nothing plays"
        page.wait_for_timeout(50)


def test_hearing_seeking_and_speed(visit, portal, mailbox, folders):
    (msg_id, _other) = mailbox("203", new=2)
    page = visit("203")
    answers = []
    page.on("response", lambda each: answers.append(each) if "sonido.wav" in each.url else None)
    page.goto(portal.url("buzon/"))
    expect(row(page, 1)).to_contain_text("Nuevo")
    play(page, 1).click()
    dock = page.get_by_role("region", name="Reproductor")
    plays(page)
    expect(row(page, 1)).not_to_contain_text("Nuevo")
    assert folders("203")[msg_id] == "Old"
    expect(page.get_by_role("link", name="Mensaje de voz (1 nuevo)")).to_be_visible()

    seek = dock.get_by_role("slider", name="Posición")
    box = seek.bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.75, box["y"] + box["height"] / 2)
    assert 14 < page.evaluate(PLACE) < 17
    seek.press("ArrowLeft")
    assert 9 < page.evaluate(PLACE) < 12
    expect(seek).to_have_attribute("aria-valuetext", re.compile(r"^0:\d\d / 0:20$"))
    assert {each.status for each in answers} == {206}
    assert answers[0].request.headers["range"] == "bytes=0-"

    dock.get_by_label("Velocidad").select_option("2")
    assert page.evaluate("document.querySelector('audio').playbackRate") == 2
    dock.get_by_role("button", name="Pausa").click()
    assert page.evaluate("document.querySelector('audio').paused")
    page.reload()
    play(page, 2).click()
    plays(page)
    assert page.evaluate("document.querySelector('audio').playbackRate") == 2


def test_a_new_message_appears_while_another_plays(visit, portal, mailbox):
    mailbox("203", heard=3)
    page = visit("203")
    page.goto(portal.url("buzon/"))
    play(page, 3).click()
    row(page, 2).get_by_role("checkbox").check()
    page.get_by_label("Carpeta", exact=True).select_option("Familia")
    leave_message(
        spool_of(portal.data / "pbx"),
        "203@webfon",
        number="600009009",
        caller="600009009",
        at=datetime.now(UTC),
        seconds=2,
    )
    expect(row(page, 9)).to_contain_text("Nuevo")
    expect(page.get_by_role("link", name="Mensaje de voz (1 nuevo)")).to_be_visible()
    expect(row(page, 2).get_by_role("checkbox")).to_be_checked()
    expect(page.get_by_label("Carpeta", exact=True)).to_have_value("familia")
    assert not page.evaluate("document.querySelector('audio').paused")
    expect(play(page, 3)).to_have_class(re.compile("playing"))


def test_the_newest_message_is_heard_with_one_click_from_the_start_page(visit, portal, mailbox):
    mailbox("203", new=1)
    page = visit("203")
    page.goto(portal.url())
    hand = Hand()
    hand.click(page.get_by_role("link", name="Escuchar a").first)
    plays(page)
    assert hand.clicks == 1
    expect(page.get_by_text("No tienes mensajes nuevos.")).to_be_visible()


def test_the_page_of_a_message_follows_what_happens_to_it(visit, portal, mailbox, folders):
    (msg_id,) = mailbox("203", new=1)
    page = visit("203")
    page.goto(portal.url(f"buzon/mensaje/{msg_id}/"))
    expect(page.get_by_role("button", name="Marcar como oído")).to_be_visible()
    page.get_by_label("Carpeta", exact=True).select_option("Familia")
    page.get_by_role("button", name="Reproducir").click()
    plays(page)
    expect(page.get_by_role("button", name="Marcar como no oído")).to_be_visible()
    expect(page.locator("#estado")).to_have_text("Oído")
    expect(page.get_by_label("Carpeta", exact=True)).to_have_value("familia")
    assert not page.evaluate("document.querySelector('audio').paused")
    assert folders("203")[msg_id] == "Old"


def test_deleting_and_undoing(visit, portal, mailbox, folders):
    ids = mailbox("203", new=1, heard=2)
    page = visit("203")
    page.goto(portal.url("buzon/"))
    row(page, 1).get_by_role("button", name="Borrar").click()
    expect(row(page, 1)).to_have_count(0)
    assert folders("203")[ids[0]] == "Cust5"
    page.get_by_role("status").get_by_role("button", name="Deshacer").click()
    expect(row(page, 1)).to_contain_text("Nuevo")
    assert folders("203") == {ids[0]: "INBOX", ids[1]: "Old", ids[2]: "Old"}


def test_several_at_once(visit, portal, mailbox, folders):
    ids = mailbox("203", new=3)
    page = visit("203")
    page.goto(portal.url("buzon/"))
    bar = page.get_by_role("group", name="Con los mensajes elegidos")
    expect(bar).to_be_hidden()
    row(page, 1).get_by_role("checkbox").check()
    bar.get_by_role("checkbox", name="Todos").check()
    row(page, 3).get_by_role("checkbox").uncheck()
    bar.get_by_label("Carpeta").select_option("Familia")
    bar.get_by_role("button", name="Mover").click()
    expect(page.get_by_role("status")).to_contain_text("2 mensajes movidos a «Familia»")
    assert folders("203") == {ids[0]: "Family", ids[1]: "Family", ids[2]: "INBOX"}
    page.get_by_role("link", name="Familia").click()
    expect(page.locator("[name=ids]")).to_have_count(2)


def test_searching_while_typing(visit, portal, mailbox):
    mailbox("203", heard=3)
    page = visit("203")
    page.goto(portal.url("buzon/"))
    page.keyboard.press("/")
    page.keyboard.type("9002")
    expect(page.locator("[name=ids]")).to_have_count(1)
    expect(page).to_have_url(re.compile("buscar=9002"))
    page.keyboard.type("99")
    expect(page.get_by_role("link", name="Ver todos")).to_be_visible()
    page.goto(portal.url("informacion/"))
    page.go_back()
    expect(page).to_have_url(re.compile("buscar=900299"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Mensaje de voz")
    page.get_by_role("link", name="Ver todos").click()
    expect(page.locator("[name=ids]")).to_have_count(3)


def test_with_the_keyboard_alone(visit, portal, mailbox, folders):
    ids = mailbox("203", new=2)
    page = visit("203")
    page.goto(portal.url("buzon/"))
    play(page, 1).focus()
    page.keyboard.press("Enter")
    plays(page)
    expect(row(page, 1)).not_to_contain_text("Nuevo")
    expect(play(page, 1)).to_be_focused()
    page.get_by_role("region", name="Reproductor").get_by_role("button", name="Pausa").focus()
    page.keyboard.press("Space")
    assert page.evaluate("document.querySelector('audio').paused")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    assert page.evaluate(PLACE) > 5
    row(page, 2).get_by_role("checkbox").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Borrar", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Mensaje borrado")
    assert folders("203")[ids[1]] == "Cust5"


def test_without_javascript(visit, portal, mailbox, folders):
    ids = mailbox("203", new=2)
    page = visit("203", javascript=False)
    page.goto(portal.url("buzon/"))
    play(page, 1).click()
    expect(page.locator("audio[controls]")).to_be_visible()
    page.get_by_role("button", name="Marcar como oído").click()
    expect(page.get_by_role("status")).to_contain_text("marcado como oído")
    page.goto(portal.url("buzon/"))
    row(page, 2).get_by_role("checkbox").check()
    page.get_by_role("button", name="Borrar", exact=True).click()
    assert folders("203") == {ids[0]: "Old", ids[1]: "Cust5"}
    page.get_by_role("link", name="Papelera").click()
    page.get_by_role("button", name="Vaciar la papelera").click()
    page.get_by_role("button", name="Borrar para siempre").click()
    expect(page.get_by_role("status")).to_contain_text("borrado para siempre")
    assert folders("203") == {ids[0]: "Old"}


@pytest.mark.parametrize(("width", "theme"), [(320, "light"), (390, "dark"), (1280, "dark")])
def test_every_state_of_the_pages_is_without_a_fault(visit, portal, mailbox, width, theme):
    ids = mailbox("203", new=2, heard=1)
    page = visit("203", width=width, theme=theme)
    faults = {}
    paths = ["buzon/", f"buzon/mensaje/{ids[0]}/", f"buzon/mensaje/{ids[0]}/reenviar/"]
    paths += ["buzon/saludos/", "buzon/opciones/", "buzon/?carpeta=papelera", "buzon/?buscar=zzz"]
    for path in paths:
        page.goto(portal.url(path))
        faults[path] = violations(page) + ["scrolls"] * scrolls_sideways(page)
    page.goto(portal.url("buzon/"))
    play(page, 3).click()
    row(page, 1).get_by_role("checkbox").check()
    plays(page)
    page.evaluate("scrollTo(0, document.body.scrollHeight)")  # from under the player
    faults["playing"] = violations(page) + ["scrolls"] * scrolls_sideways(page)
    assert {path: found for path, found in faults.items() if found} == {}
