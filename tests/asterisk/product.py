"""The whole product beside a running Asterisk: web and link in their own processes, browsers."""

import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page

from portal.pbx.asterisk import kit
from tests.asterisk.instance import Instance
from tests.server import ROOT, environment, free_port, manage, prepare, wait_until_it_answers

PASSWORD = "una contraseña de prueba"
PATIENCE_MS = 5000


@dataclass
class Product:
    """Web and link in processes of their own, which can be killed and started again."""

    env: dict[str, str]
    port: int = field(default_factory=free_port)
    web: subprocess.Popen[bytes] | None = None
    link: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}/webs/webfon3/"

    def start_web(self) -> None:
        """Returns once it answers."""
        port = ("--port", str(self.port))
        self.web = self._start("-m", "uvicorn", "portal.asgi:application", *port)
        wait_until_it_answers(self.port)

    def start_link(self) -> None:
        self.link = self._start("manage.py", "pbx_link")

    def kill_web(self) -> None:
        assert self.web
        self.web.kill()
        self.web.wait(5)

    def kill_link(self) -> None:
        assert self.link
        self.link.kill()
        self.link.wait(5)

    def _start(self, *command: str) -> subprocess.Popen[bytes]:
        with (Path(self.env["WEBFON_DATA"]) / "log").open("a") as log:
            return subprocess.Popen(
                [sys.executable, *command], cwd=ROOT, env=self.env, stdout=log, stderr=log
            )


def beside(asterisk: Instance, folder: Path, people: str, **settings: str) -> Product:
    """The product with these people, ready to be started."""
    node = {
        "PORT": str(asterisk.ami),
        "SECRET": asterisk.secret,
        "VOICEMAIL_SECRET": asterisk.secrets[kit.SECRETS["voicemail"]],
        "CALLS_SECRET": asterisk.secrets[kit.SECRETS["calls"]],
        "ACD_SECRET": asterisk.secrets[kit.SECRETS["acd"]],
        "SPOOL": str(asterisk.spool),
        "CDR_CSV": str(asterisk.cdr),
    }
    named = {f"WEBFON_MADRID_{name}": value for name, value in node.items()}
    env = environment(folder, WEBFON_NODES="madrid", **named, **settings)
    prepare(env)
    manage(env, "shell", "-v0", "-c", people)
    return Product(env)


def log_in(browser: Browser, product: Product, number: str) -> tuple[BrowserContext, Page]:
    """A browser of its own in which this number is logged in."""
    context = browser.new_context(locale="es-ES")
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(product.address)
    page.get_by_label("Número o usuario").fill(number)
    page.get_by_label("Contraseña", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Entrar", exact=True).click()
    page.get_by_role("link", name="Desvíos").first.wait_for()
    return context, page
