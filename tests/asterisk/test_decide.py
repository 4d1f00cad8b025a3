"""The kit's ``decide`` on a real Asterisk against ``routing.decide``, with random plans."""

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from portal.pbx import phone_rules, routing
from portal.pbx.day_keys import DAY, MOST_IN_A_PART, lacking, to_day_keys
from portal.pbx.phone_rules import FIELDS, PhoneRule, PhoneRules, honoured
from portal.pbx.projection import to_keys
from portal.pbx.simulated.backend import build, build_nodes
from portal.pbx.types import ForwardingPlan, LineState, Window
from tests.asterisk.exchange import Exchange

pytestmark = pytest.mark.asterisk

CASES = 1500
CALENDARS = 60
CASES_BY_CALENDAR = 200
AT_EACH_DISTANCE = 250
ON_THE_SIMULATED = 600
Case = tuple[ForwardingPlan, int, LineState]
ITEM = "0000086400" + "203".ljust(17, "-")
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


def _put(exchange: Exchange, plans: Sequence[ForwardingPlan]) -> None:
    exchange.put({f"class/{code}": pattern for code, pattern in CLASSES.items()})
    for plan in plans:
        exchange.put(lacking(None, plan) | to_keys(plan))


def _agree(exchange: Exchange, cases: Sequence[Case]) -> list[str]:
    """What both decide; fails where it is not the same."""
    expected = [_in_words(*case) for case in cases]
    decided = exchange.decide((plan.subscriber, at, state) for plan, at, state in cases)
    together = zip(cases, expected, decided, strict=True)
    assert [case for case in together if case[1] != case[2]] == []
    return decided


def test_asterisk_and_python_decide_the_same(exchange):
    chance = random.Random(SEED)
    plans = [_random_plan(chance, str(5000 + number)) for number in range(CASES)]
    _put(exchange, plans)
    cases = [
        (plan, chance.randrange(1_700_000_000, 2_000_000_000), chance.choice(list(LineState)))
        for plan in plans
    ]
    decided = _agree(exchange, cases)
    assert {text.partition("|")[0] for text in decided} == set(routing.Action)


def _random_calendar(chance: random.Random) -> tuple[Window, ...]:
    """Some windows, or very many; they touch, lie on midnights, or last for days."""
    midnight = chance.randrange(19_700, 23_000) * DAY
    seconds = [
        chance.randrange(chance.choice([DAY, 3 * DAY])) for _ in range(2 * _how_many(chance))
    ]
    seconds += [n * DAY + s for n in range(4) for s in (-1, 0, 1) if chance.random() < 0.2]
    edges = sorted({midnight + second for second in seconds})
    leads_to = [text for text in DESTINATIONS if text]
    touching = chance.random()
    return tuple(
        Window(start, end, chance.choice(leads_to))
        for number, (start, end) in enumerate(pairwise(edges))
        if number % 2 == 0 or chance.random() < touching
    )


def _how_many(chance: random.Random) -> int:
    return chance.choice([0, 1, 1, 2, 5, 24, 36, 37, 38, 74, 75, 130])


def _random_plan_with_calendar(chance: random.Random, subscriber: str) -> ForwardingPlan:
    plan = _random_plan(chance, subscriber)
    if chance.random() < 0.7:
        plan = replace(plan, forward_class=chance.choice(["all", "national"]))
    version = chance.choice(["1", "12", "2026-11.a", "Z9", ""])
    return replace(plan, calendar=version, windows=_random_calendar(chance))


def _instants(chance: random.Random, windows: Sequence[Window]) -> Iterable[int]:
    """One second before, at, and one second after edges of windows, and of days."""
    sample = [*windows[:1], *windows[-1:], *chance.sample(windows, min(len(windows), 3))]
    for window in sample:
        for edge in (window.start, window.end, window.start - window.start % DAY):
            yield from (edge - 1, edge, edge + 1)
    yield chance.randrange(1_700_000_000, 2_000_000_000)


