"""``routing``: what happens to a call, stated once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.pbx.routing import HOP_LIMIT, Action, Outcome, decide, find_loop, follow, window_at
from portal.pbx.types import VOICEMAIL, ForwardingPlan, LineState, Reason, Window

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
CLASSES = {"national": "^(2[0-9]{2}|[679][0-9]{8})$"}
PLAIN = ForwardingPlan(subscriber="201", mailbox="201@default", forward_class="national")


def decision(state=LineState.IDLE, **rules):
    return decide(replace(PLAIN, **rules), NOON, state, CLASSES)


def test_without_rules_the_telephone_rings():
    assert decision().action is Action.RING


@pytest.mark.parametrize("state", LineState)
def test_unconditional_beats_every_state(state):
    found = decision(state, unconditional="203", busy="204", no_answer="204", not_connected="204")
    assert (found.destination, found.reason) == ("203", Reason.UNCONDITIONAL)


@pytest.mark.parametrize(
    ("state", "rule", "reason"),
    [
        (LineState.BUSY, "busy", Reason.BUSY),
        (LineState.NO_ANSWER, "no_answer", Reason.NO_ANSWER),
        (LineState.NOT_CONNECTED, "not_connected", Reason.NOT_CONNECTED),
    ],
)
def test_each_condition_follows_its_own_rule(state, rule, reason):
    found = decision(state, **{rule: "600123123"})
    assert (found.action, found.reason) == (Action.FORWARD, reason)
    others = {"busy", "no_answer", "not_connected"} - {rule}
    assert decision(state, **dict.fromkeys(others, "203")).action is Action.RELEASE


def test_do_not_disturb_acts_as_busy_even_when_not_connected():
    found = decision(LineState.NOT_CONNECTED, do_not_disturb=True, busy="203", not_connected="204")
    assert (found.destination, found.reason) == ("203", Reason.DO_NOT_DISTURB)


def test_do_not_disturb_without_a_busy_rule_releases_the_call():
    assert decision(do_not_disturb=True).action is Action.RELEASE


def test_a_forbidden_unconditional_number_counts_as_off():
    found = decision(unconditional="0044123456789")
    assert found.action is Action.RING
    assert found.steps[0].outcome is Outcome.DENIED


def test_an_unknown_class_permits_nothing():
    assert decision(unconditional="203", forward_class="gone").action is Action.RING


def test_voicemail_without_a_mailbox_counts_as_off():
    found = decision(unconditional=VOICEMAIL, mailbox="")
    assert found.steps[0].outcome is Outcome.NO_MAILBOX
    assert found.action is Action.RING


NOON_SECOND = int(NOON.timestamp())
LUNCH = Window(NOON_SECOND, NOON_SECOND + 3600, "203")


def with_calendar(*windows, **rules):
    return decision(calendar="7", windows=windows, **rules)


@pytest.mark.parametrize("state", LineState)
def test_the_calendar_beats_every_other_rule(state):
    found = with_calendar(LUNCH, unconditional="204", do_not_disturb=True, busy="205")
    assert (found.destination, found.reason) == ("203", Reason.CALENDAR)


def test_outside_of_its_windows_the_calendar_leaves_the_call_to_the_next_rule():
    later = Window(LUNCH.start + 1, LUNCH.end, "203")
    found = with_calendar(later, unconditional="204")
    assert (found.destination, found.reason) == ("204", Reason.UNCONDITIONAL)
    assert found.steps[0].outcome is Outcome.OFF


def test_a_window_with_a_forbidden_number_leaves_the_call_to_the_next_rule():
    found = with_calendar(Window(LUNCH.start, LUNCH.end, "0044123456789"), unconditional="204")
    assert found.steps[0].outcome is Outcome.DENIED
    assert found.destination == "204"


def test_a_window_to_voicemail_needs_a_mailbox():
    window = Window(LUNCH.start, LUNCH.end, VOICEMAIL)
    assert with_calendar(window).action is Action.VOICEMAIL
    assert with_calendar(window, mailbox="").action is Action.RING


def test_a_calendar_that_is_switched_off_has_no_windows():
    assert decision(calendar="", windows=(LUNCH,)).action is Action.RING


@pytest.mark.parametrize(
    ("after", "found"), [(-1, None), (0, LUNCH), (3599.9, LUNCH), (3600, None)]
)
def test_a_window_is_correct_to_the_second(after, found):
    plan = replace(PLAIN, calendar="7", windows=(LUNCH,))
    assert window_at(plan, NOON + timedelta(seconds=after)) == found


@given(st.lists(st.integers(0, 200), unique=True, max_size=40).map(sorted), st.integers(0, 200))
def test_the_window_in_force_is_the_one_around_the_instant(edges, second):
    pairs = [pair for pair in pairwise(edges) if sum(pair) % 3]
    windows = tuple(Window(start, end, "203") for start, end in pairs)
    plan = replace(PLAIN, calendar="7", windows=windows)
    around = [window for window in windows if window.start <= second < window.end]
    assert window_at(plan, datetime.fromtimestamp(second, UTC)) == next(iter(around), None)


def chain(*plans):
    return {plan.subscriber: plan for plan in plans}.get


def forwards(number, destination):
    return replace(PLAIN, subscriber=number, unconditional=destination)


def hops(plans, start="201"):
    return [h.subscriber for h in follow(start, NOON, lambda _: LineState.IDLE, plans, CLASSES)]


def test_a_chain_is_followed_to_its_end():
    plans = chain(forwards("201", "202"), forwards("202", "203"), replace(PLAIN, subscriber="203"))
    assert hops(plans) == ["201", "202", "203"]


def test_a_loop_ends_before_a_subscriber_already_visited():
    assert hops(chain(forwards("201", "202"), forwards("202", "201"))) == ["201", "202"]


def test_a_long_chain_ends_at_the_hop_limit():
    plans = chain(*(forwards(str(n), str(n + 1)) for n in range(201, 220)))
    assert len(hops(plans)) == HOP_LIMIT


def test_a_number_outside_is_visited_by_nobody():
    assert hops(chain(forwards("201", "600123123"))) == ["201"]


def test_a_loop_is_shown_as_the_chain_it_would_make():
    plans = chain(forwards("202", "203"), replace(PLAIN, subscriber="203", no_answer="201"))
    assert find_loop(forwards("201", "202"), NOON, plans, CLASSES) == ("201", "202", "203", "201")


def test_a_loop_of_others_that_does_not_come_back_is_none_of_ours():
    plans = chain(forwards("202", "203"), forwards("203", "202"))
    assert find_loop(forwards("201", "202"), NOON, plans, CLASSES) == ()


def test_a_rule_that_never_acts_makes_no_loop():
    plans = chain(replace(forwards("202", "600123123"), busy="201"))
    assert find_loop(forwards("201", "202"), NOON, plans, CLASSES) == ()
