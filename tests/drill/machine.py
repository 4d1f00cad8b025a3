"""A machine of the company: what install.md puts onto it, and what it runs."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.drill.services import Unit

CLEAN = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
"""What a process of a unit is given besides its settings."""

AS_THE_USER = re.compile(r"exec setpriv .*--init-groups ")
ELSEWHERE = ("apt-get ", "adduser ", "curl ")
"""What a machine of the drill does not do: the whole machine is for it, or it asks otherwise."""


def run(*command: str | Path, env: Mapping[str, str] | None = None, cwd: Path | str = "/") -> str:
    """Run it to its end, which must be good; what it said."""
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def wheel_of(source: Path, dist: Path) -> Path:
    """The wheel of these sources, made in that folder."""
    run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", dist, source)
    [wheel] = dist.glob("webfon-*.whl")
    return wheel


@dataclass
class Machine:
    """Where web and link run: a place of its own for everything that install.md puts somewhere.

    ``program`` is ``/opt/webfon``, which several may share.
    """

    folder: Path
    program: Path
    units: dict[str, Unit] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    """What the operator's shell holds."""

    def placed(self, text: str) -> str:
        """The text with this machine's places."""
        places = {
            "/opt/webfon": self.program,
            "/etc/webfon": self.folder / "etc",
            "/var/lib/webfon": self.folder / "data",
            "/run/webfon-web": self.folder / "run",
            "/etc/systemd/system": self.folder / "systemd",
            "/usr/local/sbin/webfon": self.folder / "webfon",
        }
        for usual, here in places.items():
            text = text.replace(usual, str(here))
        return text

    @property
    def files(self) -> Path:
        """Where wheel, ``requirements/`` and ``deploy/`` were copied."""
        return self.folder / "files"

    def receive(self, source: Path, wheel: Path) -> None:
        """Copy what install.md names, of these sources, with places of this machine."""
        shutil.rmtree(self.files, ignore_errors=True)
        shutil.copytree(source / "requirements", self.files / "requirements")
        shutil.copytree(source / "deploy", self.files / "deploy")
        shutil.copy(wheel, self.files)
        for path in (self.files / "deploy").rglob("*"):
            if path.is_file():
                path.write_text(AS_THE_USER.sub("exec ", self.placed(path.read_text())))
        for name in ("systemd", "data", "etc/secrets"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)

    def follow(self, lines: Iterable[str]) -> None:
        """Commands of a document, in the folder with what was copied."""
        for line in lines:
            assigned = re.fullmatch(r"(\w+)=(\S+)", line)
            if assigned:
                self.variables[assigned[1]] = self.placed(assigned[2])
            elif line.startswith("systemctl "):
                self._systemctl(*line.split()[1:])
            elif not line.startswith(ELSEWHERE):
                self._type(line)

    def _type(self, line: str) -> None:
        own = CLEAN | {"PATH": f"{self.folder}:{CLEAN['PATH']}"}
        env = dict(os.environ) if "/pip " in line else own  # pip knows from there whom to ask
        line = line.replace("python3 ", f"{sys.executable} ")
        words = ["sh", "-euc", self.placed(line)]
        run(*words, env=env | {"PIP_QUIET": "1"} | self.variables, cwd=self.files)

    def _systemctl(self, verb: str, *names: str) -> None:
        if verb == "daemon-reload":
            for name, unit in self.units.items():
                unit.command, unit.env = self._read(name)[:2]
        for name in names:
            service = self.units[name]
            {"start": service.start, "stop": service.stop}[verb]()

    def set_up(self, settings: str, secret: dict[str, str]) -> None:
        """``/etc/webfon``."""
        (self.folder / "etc/webfon.env").write_text(self.placed(settings))
        for name, value in secret.items():
            (self.folder / "etc/secrets" / name).write_text(value + "\n")

    def webfon(self, *words: str) -> str:
        """One of the commands that install.md names."""
        return run(self.folder / "webfon", *words, env=CLEAN)

    def unit(self, name: str, port: int = 8000) -> Unit:
        """The unit as systemd would run it."""
        self.ports[name] = port
        command, env, runtime = self._read(name)
        self.units[name] = Unit(command, env, self.folder / f"{name}.log", runtime)
        return self.units[name]

    def _read(self, name: str) -> tuple[list[str], dict[str, str], Path | None]:
        """What the unit's file says: command, environment, and the folder that it makes."""
        text = (self.folder / "systemd" / f"{name}.service").read_text()
        text = text.replace("\\\n", " ").replace("--port 8000", f"--port {self.ports[name]}")
        given = dict(line.split("=", 1) for line in text.splitlines() if re.match(r"\w+=", line))
        extra = dict(re.findall(r"(?m)^Environment=(\w+)=(.*)$", text))
        script = 'set -a; . "$0"; set +a; exec "$@"'
        command = ["sh", "-c", script, given["EnvironmentFile"], *shlex.split(given["ExecStart"])]
        runtime = self.folder / "run" if "RuntimeDirectory" in given else None
        return command, CLEAN | extra, runtime
