"""docs/install.md, typed into a Debian 12 that boots, and what operate.md says of a machine."""

import re

import pytest

from portal.settings import VERSION
from tests.drill import documented
from tests.drill.conftest import BY_THE_OPERATOR
from tests.drill.debian import NAME, PASSWORD, Debian
from tests.server import ROOT

pytestmark = [pytest.mark.drill, pytest.mark.timeout(1200)]

PREFIX = f"https://{NAME}/webs/webfon3/"
UNITS = ("webfon-web", "webfon-link")

LOGIN = f"""
    ask() {{ curl -sS --cacert /etc/ssl/webfon/fullchain.pem -b jar -c jar "$@"; }}
    cd /tmp; rm -f jar
    form=$(ask {PREFIX}entrar/ | grep -o -m1 'csrfmiddlewaretoken" value="[^"]*')
    token=$(echo "$form" | cut -d'"' -f3)
    ask -o /dev/null -w '%{{http_code}} %{{redirect_url}}\\n' -e {PREFIX} \
        -d csrfmiddlewaretoken=$token -d login=jefa -d password={PASSWORD} {PREFIX}entrar/
    ask {PREFIX}admin/ | grep -o 'href="[^"]*[.]css"' | head -n 1
"""


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
    fetched = f"curl -fsS --cacert /etc/ssl/webfon/fullchain.pem https://{NAME}{href[1]}"
    assert "{" in installed.ask(fetched)


def test_the_units_work_under_all_that_systemd_forbids_them(installed):
    is_steady(installed)
    for unit in UNITS:
        said = installed.ask(f"systemd-analyze security --no-pager {unit} | tail -n 1")
        assert "1.3 OK" in said


def test_the_link_and_the_web_tell_their_figures(installed):
    assert installed.health()["version"] == VERSION
    told = installed.follow(documented.lines(ROOT, "operate.md", "Figures"))
    assert "webfon_pages_total{" in told
    assert "webfon_link_active 1.0" in told


def test_everything_comes_back_from_the_backup(installed):
    blocks = documented.commands(ROOT, "operate.md", "Backup and restore")
    backup, _of_sqlite, restore, _sqlite = blocks
    spool = "/var/spool/asterisk/voicemail/default/201"
    installed.follow([f"mkdir -p {spool}", f"echo hello > {spool}/unavail.wav", *backup])
    installed.follow(
        [
            "systemctl stop webfon-web webfon-link",
            "runuser -u postgres -- dropdb webfon",
            "runuser -u postgres -- dropdb webfon_calls",
            "rm -r /etc/webfon /var/spool/asterisk",
            *documented.lines(ROOT, "install.md", "The databases")[1:],
            "cd /var/backups/webfon",
            *restore,
        ]
    )
    assert installed.ask(f"cat {spool}/unavail.wav") == "hello\n"
    assert installed.health()["default"] is True
    assert PREFIX in installed.ask(LOGIN)


def test_a_portal_on_sqlite_moves_to_postgresql(installed):
    databases = "s/^#*((CDR_)?DATABASE_URL_FILE=)/{}\\1/"
    edit = "sed -Ei '{}' /etc/webfon/webfon.env"
    installed.follow(
        [
            "systemctl stop webfon-web webfon-link",
            edit.format(databases.format("#")),
            "webfon migrate -v0 && webfon migrate -v0 --database=cdr && webfon createcachetable",
            BY_THE_OPERATOR["webfon createsuperuser"],
            "systemctl start webfon-web webfon-link",
        ]
    )
    assert installed.health()["default"] is True
    installed.follow(
        [
            "runuser -u postgres -- dropdb webfon",
            "runuser -u postgres -- dropdb webfon_calls",
            *documented.lines(ROOT, "install.md", "The databases")[1:],
            edit.format(databases.format("")),
            *documented.lines(ROOT, "operate.md", "From SQLite to PostgreSQL"),
        ]
    )
    assert installed.health()["default"] is True
    assert PREFIX in installed.ask(LOGIN)
    rows = "runuser -u postgres -- psql -At -c 'SELECT username FROM auth_user' webfon"
    assert "jefa" in installed.ask(rows)


def test_with_several_machines_the_web_listens_at_an_address_of_its_own(installed):
    *_proxy, connections, address = documented.commands(ROOT, "install.md", "First start")
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
    assert installed.health("192.0.2.11:8000")["default"] is True
    installed.ask("rm -r /etc/systemd/system/webfon-web.service.d")


def test_after_the_machine_was_started_again_all_is_there_by_itself(installed):
    installed.reboot()
    assert installed.health()["default"] is True
    assert PREFIX in installed.ask(LOGIN)
    is_steady(installed)
