"""docs/adopt.md, typed on the machine of install.md beside Debian's own configuration of Asterisk:
what the dry run lists is done, calls are led there, secrets are changed, and all is taken back.
"""

import re
import time
from pathlib import Path

import pytest

from tests.drill import documented, stock_asterisk
from tests.drill.debian import Debian
from tests.server import ROOT

pytestmark = [pytest.mark.drill, pytest.mark.asterisk, pytest.mark.timeout(1200)]

CARRIER = "[to-carrier]\nexten => _X.,1,Hangup()\n"
SUBSCRIBER = """
from django.contrib.auth.models import User
from desvios.models import ForwardingRules
from portal.models import Device, ServiceClass, Subscriber
internal = ServiceClass.objects.create(name="Interna", code="internal")
user = User.objects.create_user("ana")
ana = Subscriber.objects.create(
    user=user, number="201", display_name="Ana López", mailbox="201@default",
    call_class=internal, forward_class=internal,
)
Device.objects.create(name="201", owner=ana)
ForwardingRules.objects.create(subscriber=ana, unconditional_to_voicemail=True)
"""
FOUND = """
from portal.pbx import get_pbx
print(len(get_pbx().call_log.calls("201", limit=9)))
print(len(get_pbx().voicemail.messages("201@default")))
"""

OPTIONS = "--outbound to-carrier"
OVER_TLS = """
    sed -i -e 's/^WEBFON_MADRID_HOST=.*/WEBFON_MADRID_HOST=192.0.2.10/' \
        -e 's/^WEBFON_MADRID_PORT=.*/WEBFON_MADRID_PORT=5039/' \
        -e 's,^#WEBFON_MADRID_TLS_CA=.*,WEBFON_MADRID_TLS_CA=/etc/asterisk/keys/ami.pem,' \
        /etc/webfon/webfon.env
    systemctl restart webfon-web webfon-link
"""
WHY = "tail -n 20 /var/log/asterisk/messages.log /var/log/asterisk/cdr-custom/webfon.csv"


@pytest.fixture(scope="module")
def beside(installed) -> Debian:
    """The machine of the portal, with an Asterisk that knows nothing of it."""
    stock_asterisk.install(installed)
    return installed


def name_the_nodes(machine: Debian, names: str) -> None:
    machine.ask(
        f"sed -i 's/^WEBFON_NODES=.*/WEBFON_NODES={names}/' /etc/webfon/webfon.env\n"
        "systemctl restart webfon-web webfon-link"
    )
    assert machine.health()["default"] is True


def shell(machine: Debian, script: str) -> list[str]:
    return machine.ask(f"webfon shell -v0 -c '{script}'").split()


def listed(machine: Debian) -> list[str]:
    """What the dry run lists."""
    said = machine.follow(documented.lines(ROOT, "adopt.md", "See beforehand what would change"))
    return said.partition("Nothing is written.")[2].splitlines()[1:]


def carry_out(machine: Debian, line: str) -> None:
    """What a line of the dry run asks for, but for files of the portal's own."""
    option = re.fullmatch(r"edit +(\S+), \[(\w+)\]: (.* = .*) \(now: .*\)", line)
    include = re.fullmatch(r"edit +(\S+): add the line, [^\[]*(?:\[(\w+)\])?: (.*)", line)
    if "a context [to-carrier]" in line:
        write(machine, "/etc/asterisk/extensions.conf", "", CARRIER)
    elif found := option or include:
        write(machine, found[1], found[2], found[3])
    else:
        assert re.match(r"add +/etc/asterisk/\w+_webfon.conf, \d+ lines", line), line


def write(machine: Debian, name: str, section: str | None, words: str) -> None:
    """Into a file of Asterisk's, at the beginning of a section or at the end of the file."""
    path = machine.root / Path(name).relative_to("/")
    text = path.read_text()
    if not section:
        text = f"{text}\n{words}\n"
    elif re.search(rf"(?m)^\[{section}\]$", text):
        text = re.sub(rf"(?m)^(\[{section}\])$", rf"\1\n{words}", text, count=1)
    else:
        text = f"{text}\n[{section}]\n{words}\n"
    path.write_text(text)


def steps(machine: Debian) -> list[str]:
    """The commands that ``pbx_config`` says itself, once it has written its files."""
    said = machine.follow(documented.lines(ROOT, "adopt.md", "Add it"))
    machine.follow(documented.lines(ROOT, "install.md", "The telephone system"))
    return re.findall(r"(?m)^ {6}(install .*|asterisk -rx .*|systemctl .*)$", said)


