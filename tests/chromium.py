"""The one browser of a run: Playwright holds one event loop a process, so that all share it."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A microphone that beeps once a second, and nobody to ask.
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, without a window."""
    with sync_playwright() as playwright:
        # Debian's build without windows needs a quarter of the processor's time.
        program = shutil.which("chromium-headless-shell") or shutil.which("chromium")
        running = playwright.chromium.launch(executable_path=program, args=OPTIONS)
        yield running
        running.close()
