"""From rules to a plan."""

from desvios.plan import Facts, Rule, Rules, compile_plan
from portal.pbx.types import VOICEMAIL

FACTS = Facts(
    subscriber="201",
    revision=7,
    display_name="Ana",
    devices=("201", "201m"),
    mailbox="201@default",
    call_class="national",
    forward_class="internal",
)


def test_a_rule_that_is_off_goes_nowhere_and_keeps_its_number():
    rule = Rule(number="203")
    assert (rule.destination, rule.number) == ("", "203")


def test_voicemail_beats_the_number_when_both_are_on():
    assert Rule(to_voicemail=True, number="203", number_enabled=True).destination == VOICEMAIL


def test_a_plan_says_all_that_a_node_must_know():
    rules = Rules(
        unconditional=Rule(number="203", number_enabled=True),
        busy=Rule(to_voicemail=True),
        do_not_disturb=True,
        ring_seconds=35,
    )
    plan = compile_plan(FACTS, rules)
    assert (plan.unconditional, plan.busy, plan.no_answer) == ("203", VOICEMAIL, "")
    assert (plan.do_not_disturb, plan.ring_seconds, plan.revision) == (True, 35, 7)
    assert (plan.devices, plan.forward_class) == (("201", "201m"), "internal")
