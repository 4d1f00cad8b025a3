"""A company as docs/install.md makes it: the wheel, PostgreSQL, nginx, two machines, two nodes.

Files of ``deploy/`` are used as they stand, but for addresses and the places of files.
"""

import json
import os
import re
import secrets
import shlex
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.asterisk.instance import Instance, tree
from tests.drill.services import Database, Service, Unit
from tests.server import ROOT, free_port

DEPLOY = ROOT / "deploy"
NAME = "telefono.example"
NODES = ("madrid", "reserva")
CLEAN = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
"""What a process of a unit is given besides its settings."""

START_SECONDS = 60
AS_THE_USER = re.compile(r"exec setpriv .*--init-groups ")
PBX_OPTIONS = ["--subscribers", "[23]XX", "--outbound", "test-outbound", "--users", "test-users"]


def run(*command: str | Path, env: Mapping[str, str] | None = None) -> str:
    """Run it to its end, which must be good; what it said."""
    done = subprocess.run(command, cwd="/", env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


@dataclass
class Machine:
    """Where web or link run: a place of its own for everything that install.md puts somewhere."""

    folder: Path
    program: Path

    def placed(self, text: str) -> str:
        """The text with this machine's places."""
        places = {
            "/opt/webfon": self.program,
            "/etc/webfon": self.folder / "etc",
            "/var/lib/webfon": self.folder / "data",
            "/run/webfon-web": self.folder / "run",
        }
        for usual, here in places.items():
            text = text.replace(usual, str(here))
        return text

    def set_up(self, settings: str, secret: dict[str, str]) -> None:
        """``/etc/webfon`` and ``/usr/local/sbin/webfon``."""
        (self.folder / "etc/secrets").mkdir(parents=True, exist_ok=True)
        (self.folder / "data").mkdir(exist_ok=True)
        (self.folder / "etc/webfon.env").write_text(self.placed(settings))
        for name, value in secret.items():
            (self.folder / "etc/secrets" / name).write_text(value + "\n")
        command = AS_THE_USER.sub("exec ", self.placed((DEPLOY / "webfon").read_text()))
        (self.folder / "webfon").write_text(command)
        (self.folder / "webfon").chmod(0o755)

    def webfon(self, *words: str) -> str:
        """One of the commands that install.md names."""
        return run(self.folder / "webfon", *words, env=CLEAN)

    def unit(self, name: str, port: int = 8000) -> Unit:
        """The unit as systemd would run it."""
        text = self.placed((DEPLOY / "systemd" / f"{name}.service").read_text())
        lines = text.replace("\\\n", " ").replace("--port 8000", f"--port {port}").splitlines()
        given = dict(line.split("=", 1) for line in lines if re.match(r"\w+=", line))
        extra = dict([given["Environment"].split("=", 1)]) if "Environment" in given else {}
        script = 'set -a; . "$0"; set +a; exec "$@"'
        command = ["sh", "-c", script, given["EnvironmentFile"], *shlex.split(given["ExecStart"])]
        runtime = self.folder / "run" if "RuntimeDirectory" in given else None
        return Unit(command, CLEAN | extra, self.folder / f"{name}.log", runtime)


@dataclass
class Company:
    """Everything in one folder. ``install``, then ``start``, and in the end ``stop``."""

    folder: Path
    database: Database = field(init=False)
    nodes: dict[str, Instance] = field(default_factory=dict)
    machines: list[Machine] = field(default_factory=list)
    services: dict[str, Service] = field(default_factory=dict)
    https: int = field(default_factory=free_port)
    http: int = field(default_factory=free_port)
    webs: list[int] = field(default_factory=lambda: [free_port(), free_port()])
    secret: dict[str, str] = field(default_factory=dict)
    site: str = ""

    def install(self, people: str) -> None:
        """As far as it goes before anything is switched on."""
        program = self.folder / "opt"
        _install_program(program, self.folder / "dist")
        self.machines = [Machine(self.folder / name, program) for name in ("one", "two")]
        self._make_databases()
        first = self.machines[0]
        first.set_up(self._settings(nodes=()), self.secret)
        first.webfon("migrate", "-v0")
        first.webfon("migrate", "-v0", "--database", "cdr")
        first.webfon("createcachetable")
        assert "no issues" in first.webfon("check", "--deploy", "--fail-level", "WARNING")
        self._make_nodes(first)
        for machine in self.machines:
            machine.set_up(self._settings(NODES), self.secret)
            machine.webfon("collectstatic", "-v0", "--no-input")
        first.webfon("shell", "-v0", "-c", people)

    def start(self) -> None:
        """Everything, and wait until an operator would be told that all is well."""
        one, two = self.machines
        self.services = {
            "web 1": one.unit("webfon-web", self.webs[0]),
            "web 2": two.unit("webfon-web", self.webs[1]),
            "link": one.unit("webfon-link"),
            "nginx": self._nginx(),
            "PostgreSQL": self.database,
            **{f"node {name}": self.nodes[name] for name in NODES},
        }
        for name in ("link", "web 1", "web 2", "nginx"):
            self.services[name].start()

    def stop(self) -> None:
        for service in self.services.values():
            service.stop()
        for node in self.nodes.values():
            node.stop()
        if hasattr(self, "database"):
            self.database.remove()

    def lead_past(self, port: int) -> None:
        """Let nginx ask one web no more; with 0 all of them again."""
        down = self.site.replace(f":{port} max_fails", f":{port} down max_fails")
        assert (down == self.site) == (port == 0)
        (self.certificate.parent / "site.conf").write_text(down)
        nginx = self.services["nginx"]
        assert isinstance(nginx, Unit)
        nginx.reload()

    @property
    def certificate(self) -> Path:
        return self.folder / "tls/fullchain.pem"

    def faults(self) -> list[str]:
        """What the logs say of errors that nobody expected, and of workers that were given up.

        Of a request that was refused because something is away they tell in one line without a
        traceback.
        """
        text = "".join(log.read_text() for log in self.folder.glob("*/webfon-*.log"))
        said = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
        found = [each["traceback"] for each in said if "traceback" in each]
        return found + re.findall(r"Child process .* died", text)

    def _make_databases(self) -> None:
        self.database = Database()  # in a folder that its user may enter
        self.database.start()
        with self.database.connect() as connection:
            for name in ("webfon", "webfon_calls"):
                connection.execute(f"CREATE DATABASE {name}")
        self.secret = {
            "secret_key": secrets.token_urlsafe(50),
            "operator_token": secrets.token_urlsafe(32),
            "database_url": self.database.url("webfon"),
            "cdr_database_url": self.database.url("webfon_calls"),
        }

    def _make_nodes(self, machine: Machine) -> None:
        """Two Asterisks, with the files and secrets that ``pbx_config`` makes."""
        machine.webfon("pbx_config", *PBX_OPTIONS)
        made = machine.folder / "data/asterisk"
        for path in made.glob("*.secret"):
            self.secret[path.name] = path.read_text().strip()
        for name in NODES:
            place = self.folder / name
            place.mkdir()
            node = self.nodes[name] = Instance(place, tree()).write()
            for path in made.glob("*_webfon.conf"):
                shutil.copy(path, place / "etc")
            node.record_greetings()
            node.start()

    def _settings(self, nodes: tuple[str, ...]) -> str:
        """``webfon.env`` as an operator edits it."""
        text = (DEPLOY / "webfon.env").read_text()
        values = {
            "WEBFON_NODES": ",".join(nodes),
            "WEBFON_OPERATOR_TOKEN_FILE": "/etc/webfon/secrets/operator_token",
            "LOG_FORMAT": "json",
        }
        block = re.findall(r"^WEBFON_MADRID_.*\n", text, re.MULTILINE)
        for name in nodes[1:]:
            text += "".join(block).replace("_MADRID_", f"_{name.upper()}_")
        for name in nodes:
            prefix, node = f"WEBFON_{name.upper()}_", self.nodes[name]
            values |= {f"{prefix}PORT": str(node.ami), f"{prefix}SPOOL": str(node.spool)}
            values |= {f"{prefix}CDR_CSV": str(node.cdr)}
        for name, value in values.items():
            text, count = re.subn(rf"(?m)^#?{name}=.*$", f"{name}={value}", text)
            assert count == 1, name
        return text

    def _nginx(self) -> Unit:
        """The site with this company's addresses and certificate."""
        folder = self.certificate.parent
        folder.mkdir()
        run(
            *["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={NAME}"],
            *["-addext", f"subjectAltName=DNS:{NAME}", "-keyout", folder / "privkey.pem"],
            *["-out", self.certificate],
        )
        site = (DEPLOY / "nginx/webfon.conf").read_text().replace("/etc/ssl/webfon", str(folder))
        server = re.search(r"    server 127\.0\.0\.1:8000(.*;)\n", site)
        assert server
        servers = [f"    server 127.0.0.1:{port}{server[1]}\n" for port in self.webs]
        site = site.replace(server[0], "".join(servers))
        site = re.sub(r" +listen \[::\].*\n", "", site)
        site = site.replace("listen 443", f"listen 127.0.0.1:{self.https}")
        site = site.replace("listen 80;", f"listen 127.0.0.1:{self.http};")
        (folder / "site.conf").write_text(site)
        self.site = site
        owner = "user root;" if os.geteuid() == 0 else ""
        frame = (
            f"{owner} pid {folder}/pid; error_log stderr; worker_rlimit_nofile 16384; "
            "events { worker_connections 8192; } http { include site.conf; }"
        )
        (folder / "nginx.conf").write_text(frame)
        nginx = shutil.which("nginx", path=CLEAN["PATH"])
        assert nginx, "nginx is missing; as root, scripts/install-test-needs installs it"
        command = [nginx, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", "daemon off;"]
        return Unit(command, CLEAN, folder / "nginx.log")


def _install_program(program: Path, dist: Path) -> None:
    """The wheel of this checkout, alone in a new environment."""
    pip = [sys.executable, "-m", "pip"]
    run(*pip, "wheel", "-q", "--no-deps", "-w", dist, ROOT)
    [wheel] = dist.glob("webfon-*.whl")
    venv.create(program, with_pip=True)
    needs = ["--require-hashes", "-r", ROOT / "requirements/postgres.txt"]
    for what in (needs, ["--no-deps", wheel]):
        run(program / "bin/pip", "install", "-q", "--disable-pip-version-check", *what)


def wait_for(what: str, condition: Callable[[], object], seconds: float = START_SECONDS) -> float:
    """Ask ten times a second; how many seconds it took."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() < began + seconds, what
        time.sleep(0.1)
    return time.monotonic() - began
