"""What a working day is reckoned to have cost, without a company."""

from types import SimpleNamespace

import pytest

from tests.drill.costs import Cost, costs
from tests.drill.meter import Held, Reading
from tests.drill.workday import Moment


def span(lasted, seconds, *, pages=0, calls=0):
    """So many seconds, in which nginx computed for so many, and this was done."""

    def moment(at, busy, pages, calls):
        names = ("web 1", "web 1a", "web 1b", "web 2", "web 2a", "web 2b", "nginx", "PostgreSQL")
        held = dict.fromkeys((*names, "link", "link 2", "madrid", "reserva"), Held())
        return Moment(Reading(at, held | {"nginx": Held(seconds=busy)}, {}), pages, 0, calls)

    return moment(100, 7, 50, 60), moment(100 + lasted, 7 + seconds, 50 + pages, 60 + calls)


def test_what_is_spent_by_doing_nothing_is_no_cost_of_pages_or_calls():
    spans = {
        "idle": span(10, 1),
        "pages": span(20, 2 + 6, pages=3000),
        "calls": span(40, 4 + 5, calls=100),
    }
    found = costs(SimpleNamespace(spans=spans))
    assert found["nginx"] == Cost(pytest.approx(0.1), pytest.approx(0.002), pytest.approx(0.05))
    assert found["web"] == Cost(0, 0, 0)


def test_pages_and_calls_of_a_second_come_on_top_of_the_idle_load():
    assert Cost(0.1, 0.002, 0.05).of(50, 2) == pytest.approx(0.1 + 0.1 + 0.1)
