"""docs/install.md, typed as it stands into a Debian 12 that boots, and parts of operate.md."""

import json
import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping

import pytest

from portal.settings import VERSION
from tests.drill import documented
from tests.drill.debian import HERE, Debian
from tests.drill.machine import run, wheel_of
from tests.server import ROOT

pytestmark = [pytest.mark.drill, pytest.mark.timeout(1200)]

NAME = "telefono.example"
PREFIX = f"https://{NAME}/webs/webfon3/"
PASSWORD = "una-Larga-y-suya"
WELL = {"default": True, "cdr": True}
UNITS = ("webfon-web", "webfon-link")

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

LOGIN = f"""
    ask() {{ curl -sS --cacert /etc/ssl/webfon/fullchain.pem -b jar -c jar "$@"; }}
    cd /tmp; rm -f jar
    form=$(ask {PREFIX}entrar/ | grep -o -m1 'csrfmiddlewaretoken" value="[^"]*')
    token=$(echo "$form" | cut -d'"' -f3)
    ask -o /dev/null -w '%{{http_code}} %{{redirect_url}}\\n' -e {PREFIX} \
        -d csrfmiddlewaretoken=$token -d login=jefa -d password={PASSWORD} {PREFIX}entrar/
    ask {PREFIX}admin/ | grep -o 'href="[^"]*[.]css"' | head -n 1
"""


def section(name: str, heading: str) -> list[list[str]]:
    return documented.commands(ROOT, name, heading)


def lines(name: str, heading: str, instead: Mapping[str, str] | None = None) -> list[str]:
    """All that a section has typed."""
    found = [line for block in section(name, heading) for line in block]
    assert set(instead or {}) <= set(found)
    return [(instead or {}).get(line, line) for line in found]


@pytest.fixture(scope="module")
def machine(tmp_path_factory) -> Iterator[Debian]:
    """A machine to which the operator has copied what the page names."""
    if os.geteuid() != 0:
        pytest.skip("only root can boot a machine")
    folder = tmp_path_factory.mktemp("debian")
    made = Debian(folder).unpack()
    files, wheels = made.root / HERE[1:], made.root / "root/wheels"
    shutil.copytree(ROOT / "requirements", files / "requirements")
    shutil.copytree(ROOT / "deploy", files / "deploy")
    shutil.copy(wheel_of(ROOT, folder / "dist"), files)
    pip = [sys.executable, "-m", "pip", "download", "-q", "--require-hashes"]
    exact = ["--python-version", "3.11", "--only-binary", ":all:"]
    run(*pip, *exact, "-r", str(ROOT / "requirements/postgres.txt"), "-d", str(wheels))
    offline = "[global]\nno-index = true\nfind-links = /root/wheels\n"
    (made.root / "etc/pip.conf").write_text(offline)
    (made.root / "etc/apt/apt.conf.d/yes").write_text('APT::Get::Assume-Yes "true";\n')
    try:
        yield made.boot()
    finally:
        made.scrap()


@pytest.fixture(scope="module")
def installed(machine) -> Debian:
    """After "First start", whose commands are its first two blocks and those about nginx."""
    start, units, proxy, *_more = section("install.md", "First start")
    first = [BY_THE_OPERATOR.get(line, line) for line in (*start, *units, *proxy)]
    assert set(BY_THE_OPERATOR) <= {*start, *proxy}
    said = machine.follow(
        [
            *lines("install.md", "The program ⁂"),
            *lines("install.md", "The databases"),
            *lines("install.md", "Settings ⁂"),
            SETTINGS,
            *first,
        ]
    )
    assert "System check identified no issues" in said
    assert json.loads(said.splitlines()[-1]) == WELL
    return machine


def health(machine: Debian, address: str = "127.0.0.1:8000") -> dict[str, object]:
    token = "$(cat /etc/webfon/secrets/operator_token)"
    asked = f'-H "Authorization: Bearer {token}" -H "Host: 127.0.0.1" {address}'
    patience = "--retry 20 --retry-delay 1 --retry-all-errors"
    told = machine.ask(f"curl -sS {patience} {asked}/webs/webfon3/salud/")
    found: dict[str, object] = json.loads(told.splitlines()[-1])
    return found


def is_steady(machine: Debian) -> None:
    """Both units run, and none of their processes had to be started again."""
    shown = machine.ask(f"systemctl show -p ActiveState -p NRestarts {' '.join(UNITS)}")
    assert shown.split() == ["NRestarts=0", "ActiveState=active"] * 2
    journal = machine.ask("journalctl --no-pager -u webfon-web -u webfon-link")
    assert "died" not in journal
    assert "Traceback" not in journal
    assert "SYS" not in journal


def test_the_page_as_it_stands_ends_with_a_portal_that_answers_and_lets_people_in(installed):
    entered, style = installed.ask(LOGIN).split()[1:]
    assert entered.startswith(PREFIX)
    href = re.fullmatch(r'href="(.*)"', style)
    assert href
    fetched = f"curl -sS --cacert /etc/ssl/webfon/fullchain.pem https://{NAME}{href[1]}"
    assert "{" in installed.ask(fetched)


def test_the_units_work_under_all_that_systemd_forbids_them(installed):
    is_steady(installed)
    for unit in UNITS:
        said = installed.ask(f"systemd-analyze security --no-pager {unit} | tail -n 1")
        assert "1.3 OK" in said


def test_the_link_and_the_web_tell_their_figures(installed):
    assert health(installed)["version"] == VERSION
    told = installed.follow(lines("operate.md", "Figures"))
    assert "webfon_pages_total{" in told
    assert "webfon_link_active 1.0" in told


def test_what_asterisk_is_to_get_is_written_and_its_secrets_taken_over(installed):
    prepare = section("install.md", "The telephone system")[0]
    installed.follow(prepare)
    assert installed.ask("stat -c '%U:%G %a' /etc/webfon/secrets/ami.secret") == "root:webfon 640\n"


def test_everything_comes_back_from_the_backup(installed):
    backup, _of_sqlite, restore, _sqlite = section("operate.md", "Backup and restore")
    spool = "/var/spool/asterisk/voicemail/default/201"
    installed.follow([f"mkdir -p {spool}", f"echo hello > {spool}/unavail.wav", *backup])
    installed.follow(
        [
            "systemctl stop webfon-web webfon-link",
            "runuser -u postgres -- dropdb webfon",
            "runuser -u postgres -- dropdb webfon_calls",
            "rm -r /etc/webfon /var/spool/asterisk",
            *lines("install.md", "The databases")[1:],
            "cd /var/backups/webfon",
            *restore,
        ]
    )
    assert installed.ask(f"cat {spool}/unavail.wav") == "hello\n"
    assert health(installed)["default"] is True
    assert PREFIX in installed.ask(LOGIN)


def test_with_several_machines_the_web_listens_at_an_address_of_its_own(installed):
    *_proxy, connections, address = section("install.md", "First start")
    limits, events = connections
    installed.follow(
        [
            f"sed -i -e '1i {limits}' -e 's/worker_connections .*/{events}/' /etc/nginx/nginx.conf",
            "nginx -t && systemctl restart nginx",
            "ip address add 192.0.2.11/32 dev lo",
            *address,
            "systemctl daemon-reload && systemctl restart webfon-web",
        ]
    )
    assert health(installed, "192.0.2.11:8000")["default"] is True
    installed.ask("rm -r /etc/systemd/system/webfon-web.service.d")


def test_after_the_machine_was_started_again_all_is_there_by_itself(installed):
    installed.reboot()
    assert health(installed)["default"] is True
    assert PREFIX in installed.ask(LOGIN)
    is_steady(installed)
