"""What docs/operate.md says of an upgrade, on a company of the release before, and of the way back,
while people click and telephones call: nothing is refused or lost, and nobody is logged out.
"""

import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.settings import VERSION
from tests.drill import documented
from tests.drill.company import NODES, PBX_OPTIONS, Company, wait_for
from tests.drill.load import Line
from tests.drill.machine import CLEAN, Machine, run, wheel_of
from tests.drill.play import FEW_SECONDS, FINE, MEANT, Play, health, is_well, running
from tests.server import ROOT

pytestmark = [pytest.mark.drill, pytest.mark.asterisk, pytest.mark.timeout(1800)]

MIGRATION = re.compile(r"\S*migrations/\d\w*\.py")


def git(*words: str) -> str:
    return run("git", "-C", ROOT, *words)


def release_before() -> str:
    """The tag of the newest release of which this is a successor with another schema."""
    here = set(MIGRATION.findall(git("ls-files", "--cached", "--others", "--exclude-standard")))
    for tag in git("tag", "--merged", "HEAD", "--sort=-v:refname", "--list", "v*").split():
        if set(MIGRATION.findall(git("ls-tree", "-r", "--name-only", tag))) != here:
            return tag
    raise AssertionError("there is no release with another schema: git fetch --tags")


@pytest.fixture(scope="module")
def before(tmp_path_factory) -> Path:
    """The sources of that release."""
    folder = tmp_path_factory.mktemp("before")
    git("archive", "-o", str(folder / "release.tar"), release_before())
    run("tar", "-xf", folder / "release.tar", "-C", folder)
    return folder


@pytest.fixture(scope="module")
def company(tmp_path_factory, before) -> Iterator[Company]:
    """Of that release, and running."""
    with running(Company(tmp_path_factory.mktemp("company"), before, ("opt1", "opt2"))) as made:
        yield made


@pytest.fixture(scope="module")
def play(company) -> Iterator[Play]:
    """Everybody at work."""
    lines = [Line(name, company.nodes[name]) for name in NODES]
    made = Play(company, lines)
    made.begin()
    yield made
    made.end()
    for line in lines:
        line.close()


def follow(machines: list[Machine], lines: list[str]) -> None:
    for machine in machines:
        machine.follow(lines)


def versions(company: Company) -> list[object]:
    """What each web says that it is; 0.1.0 says nothing of it."""
    return [health(company, port).get("version") for port in company.webs]


def pending(machine: Machine) -> list[str]:
    """Migrations that the new program has and the databases have not."""
    program = {"PROGRAM": machine.variables["new"]}
    plan = run(machine.folder / "webfon", "showmigrations", "--plan", env=CLEAN | program)
    return re.findall(r"^\[ \]  (\S+)", plan, re.MULTILINE)


def change_over(company: Company, number: int, lines: list[str]) -> None:
    """One machine: nginx is led past it, which leads back to the one before."""
    company.lead_past(company.webs[number])
    time.sleep(FEW_SECONDS)
    company.machines[number].follow(lines)
    wait_for("the machine to serve", lambda: is_well(company), 90)


def renew_the_dialplan(company: Company) -> None:
    """docs/operating.md, "After an upgrade of the portal"."""
    machine = company.machines[0]
    machine.webfon("pbx_config", *PBX_OPTIONS)
    for node in company.nodes.values():
        for path in (machine.folder / "data/asterisk").glob("*_webfon.conf"):
            shutil.copy(path, node.folder / "etc")
        ami = node.admin()
        ami.act("Command", Command="core reload")
        ami.close()
    assert "Everything works." in machine.webfon("pbx_check")


def change_all(company: Company, play: Play, lines: list[str], version: str) -> None:
    """One machine after the other."""
    for number, name in enumerate(("first", "second")):
        play.during(f"{name} machine to {version}", lambda n=number: change_over(company, n, lines))
    company.lead_past(0)


def test_a_company_goes_to_the_next_version_and_back_and_nobody_notices(
    company, play, before, capsys
):
    prepare, migrate, change = documented.commands(ROOT, "operate.md", "Upgrade")
    machines, old = company.machines, versions(company)
    tag = release_before()
    wheel = wheel_of(ROOT, company.folder / "dist of today")
    for machine in machines:
        machine.receive(ROOT, wheel)
    play.during("prepared beside it", lambda: follow(machines, prepare))

    wanted = pending(machines[0])
    assert wanted
    play.during("databases migrated", lambda: machines[0].follow(migrate))
    assert pending(machines[0]) == []
    assert versions(company) == old != [VERSION, VERSION]

    change_all(company, play, change, VERSION)
    assert versions(company) == [VERSION, VERSION]
    play.during("dialplan anew", lambda: renew_the_dialplan(company))

    for machine in machines:
        machine.receive(before, next((company.folder / "dist").glob("*.whl")))
    change_all(company, play, [f"new=/opt/webfon-{tag[1:]}", *change], tag)
    assert versions(company) == old
    assert_nothing_is_lost(company, play, capsys, f"from {tag} to {VERSION}: {' '.join(wanted)}")


def assert_nothing_is_lost(company: Company, play: Play, capsys, head: str) -> None:
    time.sleep(FEW_SECONDS)
    play.end()
    text = play.close_the_books()
    with capsys.disabled():
        print(f"\n{head}\n{text}")
    assert play.books.lost.all() == []
    assert set(play.answers()) <= FINE | MEANT
    assert [worker.fault for worker in play.workers if worker.fault] == []
    assert company.faults() == []
    for visitor in play.visitors:
        assert "Cerrar sesión" in visitor.get("").words
