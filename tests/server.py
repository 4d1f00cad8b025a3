"""The portal in processes of its own, as an operator starts them."""

import atexit
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
START_SECONDS = 20


def environment(folder: Path, **settings: str) -> dict[str, str]:
    """What a process of the portal is told; nothing of the tests' own settings gets through."""
    ours = ("WEBFON_", "DATABASE_URL", "CDR_DATABASE_URL", "DJANGO_SETTINGS_MODULE")
    env = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    env |= {"SECRET_KEY": "only for this test", "WEBFON_DATA": str(folder), "WEBFON_HTTPS": "no"}
    return env | settings


def manage(env: dict[str, str], *command: str) -> None:
    """One management command."""
    subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=env, check=True)


def prepare(env: dict[str, str]) -> None:
    """Databases, cache and static files. On SQLite they are made once and copied: it takes long."""
    if {"DATABASE_URL", "CDR_DATABASE_URL"} & env.keys():
        _make(env)
    else:
        shutil.copytree(_made(), env["WEBFON_DATA"], dirs_exist_ok=True)


@cache
def _made() -> Path:
    """A data folder that no process of the portal has run on; it goes when the tests end."""
    folder = Path(tempfile.mkdtemp(prefix="webfon-data-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    _make(environment(folder, WEBFON_DEMO="1"))
    return folder


def _make(env: dict[str, str]) -> None:
    manage(env, "migrate", "-v0")
    manage(env, "migrate", "-v0", "--database=cdr")
    manage(env, "createcachetable")
    manage(env, "collectstatic", "-v0", "--no-input")


@contextmanager
def running(env: dict[str, str], *, link: bool = False) -> Iterator[str]:
    """Web, and the link where asked for; yields ``http://localhost:<port>``."""
    port = free_port()
    commands = [[sys.executable, "-m", "uvicorn", "portal.asgi:application", "--port", str(port)]]
    if link:
        commands.append([sys.executable, "manage.py", "pbx_link"])
    with (Path(env["WEBFON_DATA"]) / "log").open("a") as log:
        started = [
            subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log)
            for command in commands
        ]
        try:
            wait_until_it_answers(port)
            yield f"http://localhost:{port}"
        finally:
            for process in started:
                process.terminate()
            for process in started:
                process.wait(10)


def free_port() -> int:
    """A port of 127.0.0.1 that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_it_answers(port: int) -> None:
    """Whatever the web says, it is there."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            urllib.request.urlopen(f"http://localhost:{port}/", timeout=2).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            assert time.monotonic() < deadline, "the portal did not start"
            time.sleep(0.1)
        else:
            return
