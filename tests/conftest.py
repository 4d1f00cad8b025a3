"""What every test may count on, and what happens where something it needs is missing."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation
from hypothesis import settings as hypothesis_settings

from scripts.compile_translations import compile_changed

pytest_plugins = ["tests.chromium", "tests.world"]

# How long an example takes is the machine's affair.
hypothesis_settings.register_profile("unhurried", deadline=None)
hypothesis_settings.load_profile("unhurried")

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
ASTERISK_TREE = Path(os.environ.get("WEBFON_CACHE", CACHE / "webfon")) / "asterisk-22"


def _on_postgres() -> bool:
    return "postgresql" in settings.DATABASES["default"]["ENGINE"]


NEEDS: dict[str, tuple[Callable[[], bool], str]] = {
    "asterisk": (
        (ASTERISK_TREE / "usr/sbin/asterisk").exists,
        "Asterisk 22 is not here; as root, scripts/install-test-needs fetches it",
    ),
    "browser": (
        lambda: shutil.which("chromium") is not None,
        "Chromium is not here; as root, scripts/install-test-needs installs it",
    ),
    "postgres": (
        _on_postgres,
        "this run is on SQLite; scripts/with-postgres runs it on PostgreSQL",
    ),
}
"""What a marker asks for, and the reason to give where it is missing."""


def pytest_configure(config: pytest.Config) -> None:
    """Let pages speak as the catalogues are now."""
    compile_changed()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL run what uses a database and may find it otherwise than on SQLite."""
    if _on_postgres():
        without = [item for item in items if not _uses_a_database(item)]
        items[:] = [item for item in items if _uses_a_database(item)]
        config.hook.pytest_deselected(items=without)


def _uses_a_database(item: pytest.Item) -> bool:
    if item.get_closest_marker("any_database"):
        return False
    fixtures = {"db", "transactional_db"} & set(getattr(item, "fixturenames", ()))
    markers = (item.get_closest_marker(name) for name in ("django_db", "postgres"))
    return bool(fixtures) or any(markers)


@pytest.fixture(autouse=True)
def _in_spanish() -> Iterator[None]:
    """A page of one test may have been in another language; the next begins in the portal's own."""
    yield
    translation.deactivate()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what cannot run here, with the reason."""
    for marker, (is_here, reason) in NEEDS.items():
        if item.get_closest_marker(marker) and not is_here():
            pytest.skip(reason)


def _skipped(config: pytest.Config) -> int:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    return len(reporter.stats.get("skipped", [])) if reporter else 0


def _must_not_skip() -> bool:
    return os.environ.get("CI") == "true"


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Where the whole suite has to run (``CI=true``), a skipped test is a failure."""
    if _must_not_skip() and _skipped(session.config) and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many tests did not run."""
    if skipped := _skipped(terminalreporter.config):
        verdict = "with CI=true that is a failure" if _must_not_skip() else "see the reasons above"
        terminalreporter.write_line(f"{skipped} tests did NOT run: {verdict}.", yellow=True)