def test_what_the_dry_run_lists_is_all_that_is_to_be_done(beside):
    lines = listed(beside)
    assert {line.split()[0] for line in lines} == {"add", "edit"}
    install, reload, restart, portal = steps(beside)
    for line in lines:
        carry_out(beside, line)
    rights = documented.lines(ROOT, "operating.md", "Files of the nodes")
    beside.follow([install, *rights, reload])
    assert listed(beside) == ["Nothing is to be done."]
    name_the_nodes(beside, "madrid")
    problems = re.findall(r"PROBLEM +(.*)", beside.ask("webfon pbx_check || :"))
    assert [each.split(": ")[1] for each in problems] == ["no shell", "webfon-voicemail"]
    assert "does not know VoicemailMove" in problems[1]
    beside.ask(f"{restart}; asterisk -rx 'core waitfullybooted'; {portal}")
    assert beside.health()["default"] is True
    assert "Everything works." in beside.ask("webfon pbx_check")
    assert beside.health()["all_well"] is True


def test_calls_go_where_the_route_leads_them_one_subscriber_first(beside):
    [route] = documented.lines(ROOT, "adopt.md", "Lead calls there, one subscriber first")
    write(beside, "/etc/asterisk/extensions.conf", "", f"[from-carrier]\n{route}")
    write(beside, "/etc/asterisk/voicemail.conf", "default", "201 => 1234,Ana")
    shell(beside, SUBSCRIBER)
    beside.ask("asterisk -rx 'core reload'; sleep 3")
    beside.ask("asterisk -rx 'channel originate Local/201@from-carrier application Milliwatt'")
    beside.ask("sleep 12; asterisk -rx 'channel request hangup all'")
    deadline = time.monotonic() + 60
    while (found := shell(beside, FOUND)) != ["1", "1"]:
        assert time.monotonic() < deadline, (found, beside.ask(WHY))
        time.sleep(2)


def secrets(machine: Debian) -> list[str]:
    """Those by which the portal enters."""
    return [path.read_text() for path in (machine.root / "etc/webfon/secrets").glob("*.secret")]


def test_the_secrets_of_the_managers_users_are_changed(beside):
    [change] = documented.commands(ROOT, "operate.md", "New secrets")
    change[0] += f" {OPTIONS}"  # "with your other options"
    before = secrets(beside)
    beside.follow(change)
    after = secrets(beside)
    assert len(before) == len(after) == 4
    assert not set(before) & set(after)
    assert beside.health()["default"] is True
    assert "Everything works." in beside.ask("webfon pbx_check")


def test_the_manager_is_asked_over_tls(beside):
    options, make = documented.commands(ROOT, "operating.md", "TLS")
    write(beside, "/etc/asterisk/manager.conf", "general", "\n".join(options))
    beside.ask("ip address add 192.0.2.10/32 dev lo")
    beside.ask(f"webfon pbx_config {OPTIONS} --permit 192.0.2.10")
    beside.ask("cp /var/lib/webfon/asterisk/manager_webfon.conf /etc/asterisk/")
    beside.follow(make)
    beside.ask(OVER_TLS)
    said = beside.ask("webfon pbx_check")
    assert "over TLS, the node's certificate is checked" in said
    assert "Everything works." in said


def test_all_of_it_is_taken_back(beside):
    remove, forget = documented.commands(ROOT, "adopt.md", "Go back")
    name_the_nodes(beside, "")
    beside.ask("cp -a /root/asterisk-before/*.conf /etc/asterisk/")
    beside.follow(remove)
    assert "webfon" not in beside.ask("asterisk -rx 'dialplan show'")
    beside.follow(["systemctl stop asterisk", *forget, "systemctl start asterisk"])
    beside.ask("asterisk -rx 'core waitfullybooted'")
    assert "0 results found" in beside.ask("asterisk -rx 'database show webfon'")
    before = {path.name for path in (beside.root / "root/asterisk-before").iterdir()}
    assert {path.name for path in (beside.root / "etc/asterisk").iterdir()} == before | {"keys"}
    assert beside.ask("ls /var/spool/asterisk/voicemail/default/201/INBOX/msg0000.txt")
    assert beside.ask("cat /var/log/asterisk/cdr-custom/webfon.csv")
