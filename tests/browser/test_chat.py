"""Two people and a conversation between them, each in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_clicks import Hand
from tests.browser.test_pages import scrolls_sideways, violations

pytestmark = pytest.mark.browser

USER, AGENT, OTHER_AGENT = "203", "301", "302"
SOON = 15_000
"""Milliseconds for what the link does, on a machine that has other things to do."""

CALM = """
UPDATE chat_conversation SET offered_to_id = NULL, offered_at = NULL;
UPDATE chat_conversation SET state = 'closed', closed_at = datetime('now')
    WHERE state IN ('waiting', 'active');
UPDATE chat_conversation SET opened_at = datetime(opened_at, '-1 day');
UPDATE chat_agent SET seen_at = NULL;
"""


@pytest.fixture(autouse=True)
def calm(portal):
    """No conversation goes on, nobody is too fast, and both agents attend."""

    def calmed():
        portal.execute(CALM)
        queues = portal.node().queues
        for member in queues.members():
            if member.number in {AGENT, OTHER_AGENT} and member.paused_since:
                queues.resume(member)

    calmed()
    yield
    calmed()


@pytest.fixture
def breaking(browser, logged_in):
    """A page of the user's in which the browser may complain of a network that breaks."""
    contexts = []

    def opened():
        contexts.append(browser.new_context(storage_state=logged_in(USER), locale="es-ES"))
        contexts[-1].set_default_timeout(10_000)
        return contexts[-1].new_page()

    yield opened
    for each in contexts:
        each.close()


@pytest.fixture
def console(visit, portal):
    """An agent's console that is open."""

    def opened(number=AGENT, **fields):
        page = visit(number, **fields)
        page.goto(portal.url("chat/"))
        expect(page.locator("body[data-news=stream]")).to_be_attached()
        return page

    return opened


@pytest.fixture
def talk(visit, portal, console, breaking):
    """A user and an agent who talk already; with ``frail`` the user's connection may break."""

    def begun(frail=False, **fields):
        agent = console()
        user = breaking() if frail else visit(USER, **fields)
        ask(user, portal, "Hola, una pregunta")
        take(agent)
        expect(user.locator("#estado")).to_contain_text("Te atiende Elena")
        return user, agent

    return begun


def ask(page, portal, text):
    page.goto(portal.url("chat/"))
    expect(page.locator(".services .state").first).to_contain_text("libre", timeout=SOON)
    page.get_by_label("¿Qué necesitas?").fill(text)
    page.get_by_role("button", name="Empezar a hablar").click()
    expect(page.locator("#lineas")).to_contain_text(text)


def take(agent):
    agent.get_by_role("button", name="Atender Carla Ruiz").first.click()
    expect(agent.get_by_label("Escribe un mensaje")).to_be_visible()


def write(page, text):
    page.wait_for_load_state("domcontentloaded")  # its scripts have run
    page.get_by_label("Escribe un mensaje").fill(text)
    page.get_by_label("Escribe un mensaje").press("Enter")


def said(page):
    """What the page shows of the conversation: its lines and how it goes."""
    return page.locator("#lineas > li").all_inner_texts(), page.locator("#estado").inner_text()


def test_from_the_button_to_the_rating(visit, portal, console):
    agent, user, hand = console(), visit(USER), Hand()
    user.goto(portal.url())
    hand.click(user.get_by_role("link", name="Chat con un agente"))
    user.get_by_label("¿Qué necesitas?").fill("No encuentro el albarán <b>12</b>")
    hand.click(user.get_by_role("button", name="Empezar a hablar"))
    assert hand.clicks == 2
    expect(user.locator("#estado")).to_contain_text(re.compile("Esperando|Avisando"))
    expect(agent).to_have_title(
        re.compile(r"^\(1\) "), timeout=SOON
    )  # it was offered, and no page was loaded
    offer = agent.get_by_role("region", name="Conversación que te toca")
    expect(offer).to_contain_text("No encuentro el albarán <b>12</b>")
    take(agent)
    expect(user.locator("#estado")).to_contain_text("Te atiende Elena Gil")
    write(agent, "Buenos días: https://ejemplo.example/albaran")
    expect(user.get_by_role("log").get_by_role("link")).to_have_text(
        "https://ejemplo.example/albaran"
    )
    expect(agent.locator("#estado")).to_contain_text("Leído")
    user.get_by_label("Escribe un mensaje").press_sequentially("Grac")
    expect(agent.locator("#estado")).to_contain_text("Carla Ruiz está escribiendo")
    write(user, "Gracias 🙂")
    expect(agent.locator("#lineas")).to_contain_text("Gracias 🙂")
    agent.get_by_role("button", name="Cerrar la conversación").click()
    user.get_by_label("5 muy bien").check()
    user.get_by_role("button", name="Valorar").click()
    expect(user.get_by_role("status").first).to_contain_text("Gracias por tu valoración")
    with user.expect_download() as download:
        user.get_by_role("link", name="Descargar").click()
    assert "Carla Ruiz: Gracias 🙂" in download.value.path().read_text()
    user.goto(portal.url("chat/anteriores/?buscar=albaran"))
    expect(user.get_by_role("list", name="Conversaciones")).to_contain_text("valorada con 5 de 5")


