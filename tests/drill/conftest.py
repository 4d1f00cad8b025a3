"""A Debian 12 that boots, onto which docs/install.md was typed, for all drills that want one."""

import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.drill import documented
from tests.drill.debian import HERE, NAME, PASSWORD, Debian
from tests.drill.machine import run, wheel_of
from tests.server import ROOT

BY_THE_OPERATOR = {
    "webfon createsuperuser": f"DJANGO_SUPERUSER_PASSWORD={PASSWORD} webfon createsuperuser "
    f"--no-input --username jefa --email jefa@{NAME}",
    "editor /etc/nginx/sites-enabled/webfon.conf": f"""install -d /etc/ssl/webfon
        openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN={NAME} \
            -addext subjectAltName=DNS:{NAME} \
            -keyout /etc/ssl/webfon/privkey.pem -out /etc/ssl/webfon/fullchain.pem
        export CURL_CA_BUNDLE=/etc/ssl/webfon/fullchain.pem""",
}
"""What the page leaves to whoever types: answers to questions, and a certificate."""

SETTINGS = f"""
    sed -i -e 's/^WEBFON_NODES=.*/WEBFON_NODES=/' \
        -e 's/^#WEBFON_OPERATOR_TOKEN_FILE/WEBFON_OPERATOR_TOKEN_FILE/' \
        -e 's/^#WEBFON_LINK_METRICS_PORT=.*/WEBFON_LINK_METRICS_PORT=9108/' /etc/webfon/webfon.env
    echo 127.0.0.1 {NAME} >> /etc/hosts
"""

WELL = {"default": True, "cdr": True}


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Debian]:
    """A machine to which the operator has copied what the page names."""
    if os.geteuid() != 0:
        pytest.skip("only root can boot a machine")
    folder = tmp_path_factory.mktemp("debian")
    made = Debian(folder)
    try:
        _copy_to(made.unpack(), folder)
        yield made.boot()
    finally:
        made.scrap()


def _copy_to(machine: Debian, folder: Path) -> None:
    """What the page names; and the packages that pip and apt ask for, as there is no network."""
    files, wheels = machine.root / HERE[1:], machine.root / "root/wheels"
    shutil.copytree(ROOT / "requirements", files / "requirements")
    shutil.copytree(ROOT / "deploy", files / "deploy")
    shutil.copy(wheel_of(ROOT, folder / "dist"), files)
    pip = [sys.executable, "-m", "pip", "download", "-q", "--require-hashes"]
    exact = ["--python-version", "3.11", "--only-binary", ":all:"]
    needs = ["-r", str(ROOT / "requirements/postgres.txt"), "-d", str(wheels)]
    run(*pip, *exact, *needs, env=os.environ)  # pip knows from there whom to ask
    offline = "[global]\nno-index = true\nfind-links = /root/wheels\n"
    (machine.root / "etc/pip.conf").write_text(offline)
    (machine.root / "etc/apt/apt.conf.d/yes").write_text('APT::Get::Assume-Yes "true";\n')


@pytest.fixture(scope="session")
def installed(machine: Debian) -> Debian:
    """After "First start", whose commands are its first two blocks and those about nginx."""
    start, units, proxy, *_more = documented.commands(ROOT, "install.md", "First start")
    typed = [*start, *units, *proxy]
    assert set(BY_THE_OPERATOR) <= set(typed)
    said = machine.follow(
        [
            *documented.lines(ROOT, "install.md", "The program ⁂"),
            *documented.lines(ROOT, "install.md", "The databases"),
            *documented.lines(ROOT, "install.md", "Settings ⁂"),
            SETTINGS,
            *[BY_THE_OPERATOR.get(line, line) for line in typed],
        ]
    )
    assert "System check identified no issues" in said
    assert json.loads(said.splitlines()[-1]) == WELL
    return machine
