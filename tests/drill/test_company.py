"""The grand drill: a company is installed as docs/install.md says, and loses one process after the
other while people click and telephones call. What a page said, and what calls did, is held against
what is there afterwards; see tally.py for what counts as lost.
"""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.drill import journeys
from tests.drill.company import NODES, PBX_OPTIONS, Company
from tests.drill.load import Caller, Line
from tests.drill.play import FINE, FROZEN, KILLED, MEANT, Play, running, strange
from tests.server import ROOT

pytestmark = [pytest.mark.drill, pytest.mark.asterisk, pytest.mark.timeout(1800)]

PROCESSES = ["web 1", "web 2", "nginx", "PostgreSQL", *(f"node {name}" for name in NODES)]
LOSSES = [(name, how) for name in PROCESSES for how in (KILLED, FROZEN)]


@pytest.fixture(scope="module")
def company(tmp_path_factory) -> Iterator[Company]:
    """Installed and running."""
    with running(Company(tmp_path_factory.mktemp("company"))) as made:
        yield made


@pytest.fixture(scope="module")
def lines(company) -> Iterator[list[Line]]:
    """The telephones of each node."""
    made = [Line(name, company.nodes[name]) for name in NODES]
    yield made
    for line in made:
        line.close()


def test_everything_is_in_place(company):
    machine = company.machines[0]
    assert "Everything works." in machine.webfon("pbx_check")
    for node in company.nodes.values():
        etc = str(node.folder / "etc")
        said = machine.webfon("pbx_config", "--dry-run", "--etc", etc, *PBX_OPTIONS)
        assert "Nothing is to be done." in said, said
    journeys.through_nginx_alone(company)


@pytest.mark.parametrize("journey", journeys.JOURNEYS, ids=lambda journey: journey.__name__)
def test_a_journey_through_nginx(company, lines, journey):
    first = 610_000_000 + 1000 * journeys.JOURNEYS.index(journey)
    journey(company, [Caller(line, first + 500 * n, ["201"]) for n, line in enumerate(lines)])


@pytest.fixture(scope="module")
def play(company, lines) -> Iterator[Play]:
    """Everybody at work."""
    made = Play(company, lines)
    made.begin()
    yield made
    made.end()


def test_restarting_one_web_after_the_other_is_noticed_by_nobody(company, play):
    for name, port in zip(("web 1", "web 2"), company.webs, strict=True):
        play.restart(name, port)
    assert set(play.answers()) <= FINE | MEANT


def test_nothing_is_lost_while_each_process_is_killed_and_frozen(company, play, capsys):
    for how in (KILLED, FROZEN):
        play.lose_link(how)
    for name, how in LOSSES:
        play.lose(name, how)
    assert len(company.active_links()) == 1
    play.end()
    text = play.close_the_books()
    with capsys.disabled():
        print(f"\n{text}")
    assert play.books.lost.all() == []
    assert strange(play.answers()) == set()
    assert company.faults() == []


def test_what_the_portal_wrote_into_astdb_is_removed_as_adopt_md_says(company, play, lines):
    play.end()
    for service in ("link", "link 2", "web 1", "web 2"):
        company.services[service].stop()
    statement = re.search(r'sqlite3 \S+ "(DELETE .*)"', (ROOT / "docs/adopt.md").read_text())
    assert statement
    node = company.nodes[NODES[0]]
    node.stop()
    with closing(sqlite3.connect(node.folder / "db/astdb.sqlite3")) as astdb:
        [before] = astdb.execute("SELECT count(*) FROM astdb WHERE key NOT LIKE '/webfon/%'")
        assert astdb.execute(statement[1]).rowcount > 10
        astdb.commit()
        [after] = astdb.execute("SELECT count(*) FROM astdb")
    assert after == before != (0,)
    node.start()
    caller = Caller(lines[0], 630_000_000, [])
    lines[0].register()
    assert caller.place("201").code == 200
    assert lines[0].reached("630000000") == ["201"]
