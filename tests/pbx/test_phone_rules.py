"""``phone_rules``: what telephones changed, as one value and back, and what a plan makes of it."""

import re

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from portal.pbx import get_pbx, phone_rules
from portal.pbx.asterisk import kit
from portal.pbx.phone_rules import FIELDS, NOTHING, PhoneRule, PhoneRules, honoured, read, write
from portal.pbx.types import VOICEMAIL, ForwardingPlan

moments = st.integers(10**12, 10**13 - 1)
digits = st.text("0123456789", min_size=1, max_size=17)
kept = st.one_of(st.just(""), digits)
wishes = st.one_of(digits, kept.map("-{}".format), kept.map("vm{}".format))
devices = st.from_regex(r"\A[0-9A-Za-z._-]{1,40}\Z")


@st.composite
def values(draw):
    rules = []
    for field in FIELDS:
        if draw(st.booleans()):
            text = draw(st.sampled_from("1-") if field == "do_not_disturb" else wishes)
            rules.append(PhoneRule(field, text, draw(moments), draw(devices)))
    stamp = max([draw(moments), *(rule.at for rule in rules)])
    return PhoneRules(stamp, tuple(rules))


@given(values())
def test_rules_read_back_are_those_that_were_written(rules):
    assert read(write(rules)) == rules


@given(values(), moments)
def test_only_what_is_later_than_the_plan_takes_the_place_of_its_fields(rules, absorbed):
    plan = ForwardingPlan(
        subscriber="201", unconditional="1", busy="2", no_answer="3", absorbed=absorbed
    )
    obeyed = honoured(plan, rules)
    by_field = {rule.field: rule for rule in rules.rules if rule.at > absorbed}
    for field in FIELDS[:-1]:
        expected = by_field[field].destination if field in by_field else getattr(plan, field)
        assert getattr(obeyed, field) == expected
    if "do_not_disturb" in by_field:
        assert obeyed.do_not_disturb == (by_field["do_not_disturb"].text == "1")


@given(values(), moments, moments)
def test_a_change_is_later_than_all_before_and_keeps_what_still_counts(rules, now, absorbed):
    after = rules.changed("busy", "203", "201", now, absorbed)
    assert after.stamp > max(rules.stamp, absorbed)
    assert after.stamp >= now
    (own,) = (rule for rule in after.rules if rule.field == "busy")
    assert (own.text, own.at) == ("203", after.stamp)
    others = {rule for rule in after.rules if rule.field != "busy"}
    assert others == {rule for rule in rules.after(absorbed) if rule.field != "busy"}


@pytest.mark.parametrize(
    ("text", "destination", "number"),
    [
        ("203", "203", "203"),
        ("-", "", ""),
        ("-203", "", "203"),
        ("vm", VOICEMAIL, ""),
        ("vm203", VOICEMAIL, "203"),
    ],
)
def test_what_was_dialled_says_where_calls_go_and_which_number_is_kept(text, destination, number):
    rule = PhoneRule("busy", text, 1, "201")
    assert (rule.destination, rule.number) == (destination, number)


@given(st.text("0123456789;@-vm.x\"'}${ñ", max_size=60))
def test_nonsense_is_nothing(text):
    assert read(text) == NOTHING


def test_the_dialplan_expects_the_same_of_a_value():
    found = re.findall(r'REGEX\("\^(.*?)\$" ', "".join(kit.files(kit.Options()).values()))
    theirs = {each.replace("\\;", ";") for each in found if each.startswith("[0-9]{13}")}
    assert theirs == {phone_rules.VALUE.pattern}


def test_the_command_dials_and_says_when_it_is_refused(settings, capsys):
    plan = ForwardingPlan(subscriber="201", devices=("201",), mailbox="201@default")
    get_pbx().forwarding.write("centralita", [plan])
    call_command("demo_code", "201", "*21**#")
    assert "Done" in capsys.readouterr().out
    (rule,) = get_pbx().forwarding.read_phones("centralita", ["201"])["201"].rules
    assert rule.text == VOICEMAIL
    for refused in ("*21*201#", "*21*600123123#", "hola"):
        with pytest.raises(CommandError, match="refused"):
            call_command("demo_code", "201", refused)
