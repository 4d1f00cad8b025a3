"""Where a call may go while rules change: the measure of the drill, without a company."""

from types import SimpleNamespace

import pytest

from tests.drill.load import Change, Forwarder, Line
from tests.drill.tally import Books

SURE, UNHEARD = "active", ""


@pytest.fixture
def forwarder():
    """To 202 from second 10 on, then a change to 204 that is sent at 20 and confirmed at 21."""
    made = Forwarder(None, "201", [])
    made.changes = [Change("a", "202", 9, SURE, 10, 10), Change("b", "204", 20, SURE, 21, 21)]
    return made


@pytest.mark.parametrize(
    ("began", "ended", "allowed"),
    [
        (11, 12, {"202"}),
        (19, 20, {"202", "204"}),
        (20.5, 22, {"202", "204"}),
        (22, 23, {"204"}),
    ],
)
def test_a_call_obeys_what_was_confirmed_before_it_or_what_was_sent_meanwhile(
    forwarder, began, ended, allowed
):
    assert forwarder.allowed(began, ended) == allowed


def test_what_no_page_confirmed_may_hold_or_not(forwarder):
    forwarder.changes.append(Change("c", "203", 30))
    assert forwarder.allowed(35, 36) == {"204", "203"}


def judged(forwarder, reached, code=200, died=0.0, began=22.0):
    """What is lost, and what is excused, where one call reached these."""
    line = Line.__new__(Line)
    line.name, line.away, line.died, line.repaired = "madrid", [], died, died and 30.0
    line.reached = lambda number: reached
    call = SimpleNamespace(number="6", called="201", began=began, ended=began + 1, code=code)
    caller = SimpleNamespace(line=line, calls=[call])
    books = Books(None, [forwarder], [caller])
    books._judge_calls(caller)
    return len(books.lost.calls), books.excused


@pytest.mark.parametrize(
    ("reached", "code", "lost"),
    [
        (["204"], 200, 0),
        (["202"], 200, 1),
        (["204", "202"], 200, 1),
        ([], 200, 1),
        ([], 480, 1),
    ],
)
def test_a_call_that_went_elsewhere_to_two_or_to_nobody_is_counted(forwarder, reached, code, lost):
    assert judged(forwarder, reached, code) == (lost, 0)


def test_a_crash_excuses_the_rules_of_the_last_second_and_nothing_older(forwarder):
    assert judged(forwarder, ["202"], died=21.5) == (0, 1)
    assert judged(forwarder, ["202"], died=24.0, began=25.0) == (1, 0)
