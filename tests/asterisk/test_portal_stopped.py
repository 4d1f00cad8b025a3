"""A calendar saved in the web is obeyed to the second with web and link killed."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page

from portal.pbx.types import Window
from tests.asterisk.across import MARGIN, check, keep_calling
from tests.asterisk.instance import Instance
from tests.asterisk.phone import Phone
from tests.server import ROOT, environment, free_port, manage, prepare, wait_until_it_answers

pytestmark = [pytest.mark.asterisk, pytest.mark.browser]

PASSWORD = "una contraseña de prueba"
BEGINS, LASTS = 8, 2
"""Seconds from the upload to the window, and of the window."""

PEOPLE = f"""
from django.contrib.auth.models import User
from portal.models import Device, NumberPattern, ServiceClass, Subscriber
internal = ServiceClass.objects.create(name="Interna", code="internal")
NumberPattern.objects.create(service_class=internal, label="Internos", pattern="[23]XX")
for number in ("201", "202", "203"):
    user = User.objects.create_user("user" + number, password={PASSWORD!r})
    subscriber = Subscriber.objects.create(
        user=user, number=number, display_name="", mailbox=number + "@default",
        call_class=internal, forward_class=internal,
    )
    Device.objects.create(name=number, owner=subscriber)
"""

EVENT = """\
BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//Pruebas//ES\r
BEGIN:VEVENT\r
UID:corto\r
SUMMARY:Corto\r
DTSTART:{start:%Y%m%dT%H%M%SZ}\r
DTEND:{end:%Y%m%dT%H%M%SZ}\r
END:VEVENT\r
END:VCALENDAR\r
"""


@dataclass
class Portal:
    """Web and link as an operator starts them."""

    address: str
    processes: list[subprocess.Popen[bytes]]

    def kill(self) -> None:
        for process in self.processes:
            process.kill()
        assert {process.wait(5) for process in self.processes} == {-signal.SIGKILL}


@pytest.fixture(scope="module")
def node(start_asterisk) -> Instance:
    """An Asterisk of its own: what the portal wrote there outlives the portal."""
    return start_asterisk()


@pytest.fixture
def portal(node: Instance, tmp_path) -> Iterator[Portal]:
    """In processes of their own, beside the running Asterisk."""
    (tmp_path / "secret").write_text(node.secret)
    env = environment(
        tmp_path,
        WEBFON_NODES="madrid",
        WEBFON_MADRID_PORT=str(node.ami),
        WEBFON_MADRID_SECRET_FILE=str(tmp_path / "secret"),
        WEBFON_MADRID_SPOOL=str(node.spool),
        WEBFON_MADRID_CDR_CSV=str(node.cdr),
    )
    prepare(env)
    manage(env, "shell", "-v0", "-c", PEOPLE)
    port = free_port()
    web = [sys.executable, "-m", "uvicorn", "portal.asgi:application", "--port", str(port)]
    link = [sys.executable, "manage.py", "pbx_link"]
    with (tmp_path / "log").open("a") as log:
        started = [
            subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log)
            for command in (web, link)
        ]
    wait_until_it_answers(port)
    yield Portal(f"http://localhost:{port}/webs/webfon3/", started)
    for process in started:
        if process.poll() is None:
            process.kill()
            process.wait(5)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="es-ES")
    yield context.new_page()
    context.close()


@pytest.fixture
def phones(node: Instance) -> Iterator[dict[str, Phone]]:
    made = {name: Phone(name, node.sip).register() for name in ("201", "202", "203")}
    yield made
    for phone in made.values():
        phone.unregister()
        phone.close()


def log_in(page: Page, portal: Portal) -> None:
    page.goto(portal.address)
    page.get_by_label("Número o usuario").fill("201")
    page.get_by_label("Contraseña", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Entrar").click()
    page.get_by_role("link", name="Desvíos").first.wait_for()


def import_event(page: Page, portal: Portal, window: Window) -> None:
    """Bring an event by a file, for a form knows no seconds, and wait until it is applied."""
    start, end = (datetime.fromtimestamp(edge, UTC) for edge in (window.start, window.end))
    text = EVENT.format(start=start, end=end)
    file = {"name": "corto.ics", "mimeType": "text/calendar", "buffer": text.encode()}
    page.goto(f"{portal.address}desvios/calendario/importar/")
    page.locator("[name=file]").set_input_files(file)
    page.get_by_role("button", name="Ver lo que trae").click()
    page.get_by_text("A un número").click()
    page.locator("[name=number]").fill(window.destination)
    page.get_by_role("button", name="Importar lo elegido").click()
    page.get_by_text("activo en la centralita").first.wait_for()


def test_calls_obey_a_calendar_while_portal_and_link_are_dead(portal, page, phones):
    log_in(page, portal)
    now = int(time.time())
    window = Window(now + BEGINS, now + BEGINS + LASTS, "203")
    import_event(page, portal, window)
    portal.kill()
    assert time.time() < window.start - 1, "this machine was too slow to save in time"
    placed = keep_calling(
        phones["202"],
        "201",
        {name: phones[name] for name in ("201", "203")},
        window.end + MARGIN,
        pause=0.05,
    )
    check(placed, window, outside="201")