def test_after_an_outage_the_page_is_as_a_fresh_one(talk, portal):
    user, agent = talk(frail=True)
    user.context.set_offline(True)
    for text in ("uno", "dos", "tres"):
        write(agent, text)
    expect(agent.locator("#lineas")).to_contain_text("tres")
    write(user, "escrito sin conexión")
    write(user, "y otra cosa")
    waits = user.get_by_role("list", name="Sin enviar todavía")
    expect(waits).to_contain_text("Sin conexión")
    assert "escrito sin conexión" not in user.locator("#lineas").inner_text()
    user.context.set_offline(False)
    expect(waits).to_be_hidden()
    expect(agent.locator("#lineas")).to_contain_text("y otra cosa")
    expect(user.locator("#estado")).to_contain_text("Leído")
    here = said(user)
    user.reload()
    assert said(user) == here
    texts = "\n".join(here[0])
    for text in ("uno", "dos", "tres", "escrito sin conexión", "y otra cosa"):
        assert texts.count(text) == 1
    assert texts.index("escrito") < texts.index("y otra cosa")


def test_an_answer_that_is_lost_makes_no_second_line(talk):
    user, agent = talk(frail=True)
    lost = []

    def lose(route):
        if lost:
            return route.continue_()
        lost.append(route.fetch().status)  # the server has stored it
        return route.abort()

    user.route("**/escribir/", lose)
    write(user, "solo una vez")
    expect(user.get_by_role("list", name="Sin enviar todavía")).to_be_hidden()
    expect(agent.locator("#lineas")).to_contain_text("solo una vez")
    assert lost == [200]
    agent.reload()
    for page in (user, agent):
        assert "\n".join(said(page)[0]).count("solo una vez") == 1


def test_what_is_typed_and_what_waits_survive_a_reload(talk):
    user, agent = talk(frail=True)
    user.route("**/escribir/", lambda route: route.abort())
    write(user, "en camino")
    expect(user.get_by_role("list", name="Sin enviar todavía")).to_contain_text("en camino")
    user.get_by_label("Escribe un mensaje").press_sequentially("a medias")
    user.unroute("**/escribir/")
    user.reload()
    expect(user.get_by_label("Escribe un mensaje")).to_have_value("a medias")
    expect(agent.locator("#lineas")).to_contain_text("en camino")


def test_what_is_half_written_is_nobody_elses_at_the_same_browser(visit, portal, logged_in):
    page = visit(USER)
    text = page.locator("#empezar textarea")
    for number, found in [(USER, ""), ("202", ""), (USER, "un secreto a medias")]:
        page.context.clear_cookies()
        page.context.add_cookies(logged_in(number)["cookies"])
        page.goto(portal.url("chat/"))
        expect(text).to_have_value(found)
        if number == USER and not found:
            text.press_sequentially("un secreto a medias")


def test_where_the_stream_is_cut_lines_come_by_asking(talk, portal):
    user, agent = talk(frail=True)
    user.route("**/eventos/**", lambda route: route.abort())
    user.reload()
    write(agent, "sin corriente también llega")
    expect(user.locator("#lineas")).to_contain_text("sin corriente también llega")


def test_a_second_device_shows_and_writes_the_same_conversation(talk, visit, portal):
    user, agent = talk()
    phone = visit(USER, width=390)
    phone.goto(portal.url())
    phone.get_by_role("link", name="Chat con un agente").click()
    write(phone, "desde el móvil")
    expect(user.locator("#lineas")).to_contain_text("desde el móvil")
    write(user, "desde el escritorio")
    expect(phone.locator("#lineas")).to_contain_text("desde el escritorio")
    expect(agent.locator("#lineas")).to_contain_text("desde el escritorio")
    write(agent, "leído queda")
    for page in (phone, user):
        expect(page.locator("#lineas")).to_contain_text("leído queda")
    expect(agent.locator("#estado")).to_contain_text("Leído")
    assert said(phone)[0] == said(user)[0]


def test_a_line_into_what_has_just_ended_is_kept_and_the_reason_said(talk):
    user, agent = talk(frail=True)
    user.route("**/lineas/**", lambda route: route.abort())  # this page does not know yet
    agent.get_by_role("button", name="Cerrar la conversación").click()
    expect(agent.get_by_role("heading", name="Consola del chat")).to_be_visible()
    write(user, "¿sigues ahí?")
    expect(user.get_by_role("alert")).to_contain_text("ha terminado y no se ha enviado")
    expect(user.get_by_label("Escribe un mensaje")).to_have_value("¿sigues ahí?")


def test_a_conversation_is_handed_over_with_its_context(talk, console, portal):
    user, agent = talk()
    other = console(OTHER_AGENT)
    agent.reload()
    agent.get_by_label("Pasar a").select_option("Fermín Vega")
    agent.get_by_label("Nota para quien siga").fill("Quiere el albarán 12")
    agent.get_by_role("button", name="Pasar", exact=True).click()
    expect(user.locator("#lineas")).to_contain_text("pasa la conversación a Fermín Vega")
    take(other)
    expect(other.get_by_role("region", name="Notas")).to_contain_text("Quiere el albarán 12")
    expect(other.locator("#lineas")).to_contain_text("Hola, una pregunta")
    expect(user.locator("#estado")).to_contain_text("Te atiende Fermín Vega", timeout=SOON)


