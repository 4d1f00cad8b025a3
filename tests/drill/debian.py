"""A Debian 12 that boots, with systemd, in namespaces of this machine, and without a network.

Its tree comes from ``scripts/debian-tree``. Needs root. What it runs ends with this process.
"""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.asterisk.postgres import end_with_the_test
from tests.drill.machine import CLEAN, run
from tests.server import ROOT

BOOT = Path(__file__).with_name("boot.sh")
SPACES = ("--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup")
HERE = "/root/webfon"
"""Where the operator copied the wheel, ``requirements/`` and ``deploy/`` to."""

NAME = "telefono.example"
"""What the documents call it."""

PASSWORD = "una-Larga-y-suya"
"""Of the superuser ``jefa``."""

PATIENCE = 120.0


class Debian:
    """One machine, whose disk is a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = folder / "root"
        self._process: subprocess.Popen[bytes] | None = None
        self._group = _groups() / f"webfon-drill-{os.getpid()}"

    def unpack(self) -> "Debian":
        """Its disk, as the installer leaves it. Skips the test where there is none."""
        packed = run(ROOT / "scripts/debian-tree", "--path", env=dict(os.environ)).strip()
        if not Path(packed).exists():
            pytest.skip("Debian 12 is not here; as root, scripts/debian-tree makes it")
        self.root.mkdir()
        run("tar", "-x", "--exclude=./dev/*", "-C", self.root, "-f", packed)
        return self

    def boot(self) -> "Debian":
        """Returns when all has started that starts by itself."""
        self._group.mkdir(exist_ok=True)
        begin = f"echo $$ > {self._group}/cgroup.procs; exec unshare --fork {' '.join(SPACES)} "
        with (self.folder / "console").open("ab") as console:
            self._process = subprocess.Popen(
                ["sh", "-c", begin + f"--kill-child --propagation private sh {BOOT} {self.root}"],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                preexec_fn=end_with_the_test,  # noqa: PLW1509 - one call into libc
            )
        self.wait_until_up()
        return self

    def wait_until_up(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while "running" not in (state := self.ask("systemctl is-system-running || :")):
            assert "degraded" not in state, self.ask("systemctl --failed")
            assert time.monotonic() < deadline, self.console()
            time.sleep(0.5)

    def reboot(self) -> None:
        """By its own command, which ends every process of the machine."""
        self.ask("systemctl reboot")
        assert self._process
        self._process.wait(PATIENCE)
        self.boot()

    def stop(self) -> None:
        """Pull the plug."""
        if self._process:
            self._process.kill()
            self._process.wait(PATIENCE)
            self._forget_group()

    def scrap(self) -> None:
        """And its disk."""
        self.stop()
        shutil.rmtree(self.root, ignore_errors=True)

    def follow(self, lines: Iterable[str]) -> str:
        """Type what a document says, as root, in one shell; all must be well. What was said."""
        # Of "this && that" a shell forgives the first.
        typed = "\n".join(lines).replace(" && ", "\n")
        return self.ask(f"cd {HERE}\nset -x\n{typed}")

    def ask(self, script: str) -> str:
        """What the machine says to that, errors among it. Before it has an init: nothing."""
        if (init := self._init()) is None:
            return ""
        own = {"HOME": "/root", "PATH": f"/usr/local/sbin:{CLEAN['PATH']}"}
        env = CLEAN | own | {"DEBIAN_FRONTEND": "noninteractive"}
        inside = ["nsenter", "-t", init, *SPACES, "sh", "-euc", f"exec 2>&1 </dev/null\n{script}"]
        return run(*inside, env=env)

    def health(self, address: str = "127.0.0.1:8000") -> dict[str, object]:
        """What ``salud/`` tells the operators, at most twenty seconds later."""
        token = "$(cat /etc/webfon/secrets/operator_token)"
        asked = f'-H "Authorization: Bearer {token}" -H "Host: 127.0.0.1" {address}'
        patience = "--retry 20 --retry-delay 1 --retry-all-errors"
        told = self.ask(f"curl -sS {patience} {asked}/webs/webfon3/salud/")
        found: dict[str, object] = json.loads(told.splitlines()[-1])
        return found

    def console(self) -> str:
        return (self.folder / "console").read_text()[-4000:]

    def _init(self) -> str | None:
        """Its first process, by the number that it has here."""
        assert self._process
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        for pid in children.read_text().split():
            if Path(f"/proc/{pid}/comm").read_text().strip() == "systemd":
                return pid
        return None

    def _forget_group(self) -> None:
        """The folders of control groups, which go only one by one and without processes."""
        for folder, _, _ in os.walk(self._group, topdown=False):
            deadline = time.monotonic() + PATIENCE
            while "populated 1" in (Path(folder) / "cgroup.events").read_text():
                assert time.monotonic() < deadline, folder
                time.sleep(0.1)
            Path(folder).rmdir()


def _groups() -> Path:
    """Where this machine has the second version of control groups."""
    unified = Path("/sys/fs/cgroup/unified")
    return unified if unified.is_dir() else unified.parent