def _near_edges(cases: Iterable[Case]) -> Counter[int]:
    """How many instants lie one second before, at, and one second after an edge of a window."""
    near = Counter({-1: 0, 0: 0, 1: 0})
    for plan, at, _state in cases:
        edges = {edge for window in plan.windows for edge in (window.start, window.end)}
        near.update(distance for distance in near if plan.calendar and at - distance in edges)
    return near


def _simulated(folder: Path, plans: Sequence[ForwardingPlan], cases: Iterable[Case]) -> list[str]:
    """What calls on a simulated node see, which was given the same plans."""
    (node,) = build_nodes(folder, ("madrid",), 5.0).values()
    build(folder, ("madrid",), 5.0).forwarding.write("madrid", plans)
    decided = []
    for plan, at, state in cases:
        held = node.plan(plan.subscriber, datetime.fromtimestamp(at, UTC))
        assert held
        decided.append(_in_words(held, at, state))
    return decided


def test_both_back_ends_and_python_agree_on_calendars_to_the_second(exchange, tmp_path):
    chance = random.Random(SEED + 1)
    plans = [_random_plan_with_calendar(chance, str(7000 + n)) for n in range(CALENDARS)]
    _put(exchange, plans)
    for plan in plans[::3]:  # what a change left behind
        other = [replace(window, destination="299") for window in plan.windows]
        exchange.put(to_day_keys(plan.subscriber, f"{plan.calendar}0", other))
    cases = [
        (plan, at, chance.choice(list(LineState)))
        for plan in plans
        for at in _instants(chance, plan.windows)
    ]
    assert min(_near_edges(cases).values()) > AT_EACH_DISTANCE
    some = chance.sample(cases, ON_THE_SIMULATED)
    assert min(_near_edges(some).values()) > AT_EACH_DISTANCE / 3
    assert _simulated(tmp_path, plans, some) == [_in_words(*case) for case in some]
    decided = _agree(exchange, cases)
    by_calendar = [text for text in decided if text.endswith("|calendar")]
    assert len(by_calendar) > CASES_BY_CALENDAR
    assert {text.partition("|")[0] for text in by_calendar} == {"forward", "voicemail"}


STAMP = 1_800_000_000_000
AT_TELEPHONE = ["-", "-203", "vm", "vm203", "203", "299", "600123456", "906123456", "1", "112"]


def _random_phone(chance: random.Random, absorbed: int) -> str:
    """What telephones changed, some of it absorbed; or something that resembles it."""
    rules = tuple(
        PhoneRule(
            field,
            chance.choice("-1") if field == "do_not_disturb" else chance.choice(AT_TELEPHONE),
            absorbed + chance.choice([-5000, -1, 0, 1, 2, 5000]),
            chance.choice(["201", "201b", "a-b_c.d"]),
        )
        for field in FIELDS
        if chance.random() < 0.4
    )
    stamp = max([absorbed - 6000, *(rule.at for rule in rules)])
    text = phone_rules.write(PhoneRules(stamp, rules))
    return _spoiled(chance, text) if chance.random() < 0.3 else text


def _spoiled(chance: random.Random, text: str) -> str:
    at = chance.randrange(len(text))
    odd = chance.choice(["", "x", '"', ";", "@", "}", "$[1]", "${EXTEN}", ",", "\\", "ñ", "0", "~"])
    return chance.choice(["", text[:at], text[:at] + odd + text[at + 1 :], text + odd, odd + text])


