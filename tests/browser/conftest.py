"""A real portal and a real browser: the portal as `make run` starts it, with the demo's data."""

import functools
import os
import re
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from portal.pbx.simulated.backend import build_nodes

ROOT = Path(__file__).parent.parent.parent
PASSWORD = "webfon-demo"
STARTS_WITHIN = 90


ANSWERS = ("server responded", "Response Status Error Code")
"""How Chromium and htmx report an answer of 400 or more."""


@dataclass(frozen=True)
class Portal:
    """A running portal."""

    port: int
    data: Path

    def url(self, path=""):
        """The address of a page below the prefix."""
        return f"http://localhost:{self.port}/webs/webfon3/{path}"

    def execute(self, script):
        """Change the database behind the portal's back."""
        with closing(sqlite3.connect(self.data / "webfon.sqlite3", timeout=20)) as database:
            database.executescript(script)

    def node(self):
        """The telephone system, to make it fail."""
        return build_nodes(self.data / "pbx")["centralita"]


@pytest.fixture(scope="session")
def portal(tmp_path_factory):
    """The demo on a free port: web and link, ended when the tests are."""
    data = tmp_path_factory.mktemp("portal")
    port = _free_port()
    with (data / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--port", str(port)],
            cwd=ROOT,
            env=_environment(data),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_for(port, process, data / "log")
            yield Portal(port, data)
        finally:
            process.terminate()
            process.wait(30)


def _environment(data):
    """The demo's, whatever the tests around run on."""
    others = {"DATABASE_URL", "CDR_DATABASE_URL", "SECRET_KEY"}
    kept = {name: value for name, value in os.environ.items() if name not in others}
    own = {
        "WEBFON_DEMO": "1",
        "WEBFON_DATA": str(data),
        "DJANGO_SETTINGS_MODULE": "portal.settings",
    }
    return kept | own


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(port, process, log):
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"the portal did not start:\n{log.read_text()}")


@pytest.fixture(scope="session")
def logged_in(browser, portal):
    """What a browser keeps after the login of a number; each number logs in once.

    A test that closes sessions calls ``logged_in.cache_clear()``.
    """

    @functools.cache
    def state(number):
        context = browser.new_context(locale="es-ES")
        page = context.new_page()
        log_in(page, portal, number)
        kept = context.storage_state()
        context.close()
        return kept

    return state


def log_in(page, portal, login, password=PASSWORD):
    """Fill in the form at the door."""
    page.goto(portal.url())
    page.get_by_label("Número o usuario").fill(login)
    page.get_by_label("Contraseña").fill(password)
    with page.expect_navigation():
        page.get_by_role("button", name="Entrar", exact=True).click()


@pytest.fixture
def visit(browser, portal, logged_in):
    """A page as somebody sees it: ``visit("201", width=320, theme="dark", javascript=False)``.

    At the end no page may have broken a rule about its content or failed in a script.
    """
    contexts, complaints = [], []

    def hear(message):
        # Answers such as 404 and 422 are meant; everything else that is an error is not.
        meant = any(words in message.text for words in ANSWERS)
        if message.type in {"error", "warning"} and not meant:
            complaints.append(message.text)

    def new_page(number=None, *, width=1280, theme="light", javascript=True):
        context = browser.new_context(
            viewport={"width": width, "height": 800},
            color_scheme=theme,
            java_script_enabled=javascript,
            locale="es-ES",
            storage_state=logged_in(number) if number else None,
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", hear)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield new_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture(scope="session")
def rules(browser, portal, logged_in):
    """Put a subscriber's rules into a known state: everything off, but for the fields given.

    Ana's calendar too: the demonstration has planned her lunch, at which tests may be run.
    """
    contexts = {}

    def put(number, **fields):
        if number not in contexts:
            contexts[number] = browser.new_context(storage_state=logged_in(number), locale="es-ES")
        request, address = contexts[number].request, portal.url("desvios/")
        html = request.get(address).text()
        form = {"ring_seconds": "20", **({} if number == "201" else CALENDAR), **fields}
        for name in ("csrfmiddlewaretoken", "revision", "display_name"):
            form[name] = re.search(rf'name="{name}" value="([^"]+)"', html)[1]
        answer = request.post(address, form=form, headers={"Referer": address})
        assert answer.status == 200, answer.text()

    return put


CALENDAR = {"calendar_enabled": "on"}
TO_MOBILE = {"unconditional_number": "600 12 31 23", "unconditional_number_enabled": "on"}
TO_CARLA = {"unconditional_number": "203", "unconditional_number_enabled": "on"}


@pytest.fixture
def forwarded(rules):
    """Somebody whose calls all go to a mobile telephone; the number says who."""

    def put(number):
        rules(number, **TO_MOBILE)

    return put
