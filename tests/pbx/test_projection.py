"""``projection``: a plan as keys and values, and back."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.pbx.projection import MAX_NAME, MAX_VALUE_BYTES, from_keys, further_keys, to_keys
from portal.pbx.types import VOICEMAIL, ForwardingPlan

digits = st.text("0123456789", min_size=1, max_size=17)
destination = st.one_of(st.just(""), st.just(VOICEMAIL), digits)
plans = st.builds(
    ForwardingPlan,
    subscriber=st.text("0123456789", min_size=2, max_size=15),
    revision=st.integers(0, 2**31),
    display_name=st.text(
        st.characters(codec="utf-8", min_codepoint=32, exclude_characters="\x7f"),
        max_size=MAX_NAME,
    ),
    devices=st.lists(st.text("abc123-", min_size=1, max_size=12), max_size=5, unique=True).map(
        tuple
    ),
    mailbox=st.sampled_from(["", "201@default"]),
    unconditional=destination,
    not_connected=destination,
    busy=destination,
    no_answer=destination,
    do_not_disturb=st.booleans(),
    ring_seconds=st.integers(5, 120),
    call_class=st.sampled_from(["", "national"]),
    forward_class=st.sampled_from(["", "national"]),
    language=st.sampled_from(["", "es", "pt_BR"]),
    access_pin=st.sampled_from(["", "9201"]),
    access_code=st.sampled_from(["", "00ff:10000:" + 40 * "a"]),
    calendar=st.sampled_from(["", "1", "99", "3f2a-07"]),
    until=st.sampled_from(["", "20261231"]),
    kept=st.tuples(*[st.one_of(st.just(""), digits)] * 4),
    absorbed=st.one_of(st.just(0), st.integers(10**12, 10**13 - 1)),
)


@given(plans)
def test_a_plan_read_back_is_the_plan_that_was_written(plan):
    keys = to_keys(plan)
    held = {key: keys[key] for key in keys if not key.startswith("code/")}
    held |= {key: keys[key] for key in further_keys(plan.subscriber, held) if key in keys}
    known = plan if plan.access_pin else replace(plan, access_code="")
    read = from_keys(plan.subscriber, held)
    assert read == known
    assert read.absorbed == plan.absorbed  # each node's own, and no part of being equal


@given(plans)
def test_every_value_fits_into_one_ami_line_and_the_plan_comes_last(plan):
    keys = to_keys(plan)
    assert all(len(value.encode()) <= MAX_VALUE_BYTES for value in keys.values())
    assert list(keys)[-1] == f"plan/{plan.subscriber}"


@given(plans)
def test_every_value_in_the_plan_is_a_string(plan):
    fields = json.loads(to_keys(plan)[f"plan/{plan.subscriber}"])
    assert all(isinstance(value, str) for value in fields.values())


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "{}", '{"r":"x"}', '{"r":1,"p":7}'])
def test_a_malformed_plan_is_no_plan(text):
    assert from_keys("201", {"plan/201": text}) is None


def test_a_missing_plan_is_no_plan():
    assert from_keys("201", {}) is None


def test_a_plan_too_long_for_a_line_is_refused():
    plan = ForwardingPlan(subscriber="201", devices=tuple(f"device-{n}" for n in range(200)))
    with pytest.raises(ValueError, match="too long"):
        to_keys(plan)


@pytest.mark.parametrize("char", ["\r", "\n", "\0", "\t", "\x1b", "\x7f"])
def test_a_control_character_has_no_place_in_a_plan(char):
    with pytest.raises(ValueError, match="control"):
        to_keys(ForwardingPlan(subscriber="201", display_name=f"Ana{char}"))
    with pytest.raises(ValueError, match="control"):
        to_keys(ForwardingPlan(subscriber="201", devices=(f"201{char}",)))
