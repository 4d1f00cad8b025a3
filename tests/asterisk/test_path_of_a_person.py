"""From the browser to the telephone that rings: the whole product, in its own processes."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from portal.pbx.asterisk.kit import SECRETS
from tests.asterisk.instance import Instance
from tests.asterisk.phone import RING
from tests.deadlines import SLACK
from tests.server import environment, manage, prepare, running

pytestmark = [pytest.mark.asterisk, pytest.mark.browser]

PASSWORD = "una contraseña de prueba"

PEOPLE = f"""
from django.contrib.auth.models import User
from portal.models import Device, NumberPattern, ServiceClass, Subscriber
internal = ServiceClass.objects.create(name="Interna", code="internal")
NumberPattern.objects.create(service_class=internal, label="Internos", pattern="[23]XX")
for number, name in [("201", "Ana López"), ("202", "Bruno"), ("203", "Carla")]:
    user = User.objects.create_user("user" + number, password={PASSWORD!r})
    subscriber = Subscriber.objects.create(
        user=user, number=number, display_name=name, mailbox=number + "@default",
        call_class=internal, forward_class=internal,
    )
    Device.objects.create(name=number, owner=subscriber)
"""


@pytest.fixture(scope="module")
def portal(asterisk: Instance, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The portal in production's own settings, web and link, beside the running Asterisk."""
    folder = tmp_path_factory.mktemp("portal")
    (folder / "secret").write_text(asterisk.secret)
    (folder / "calls").write_text(asterisk.secrets[SECRETS["calls"]])
    env = environment(
        folder,
        WEBFON_NODES="madrid",
        WEBFON_MADRID_PORT=str(asterisk.ami),
        WEBFON_MADRID_SECRET_FILE=str(folder / "secret"),
        WEBFON_MADRID_CALLS_SECRET_FILE=str(folder / "calls"),
        WEBFON_MADRID_SPOOL=str(asterisk.spool),
        WEBFON_MADRID_CDR_CSV=str(asterisk.cdr),
    )
    prepare(env)
    manage(env, "shell", "-v0", "-c", PEOPLE)
    with running(env, link=True) as address:
        yield f"{address}/webs/webfon3/"


@pytest.fixture
def page(portal: str, browser: Browser) -> Iterator[Page]:
    """A browser in which 201 is logged in."""
    context = browser.new_context(locale="es-ES")
    page = context.new_page()
    page.goto(portal)
    page.get_by_label("Número o usuario").fill("201")
    page.get_by_label("Contraseña", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Entrar", exact=True).click()
    page.get_by_role("link", name="Desvíos").first.wait_for()
    yield page
    context.close()


def test_a_person_forwards_to_a_colleague_and_the_next_call_rings_there(page, portal, phone):
    ana, bruno, carla = (phone(number) for number in ("201", "202", "203"))
    bruno.call("201")
    assert len(ana.calls) == 1

    page.goto(f"{portal}desvios/")
    page.locator("[name=unconditional_number]").fill("203")
    page.locator("[name=unconditional_number_enabled]").check(force=True)
    page.get_by_role("button", name="Guardar desvíos").click()
    page.get_by_text("activo en la centralita").first.wait_for()
    saved_at = time.monotonic()
    bruno.call("201")
    assert time.monotonic() - saved_at < 1 + SLACK
    assert (len(ana.calls), len(carla.calls)) == (1, 1)

    page.goto(portal)  # the strip stands on every page
    page.get_by_role("button", name="Quitar").click()
    page.get_by_text("vuelven a sonar").wait_for()
    bruno.call("201")
    assert (len(ana.calls), len(carla.calls)) == (2, 1)


def test_the_name_set_in_the_portal_shows_at_the_called_telephone(page, portal, phone):
    ana, carla = phone("201"), phone("203")
    page.goto(f"{portal}desvios/")
    page.get_by_label("Nombre a mostrar").fill('Ana "la jefa" Ñandú')
    page.get_by_role("button", name="Guardar desvíos").click()
    page.get_by_text("activo en la centralita").first.wait_for()
    ana.call("203")
    assert "Ñandú" in carla.wait_for_call().header("From") + carla.calls[-1].header(
        "P-Asserted-Identity"
    )


def test_a_call_nobody_took_shows_on_the_start_page_with_its_caller(page, portal, phone):
    phone("201", 480)
    phone("202").call("201")
    deadline = time.monotonic() + 20
    while "Bruno" not in page.inner_text("main"):
        assert time.monotonic() < deadline, "the call record did not reach the page"
        page.goto(portal)
        time.sleep(0.5)


def test_a_click_calls_back_and_the_page_follows_within_a_second(page, portal, phone):
    own, bruno = phone("201", 480), phone("202", RING)
    bruno.call("201")
    button = page.get_by_role("button", name="Llamar a Bruno").first
    deadline = time.monotonic() + 20
    while not button.count():
        assert time.monotonic() < deadline, "the call record did not reach the page"
        page.goto(portal)
        time.sleep(0.5)
    own.behaviour = RING
    button.click()
    shown = page.get_by_role("region", name="Llamada", exact=True)
    expect(shown).to_contain_text("Suena tu teléfono")
    assert own.wait_for_call(2).number() == "202"
    assert bruno.calls == []
    own.accept()
    expect(shown).to_contain_text("Sonando…", timeout=1500)
    assert bruno.wait_for_call().number() == "201"
    bruno.accept()
    expect(shown).to_contain_text("Contestada", timeout=1500)
    page.get_by_role("button", name="Colgar").click()
    bruno.wait_until_hung_up()
    expect(shown).to_contain_text("La llamada ha terminado", timeout=1500)


def test_with_the_telephone_system_frozen_the_page_says_pending_and_then_active(
    page, portal, phone, asterisk
):
    page.goto(f"{portal}desvios/")
    asterisk.freeze()
    try:
        page.get_by_label("Segundos antes").fill("33")
        page.get_by_role("button", name="Guardar desvíos").click()
        page.get_by_text("pendiente de aplicar").first.wait_for()
    finally:
        asterisk.thaw()
    deadline = time.monotonic() + 15
    while "Activo en la centralita" not in page.inner_text("main"):
        assert time.monotonic() < deadline, "the link did not apply it"
        page.goto(f"{portal}desvios/")
        time.sleep(0.3)