def test_both_back_ends_and_python_agree_on_what_telephones_changed(exchange, tmp_path):
    """The same value of ``phone/`` has the same effect, as far as the plan has not absorbed it."""
    chance = random.Random(SEED + 2)
    (node,) = build_nodes(tmp_path, ("madrid",), 5.0).values()
    cases: list[Case] = []
    plans = []
    for number in range(CASES):
        absorbed = chance.choice([0, STAMP, STAMP])
        plan = replace(_random_plan(chance, str(8000 + number)), absorbed=absorbed)
        plan = replace(plan, forward_class=chance.choice(["all", "national", "internal"]))
        if not chance.randrange(4):
            windows = _random_calendar(chance)
            plan = replace(plan, calendar="7", windows=windows)
        phone = _random_phone(chance, absorbed or STAMP)
        plans.append(plan)
        exchange.put({f"phone/{plan.subscriber}": phone})
        node.keys.put({f"phone/{plan.subscriber}": phone})
        at = next(iter(_instants(chance, plan.windows)))
        obeyed = honoured(plan, phone_rules.read(phone))
        cases.append((obeyed, at, chance.choice(list(LineState))))
    _put(exchange, plans)
    changed = sum(obeyed != plan for (obeyed, _at, _state), plan in zip(cases, plans, strict=True))
    assert changed > CASES / 3
    decided = _agree(exchange, cases)
    assert {text.partition("|")[0] for text in decided} == set(routing.Action)
    some = cases[:ON_THE_SIMULATED]
    assert _simulated(tmp_path, plans, some) == decided[:ON_THE_SIMULATED]


def test_every_edge_of_a_day_with_hundreds_of_windows_is_where_it_should_be(exchange):
    """Halving compares with each item of a part in turn, so each must be met at its edges."""
    midnight = 20_000 * DAY
    windows = tuple(
        Window(midnight + n * 60, midnight + n * 60 + 30, str(200 + n % 100)) for n in range(400)
    )
    plan = ForwardingPlan(
        subscriber="5998", calendar="1", windows=windows, forward_class="internal"
    )
    _put(exchange, [plan])
    two_parts_and_more = windows[: 2 * MOST_IN_A_PART + 1]
    edges = {edge for each in (*two_parts_and_more, windows[-1]) for edge in (each.start, each.end)}
    seconds = {edge + n for edge in edges for n in (-1, 0, 1)} | {w.start + 9 for w in windows}
    _agree(exchange, [(plan, second, LineState.IDLE) for second in sorted(seconds)])


def test_a_version_without_any_key_has_no_windows(exchange):
    plan = ForwardingPlan(subscriber="5997", calendar="5", unconditional="203", forward_class="all")
    _put(exchange, [plan])
    exchange.put({"cal/5997/50/20241004/0": ITEM, "cal/5997/5/20241005/0": ITEM})
    assert exchange.decide([("5997", 20_000 * DAY, "idle")]) == ["forward|203|unconditional"]


@pytest.mark.parametrize(
    "items",
    [
        "",
        "x",
        ITEM[:-1],
        f"{ITEM}0",
        ITEM * 2 + "0000",
        "0000x86400203" + "-" * 14,
        "-" * 27,
        "vm" * 13 + "v",
        "0000086400" + "-" * 17,
        "0000086400" + "2m3".ljust(17, "-"),
        "0000086400" + "${EXTEN}".ljust(17, "-"),
        "0000000000" + "203".ljust(17, "-"),
        '"' * 27,
        "$[1 + 1])" * 3,
        "ñ" * 27,
        "0" * 27 * 37,
    ],
)
def test_a_malformed_day_counts_as_no_window(exchange, items):
    plan = ForwardingPlan(subscriber="5997", calendar="5", unconditional="203", forward_class="all")
    _put(exchange, [plan])
    exchange.put({"cal/5997/5/20241004/0": items})
    cases = [("5997", 20_000 * DAY + second, "idle") for second in (0, 1, 43_200, DAY - 1)]
    assert set(exchange.decide(cases)) == {"forward|203|unconditional"}


@pytest.mark.parametrize("state", LineState)
def test_without_a_plan_the_telephone_rings_and_nothing_else(exchange, state):
    expected = "ring||" if state is LineState.IDLE else "release||"
    assert exchange.decide([("5999", 0, state)]) == [expected]
