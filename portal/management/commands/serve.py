"""``manage.py serve``: the whole portal on this machine, web and link, until it is told to end."""

import os
import signal
import socket
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Collection
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from portal.models import Subscriber

HOST = "127.0.0.1"

PATIENCE = 30.0
"""Seconds in which the web must answer after its start, and both must end after being told to."""

GRACE = 5
"""Seconds that requests under way may still take at the end."""

DEMO_LOGINS = """\
Demo logins, all with the password webfon-demo:
  201 202 203 204   subscribers
  301 302           agents
  admin             administrator"""


class Command(BaseCommand):
    """What ``make run`` starts. Prepares databases and static files first, if need be."""

    help = "Prepares what is missing, then runs web and link until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="where to listen (8000)")

    def handle(self, *args: Any, port: int, **options: Any) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.default_int_handler)
        _check_free(port)
        with suppress(KeyboardInterrupt):
            self.prepare()
            self.run(port)

    def prepare(self) -> None:
        """Bring databases and static files up to date; fill an empty demo."""
        for alias in connections:
            if _is_behind(alias):
                self.say(f"Preparing the database '{alias}' ...")
                call_command("migrate", database=alias, verbosity=0)
        call_command("createcachetable", verbosity=0)
        if _static_is_old():
            self.say("Collecting the static files ...")
            call_command("collectstatic", interactive=False, verbosity=0)
        if settings.DEMO:
            self.fill_demo()
        connections.close_all()

    def fill_demo(self) -> None:
        """Load the demo data, once: what people then change or delete stays so."""
        loaded = settings.DATA_DIR / "demo_loaded"
        if loaded.exists() and Subscriber.objects.exists():
            return
        self.say("Loading the demo data ...")
        call_command("demo_data", verbosity=0, stdout=StringIO())
        loaded.touch()

    def run(self, port: int) -> None:
        """Run both processes. Raises CommandError when one of them ends by itself."""
        running = {"web": _start_web(port), "link": _start_link(port)}
        try:
            _wait_until_answering(port, running["web"])
            self.say(f"Webfon is at http://localhost:{port}/{settings.PREFIX}")
            self.say(f"Data folder: {settings.DATA_DIR}")
            if settings.DEMO:
                self.say(DEMO_LOGINS)
            self.say("Ctrl-C ends it.")
            while all(process.poll() is None for process in running.values()):
                time.sleep(0.2)
            name = next(name for name, process in running.items() if process.poll() is not None)
            raise CommandError(f"The {name} process ended by itself; its last lines say why.")
        finally:
            _stop(running.values())

    def say(self, text: str) -> None:
        """Print at once, also into a file or a pipe."""
        self.stdout.write(text)
        self.stdout.flush()


def _check_free(port: int) -> None:
    try:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, port))
    except OverflowError as error:
        raise CommandError(f"{port} is no port: choose one from 1024 to 65535.") from error
    except OSError as error:
        raise CommandError(
            f"Port {port} cannot be used ({error.strerror}). Choose another: make run PORT=8123"
        ) from error


def _is_behind(alias: str) -> bool:
    executor = MigrationExecutor(connections[alias])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _static_is_old() -> bool:
    """Whether a static file, or the list of packages that bring some, is newer than the copy."""
    manifest = settings.STATIC_ROOT / "staticfiles.json"
    if not manifest.exists():
        return True
    collected_at = manifest.stat().st_mtime
    return any(
        Path(storage.path(name)).stat().st_mtime > collected_at
        for finder in get_finders()
        for name, storage in finder.list([])
    )


def _start_web(port: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "uvicorn", "portal.asgi:application"),
            *("--host", HOST, "--port", str(port)),
            *("--timeout-graceful-shutdown", str(GRACE)),
            *("--log-level", "warning", "--no-access-log", "--no-server-header"),
            # Whom to believe about the client's address is Django's and allauth's decision.
            "--no-proxy-headers",
        ],
        cwd=settings.BASE_DIR,
    )


def _start_link(port: int) -> subprocess.Popen[bytes]:
    """Where no address is set, links in e-mails lead to this machine."""
    command = [sys.executable, "-m", "portal.command", "pbx_link"]
    env = {"WEBFON_ADDRESS": f"http://localhost:{port}", **os.environ}
    return subprocess.Popen(command, cwd=settings.BASE_DIR, env=env)


def _wait_until_answering(port: int, web: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    while web.poll() is None:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError as error:
            if time.monotonic() > deadline:
                raise CommandError("The web process does not answer.") from error
            time.sleep(0.05)
        else:
            return


def _stop(processes: Collection[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
