"""A PostgreSQL of a test's own, which it stops and freezes."""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

START_SECONDS = 20


def binaries() -> Path:
    """Where PostgreSQL's programs are."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = shutil.which("initdb")
    places += [Path(found).parent] if found else []
    for place in places:
        if (place / "initdb").exists():
            return place
    pytest.skip("PostgreSQL is not here; as root, scripts/install-test-needs installs it")


def end_with_the_test() -> None:
    """prctl(PR_SET_PDEATHSIG)"""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


class Server:
    """Listens on a socket in its own folder; its databases outlive a stop."""

    def __init__(self, folder: Path | None = None) -> None:
        self.bin = binaries()
        self.folder = folder or Path(tempfile.mkdtemp(prefix="webfon-pg-"))
        self.user: dict[str, Any] = {}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            account = pwd.getpwnam("postgres")
            os.chown(self.folder, account.pw_uid, account.pw_gid)
            self.user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        self.process: subprocess.Popen[bytes] | None = None
        options = ["-U", "webfon", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        if not (self.folder / "data").exists():
            self._run("initdb", "-D", self.folder / "data", *options)

    def url(self, database: str) -> str:
        """For ``CDR_DATABASE_URL``."""
        return f"postgres://webfon@/{self.folder}/{database}"

    def connect(self, database: str = "postgres") -> psycopg.Connection[tuple[Any, ...]]:
        """A connection of the test's own."""
        return psycopg.connect(
            host=str(self.folder), user="webfon", dbname=database, autocommit=True
        )

    def start(self, *settings: str) -> "Server":
        """And wait until it answers."""
        named = ("listen_addresses=", "fsync=off", *settings)
        options = [word for setting in named for word in ("-c", setting)]
        self.process = subprocess.Popen(
            [self.bin / "postgres", "-D", self.folder / "data", "-k", self.folder, *options],
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=end_with_the_test,  # noqa: PLW1509 - one call into libc
            **self.user,
        )
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self.connect().close()
                return self
            except psycopg.OperationalError:
                assert time.monotonic() < deadline, "PostgreSQL did not start"
                time.sleep(0.05)

    def stop(self) -> None:
        """At once; whoever is connected is cut off."""
        if self.process and self.process.poll() is None:
            self.thaw()
            self.process.send_signal(signal.SIGINT)
            self.process.wait(10)

    def freeze(self) -> None:
        """It keeps its connections and answers nothing."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder)

    def _signal(self, number: signal.Signals) -> None:
        assert self.process
        for pid in (self.process.pid, *self._children()):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def _children(self) -> list[int]:
        assert self.process
        tasks = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in tasks.read_text().split()]

    def _run(self, program: str, *arguments: str | Path) -> None:
        command = [self.bin / program, *arguments]
        done = subprocess.run(
            command, cwd=self.folder, capture_output=True, check=False, **self.user
        )
        assert not done.returncode, done.stderr.decode()
