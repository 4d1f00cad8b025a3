"""Takes the pictures of the help from the demonstration, into static/img/ayuda/.

python -m scripts.help_pictures             all of them; make pictures runs it
python -m scripts.help_pictures chat        only these
"""

import base64
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.chromium import OPTIONS
from tests.server import environment, free_port

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "static/img/ayuda"
WIDTH, HEIGHT = 800, 430
"""Pixels of every picture; templates/ayuda/_topic.html says the same."""

MARGIN = 12
QUALITY = 0.82
READY = "Ctrl-C ends it."


@dataclass(frozen=True)
class Picture:
    """Who looks at which page."""

    name: str
    number: str
    path: str


PICTURES = [
    Picture("agenda", "201", "agenda/"),
    Picture("historial", "201", "historial/"),
    Picture("buzon", "201", "buzon/"),
    Picture("desvios", "202", "desvios/"),
    Picture("calendario", "201", "desvios/calendario/?vista=mes"),
    Picture("ajustes", "201", "ajustes/seguridad/"),
    Picture("informacion", "201", "informacion/"),
    Picture("chat", "202", "chat/"),
]

AGENT = "301"
"""Has a page open all the while, so that somebody would answer in the chat."""

TO_WEBP = """async ([png, quality]) => {
  const image = new Image();
  image.src = "data:image/png;base64," + png;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.width;
  canvas.height = image.height;
  canvas.getContext("2d").drawImage(image, 0, 0);
  return canvas.toDataURL("image/webp", quality).split(",")[1];
}"""
"""Playwright writes PNG and JPEG; the browser itself writes what is smaller."""


@contextmanager
def demonstration() -> Iterator[str]:
    """A fresh one in a folder of its own; yields the address of its start page."""
    with tempfile.TemporaryDirectory(prefix="webfon-pictures-") as folder:
        port = free_port()
        portal = subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--port", str(port)],
            cwd=ROOT,
            env=environment(Path(folder), WEBFON_DEMO="1", LOG_LEVEL="WARNING"),
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            if not any(READY in line for line in portal.stdout or ()):
                sys.exit("The demonstration did not start.")
            yield f"http://localhost:{port}/webs/webfon3/"
        finally:
            portal.terminate()
            portal.communicate()


def visitor(browser: Browser, start: str, number: str) -> Page:
    """Somebody who has just come in."""
    page = browser.new_page(
        viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light", locale="es-ES"
    )
    page.goto(start)
    page.get_by_label("Número o usuario").fill(number)
    page.get_by_label("Contraseña").fill("webfon-demo")
    page.get_by_role("button", name="Entrar", exact=True).click()
    page.wait_for_url(lambda url: "/entrar/" not in url)
    return page


def take(page: Page, start: str, picture: Picture) -> bytes:
    """The picture as WebP."""
    page.goto(start + picture.path)
    box = page.locator("h1").bounding_box()
    top = max(0, box["y"] - MARGIN) if box else 0
    clip = {"x": 0, "y": top, "width": WIDTH, "height": HEIGHT}
    png = page.screenshot(full_page=True, clip=clip, animations="disabled")
    page.goto("about:blank")
    webp = page.evaluate(TO_WEBP, [base64.b64encode(png).decode(), QUALITY])
    return base64.b64decode(webp)


def main(names: list[str]) -> None:
    wanted = [each for each in PICTURES if not names or each.name in names]
    FOLDER.mkdir(parents=True, exist_ok=True)
    with demonstration() as start, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=OPTIONS,
        )
        visitor(browser, start, AGENT)
        for picture in wanted:
            page = visitor(browser, start, picture.number)
            path = FOLDER / f"{picture.name}.webp"
            path.write_bytes(take(page, start, picture))
            page.context.close()
            print(f"{path.relative_to(ROOT)}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
