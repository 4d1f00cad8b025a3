"""Two hundred people click and are called, five times a second, on a whole company: nothing grows,
and nothing goes wrong.

``make soak`` runs it for 20 minutes, or for as many as WEBFON_SOAK_MINUTES says, and prints what
docs/benchmarks.md needs for its table of sizes.
"""

import os
from collections.abc import Iterator

import pytest

from tests.drill.company import NODES, Company, wait_for
from tests.drill.meter import growth
from tests.drill.office import BOXES, NUMBERS, PEOPLE
from tests.drill.play import is_well
from tests.drill.report import report
from tests.drill.switchboard import equip
from tests.drill.verdict import faults
from tests.drill.workday import CALLS_A_SECOND, Workday

pytestmark = [pytest.mark.soak, pytest.mark.asterisk, pytest.mark.timeout(0)]

SECONDS = 60 * float(os.environ.get("WEBFON_SOAK_MINUTES", "20"))
KEPT_PACE = 0.9
"""Part of the calls that must have been placed: else it was no soak."""


@pytest.fixture
def day(tmp_path_factory, monkeypatch) -> Iterator[Workday]:
    """A company in which all is well, before anybody comes."""
    # In one arena: pieces that the allocator keeps in dozens would hide a leak, or look like one.
    monkeypatch.setenv("MALLOC_ARENA_MAX", "1")
    company = Company(tmp_path_factory.mktemp("company"))
    made = None
    try:
        company.install(PEOPLE)
        for name in NODES:
            equip(company.nodes[name], NUMBERS, BOXES)
        company.start()
        wait_for("a company in which all is well", lambda: is_well(company), 180)
        made = Workday(company, SECONDS)
        yield made
    finally:
        if made:
            made.close()
        company.stop()


def test_nothing_grows_and_nothing_goes_wrong_while_200_people_work(day, capsys):
    day.run()
    found = faults(day)
    with capsys.disabled():
        print(f"\n{report(day)}\n")
        for what, cases in found.items():
            print(f"{len(cases):>6}  {what}", *cases[:3], sep="\n        ")
    assert {what: cases for what, cases in found.items() if cases} == {}
    before, after = day.spans["both"]
    lasted = after.reading.at - before.reading.at
    assert before.calls_until(after) >= KEPT_PACE * CALLS_A_SECOND * lasted
    assert growth(day.readings, day.rest) == []
    assert is_well(day.company)
