"""The kit's ``decide`` on a real Asterisk against ``routing.decide``, with random plans."""

import random
from datetime import UTC, datetime

import pytest

from portal.pbx import routing
from portal.pbx.projection import to_keys
from portal.pbx.types import ForwardingPlan, LineState

pytestmark = pytest.mark.asterisk

CASES = 1500
SEED = 20260722
CLASSES = {
    "all": "^[0-9]+$",
    "internal": "^[23][0-9]{2}$",
    "national": "^([23][0-9]{2}|[6789][0-9]{8})$",
    "mobile-only": "^[67][0-9]{8}$",
    "not-900": "^(00|[1-8]|9[1-8])",
    "everything": ".",
    "nothing": "^$",
    "long": f"^({'|'.join(str(n) for n in range(200, 380))})$",
}
ODD = [
    "",
    "missing",
    'al"l',
    "all)",
    "ALL",
    'a"b',
    "a)b",
    "(",
    "${EXTEN}",
    "a b",
    "a,b",
    "$[1]",
    "'",
    "\\",
    "ñ",
    "a|b",
    "&",
]
DESTINATIONS = ["", "", "vm", "203", "299", "600123456", "0034600123456", "906123456", "112", "1"]
MAILBOXES = ["", "", "202@default", '2"0)2@default', "vm", "(", "${X}@default", "2,0"]
NAMES = ["", "Ana", 'Ana "la jefa"', "O'Brien (1)", "${EXTEN}", "$[1 + 1]", "ñandú \U0001f600"]


def _random_plan(chance: random.Random, subscriber: str) -> ForwardingPlan:
    classes = [*CLASSES, *CLASSES, *ODD]
    return ForwardingPlan(
        subscriber=subscriber,
        revision=chance.randrange(10**6),
        display_name=chance.choice(NAMES),
        devices=tuple(chance.sample(["201", "201b", 'a"b', "a)b"], chance.randrange(4))),
        mailbox=chance.choice(MAILBOXES),
        unconditional=chance.choice(["", "", *DESTINATIONS]),
        not_connected=chance.choice(DESTINATIONS),
        busy=chance.choice(DESTINATIONS),
        no_answer=chance.choice(DESTINATIONS),
        do_not_disturb=chance.random() < 0.3,
        ring_seconds=chance.randint(5, 120),
        call_class=chance.choice(classes),
        forward_class=chance.choice(classes),
    )


def _in_words(plan: ForwardingPlan, instant: int, state: LineState) -> str:
    decision = routing.decide(plan, datetime.fromtimestamp(instant, UTC), state, CLASSES)
    return f"{decision.action}|{decision.destination}|{decision.reason or ''}"


def test_asterisk_and_python_decide_the_same(exchange):
    chance = random.Random(SEED)
    plans = [_random_plan(chance, str(5000 + number)) for number in range(CASES)]
    instants = [chance.randrange(1_700_000_000, 2_000_000_000) for _ in plans]
    states = [chance.choice(list(LineState)) for _ in plans]
    exchange.put({f"class/{code}": pattern for code, pattern in CLASSES.items()})
    exchange.put({key: value for plan in plans for key, value in to_keys(plan).items()})
    expected = [_in_words(*case) for case in zip(plans, instants, states, strict=True)]
    numbers = [plan.subscriber for plan in plans]
    decided = exchange.decide(zip(numbers, instants, states, strict=True))
    differences = [
        case for case in zip(plans, states, expected, decided, strict=True) if case[2] != case[3]
    ]
    assert not differences
    assert {text.partition("|")[0] for text in decided} == set(routing.Action)


@pytest.mark.parametrize("state", LineState)
def test_without_a_plan_the_telephone_rings_and_nothing_else(exchange, state):
    expected = "ring||" if state is LineState.IDLE else "release||"
    assert exchange.decide([("5999", 0, state)]) == [expected]