@pytest.mark.parametrize("javascript", [True, False])
def test_when_all_are_in_a_pause_it_becomes_a_message(visit, portal, console, rules, javascript):
    agent, user, queues = console(), visit(USER, javascript=javascript), portal.node().queues
    for number in (AGENT, OTHER_AGENT):
        queues.pause(queues.member("atencion", number), "Comida")
    expect(agent.get_by_role("region", name="Tu estado")).to_contain_text(
        "En pausa: Comida", timeout=SOON
    )
    user.goto(portal.url("chat/"))
    service = user.get_by_role("listitem").filter(has_text="Atención al cliente").first
    expect(service).to_contain_text("No hay ningún agente ahora", timeout=SOON)
    user.get_by_role("radio", name=re.compile("Atención al cliente")).check()
    user.get_by_label("¿Qué necesitas?").fill("¿Me podéis llamar?")
    user.get_by_role("button", name="Empezar a hablar").click()
    expect(user.get_by_role("alert")).to_contain_text("no hay ningún agente")
    expect(user.get_by_label("¿Qué necesitas?")).to_have_value("¿Me podéis llamar?")
    user.get_by_label("Si no puede ser, llamadme al").fill("600 12 31 23")
    user.get_by_role("button", name="Dejarlo como mensaje").click()
    expect(user.locator("main")).to_contain_text("Un agente te llamará al 600 12 31 23")
    due = agent.get_by_role("region", name="Llamadas por devolver")
    expect(due).to_contain_text("¿Me podéis llamar?")
    due.get_by_role("listitem").filter(has_text="¿Me podéis llamar?").get_by_role(
        "button", name="Hecha"
    ).click()
    expect(due).not_to_contain_text("¿Me podéis llamar?")


def test_without_javascript_it_is_send_and_reload(visit, portal, console):
    agent, user = console(), visit(USER, javascript=False)
    ask(user, portal, "Sin JavaScript")
    take(agent)
    write(agent, "Se lee igual")
    expect(agent.locator("#lineas")).to_contain_text("Se lee igual")
    user.get_by_role("link", name="Ver si hay respuesta").click()
    expect(user.locator("#lineas")).to_contain_text("Se lee igual")
    user.get_by_label("Escribe un mensaje").fill("Y se escribe")
    user.get_by_role("button", name="Enviar").click()
    expect(agent.locator("#lineas")).to_contain_text("Y se escribe")
    user.get_by_role("button", name="Terminar").click()
    expect(user.locator("main")).to_contain_text("La conversación ha terminado")


HIDDEN = """
Object.defineProperty(document, "hidden", { get: () => true });
window.Notification = class extends EventTarget {
  static permission = "granted";
  constructor(title) { super(); document.body.dataset.shown = title; }
};
"""


def test_an_agent_whose_console_is_behind_is_told(visit, portal):
    agent, user = visit(AGENT), visit(USER)
    agent.add_init_script(HIDDEN)
    agent.goto(portal.url("chat/"))
    expect(agent.locator("body[data-news=stream]")).to_be_attached()
    ask(user, portal, "¿Hay alguien?")
    expect(agent.locator("body")).to_have_attribute(
        "data-shown", "Chat: tienes novedades", timeout=SOON
    )
    expect(agent).to_have_title(re.compile(r"^\(1\) "), timeout=SOON)


def test_the_number_in_the_title_outlives_a_console_that_is_drawn_anew(visit, portal, console):
    agent, user = console(), visit(USER)
    ask(user, portal, "¿Hay alguien?")
    expect(agent).to_have_title(re.compile(r"^\(1\) "), timeout=SOON)
    agent.route("**/aviso/", lambda route: route.fulfill(status=204))  # htmx leaves it as it is
    with agent.expect_response(lambda answer: answer.url == portal.url("chat/")):
        agent.evaluate("document.body.dispatchEvent(new CustomEvent('news:chat'))")
    agent.wait_for_timeout(300)  # until it stands on the page
    expect(agent).to_have_title(re.compile(r"^\(1\) "))


def test_no_page_of_it_has_a_fault_or_scrolls_sideways(talk, visit, portal):
    user, agent = talk()
    write(user, "Una palabra " + "muy" * 60 + " larga")
    expect(agent.locator("#lineas")).to_contain_text("larga")
    places = [user.url.split("webfon3/")[1], "chat/anteriores/"]
    for width, theme in ((320, "dark"), (1280, "light")):
        for number, paths in ((USER, places), (AGENT, [*places, "chat/", "chat/?preguntar=1"])):
            page = visit(number, width=width, theme=theme)
            for path in paths:
                page.goto(portal.url(path))
                assert violations(page) == []
                assert not scrolls_sideways(page)
    user.get_by_role("button", name="Terminar").click()
    expect(user.get_by_role("button", name="Valorar")).to_be_visible()
    assert violations(user) == []
