"""A company as docs/install.md makes it: the wheel, PostgreSQL, nginx, two machines, two nodes.

Files of ``deploy/`` are used as they stand, but for addresses and the places of files.
"""

import json
import os
import re
import secrets
import shutil
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.asterisk.instance import Instance, tree
from tests.drill import documented
from tests.drill.machine import CLEAN, Machine, run, wheel_of
from tests.drill.services import Database, Service, Unit
from tests.server import ROOT, free_port

NAME = "telefono.example"
NODES = ("madrid", "reserva")
START_SECONDS = 60
PBX_OPTIONS = ["--subscribers", "[23]XX", "--outbound", "test-outbound", "--users", "test-users"]


@dataclass
class Company:
    """Everything in one folder. ``install``, then ``start``, and in the end ``stop``.

    ``source`` is the release that is installed. Machines that are upgraded one by one have a
    program each.
    """

    folder: Path
    source: Path = ROOT
    programs: tuple[str, str] = ("shared", "shared")
    database: Database = field(init=False)
    nodes: dict[str, Instance] = field(default_factory=dict)
    machines: list[Machine] = field(default_factory=list)
    services: dict[str, Service] = field(default_factory=dict)
    https: int = field(default_factory=free_port)
    http: int = field(default_factory=free_port)
    webs: list[int] = field(default_factory=lambda: [free_port(), free_port()])
    figures: list[int] = field(default_factory=lambda: [free_port(), free_port()])
    """Where the link of each machine tells its figures."""
    secret: dict[str, str] = field(default_factory=dict)
    site: str = ""

    def install(self, people: str) -> None:
        """As far as it goes before anything is switched on."""
        self._install_programs()
        self._make_databases()
        first = self.machines[0]
        first.set_up(self._settings(nodes=()), self.secret)
        first.webfon("migrate", "-v0")
        first.webfon("migrate", "-v0", "--database", "cdr")
        first.webfon("createcachetable")
        assert "no issues" in first.webfon("check", "--deploy", "--fail-level", "WARNING")
        self._make_nodes(first)
        for machine, port in zip(self.machines, self.figures, strict=True):
            told = f"WEBFON_LINK_METRICS_PORT={port}\n"
            machine.set_up(self._settings(NODES) + told, self.secret)
            machine.webfon("collectstatic", "-v0", "--no-input")
        first.webfon("shell", "-v0", "-c", people)

    def start(self) -> None:
        """Everything, and wait until an operator would be told that all is well."""
        one, two = self.machines
        self.services = {
            "web 1": one.unit("webfon-web", self.webs[0]),
            "web 2": two.unit("webfon-web", self.webs[1]),
            "link": one.unit("webfon-link"),
            "link 2": two.unit("webfon-link"),
            "nginx": self._nginx(),
            "PostgreSQL": self.database,
            **{f"node {name}": self.nodes[name] for name in NODES},
        }
        for name in ("link", "link 2", "web 1", "web 2", "nginx"):
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

    def active_links(self) -> list[str]:
        """Those that tell Prometheus that they are the active one; one that is frozen is silent."""
        links = zip(("link", "link 2"), self.figures, strict=True)
        return [name for name, port in links if "webfon_link_active 1.0" in _figures(port)]

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

    def _install_programs(self) -> None:
        """As install.md of that release says."""
        wheel = wheel_of(self.source, self.folder / "dist")
        done = set()
        for name, program in zip(("one", "two"), self.programs, strict=True):
            machine = Machine(self.folder / name, self.folder / program / "webfon")
            machine.program.parent.mkdir(exist_ok=True)
            machine.receive(self.source, wheel)
            [lines] = documented.commands(self.source, "install.md", "The program ⁂")
            shared = [line for line in lines if line.startswith("install ")]
            machine.follow(shared if machine.program in done else lines)
            machine.follow(["cp deploy/systemd/webfon-*.service /etc/systemd/system/"])
            done.add(machine.program)
            self.machines.append(machine)

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
        text = (self.source / "deploy/webfon.env").read_text()
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
        site = (
            (self.source / "deploy/nginx/webfon.conf")
            .read_text()
            .replace("/etc/ssl/webfon", str(folder))
        )
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


def _figures(port: int) -> str:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=2) as answer:
            return str(answer.read().decode())
    except OSError:
        return ""


def wait_for(what: str, condition: Callable[[], object], seconds: float = START_SECONDS) -> float:
    """Ask ten times a second; how many seconds it took."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() < began + seconds, what
        time.sleep(0.1)
    return time.monotonic() - began
