"""What changes at a telephone: the portal hears of it, and reads what the node obeys."""

from dataclasses import replace

import pytest

from portal.pbx import phone_rules
from portal.pbx.phone_rules import NOTHING
from portal.pbx.types import UP, ForwardingPlan, News, NodeEvent
from tests.pbx.contract.conftest import NODE
from tests.pbx.contract.test_monitor import Watcher

PLAN = ForwardingPlan(
    subscriber="202", revision=1, devices=("202",), mailbox="202@default", forward_class="rules"
)
OTHER = replace(PLAN, subscriber="203", devices=("203",))


@pytest.fixture
def forwarding(backend):
    """202 and 203 have plans, and changed nothing at telephones."""
    backend.forget("phone/202", "phone/203", "who/202", "who/203", "at/202", "at/203")
    backend.pbx.forwarding.write_classes(NODE, {"rules": "^[23][0-9]{2}$"})
    backend.pbx.forwarding.write(NODE, [PLAN, OTHER])
    return backend.pbx.forwarding


def held(forwarding, number="202"):
    return forwarding.read_phones(NODE, [number])[number]


def texts(forwarding):
    return {rule.field: rule.text for rule in held(forwarding).rules}


def test_what_was_dialled_is_read_with_its_moment_and_its_telephone(backend, forwarding):
    backend.put("who/203", "202")
    backend.dial("203", "*21*201#")
    (rule,) = held(forwarding).rules
    assert (rule.field, rule.text, rule.device) == ("unconditional", "201", "203")
    assert rule.at == held(forwarding).stamp > 1_700_000_000_000
    assert held(forwarding, "203") == NOTHING


@pytest.mark.parametrize(
    ("dialled", "becomes"),
    [
        (["*67*203"], {"busy": "203"}),
        (["*67*203#", "#67#"], {"busy": "-203"}),
        (["*67*203#", "#67#", "*67#"], {"busy": "203"}),
        (["*67*203#", "*67**#"], {"busy": "vm203"}),
        (["#61"], {"no_answer": "-"}),
        (["*62**"], {"not_connected": "vm"}),
        (["*26#", "*21*203#"], {"unconditional": "203", "do_not_disturb": "1"}),
        (["*26#", "#26#"], {"do_not_disturb": "-"}),
        (["*21*202#"], {}),
        (["*21*600123123#"], {}),
        (["*21#"], {}),
        (["*#21#"], {}),
        (["*21*20a#"], {}),
        (["*99*203#"], {}),
        (["*26*203#"], {}),
    ],
)
def test_codes_mean_the_same_everywhere(backend, forwarding, dialled, becomes):
    for code in dialled:
        backend.dial("202", code)
    assert texts(forwarding) == becomes


def test_calls_in_a_circle_are_refused_everywhere(backend, forwarding):
    forwarding.write(NODE, [replace(OTHER, busy="202", unconditional="204", forward_class="")])
    backend.dial("202", "*61*203#")
    assert texts(forwarding) == {"no_answer": "203"}
    forwarding.write(NODE, [replace(OTHER, busy="202")])
    backend.dial("202", "*67*203#")
    assert texts(forwarding) == {"no_answer": "203"}


def test_a_plan_that_has_absorbed_a_change_comes_before_it(backend, forwarding):
    backend.dial("202", "*21*203#")
    backend.dial("202", "*61*203#")
    stamp = held(forwarding).stamp
    forwarding.write(NODE, [replace(PLAN, absorbed=stamp, kept=("203", "", "", ""))])
    assert forwarding.read(NODE, ["202"])["202"].absorbed == stamp
    backend.dial("202", "*21#")
    assert texts(forwarding) == {"unconditional": "203"}
    assert held(forwarding).stamp > stamp


@pytest.mark.parametrize("value", ["", "x", "1800000000000;203;;;;", "1800000000000;;;;;;"])
def test_a_malformed_value_is_nothing(backend, forwarding, value):
    backend.put("phone/202", value)
    assert held(forwarding) == NOTHING


def test_what_was_changed_goes_with_its_subscriber(backend, forwarding):
    backend.dial("202", "*26#")
    forwarding.remove(NODE, [PLAN])
    assert backend.get("phone/202") is None


def test_the_link_hears_of_it_within_a_second(backend, forwarding):
    watcher = Watcher(backend)
    try:
        assert watcher.next() is UP
        backend.dial("202", "*26#")
        wanted = NodeEvent(News.PHONE, "202")
        assert any(watcher.next(seconds=1) == wanted for _ in range(8))
    finally:
        watcher.end()
    assert phone_rules.write(held(forwarding)) == backend.get("phone/202")
