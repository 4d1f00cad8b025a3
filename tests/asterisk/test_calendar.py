"""Forwarding by calendar with real calls: 201 calls 202, whose calendar sends them elsewhere."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from portal.pbx.asterisk.backend import build
from portal.pbx.day_keys import DAY
from portal.pbx.types import VOICEMAIL, Window
from tests.asterisk.across import MARGIN, check, keep_calling
from tests.pbx.contract.conftest import NODE, options

pytestmark = pytest.mark.asterisk

CHANGES = 50
UNTIL_RECORDING = 0.6
"""Seconds; a caller who hangs up during the greeting keeps the channel for another four."""

FAST_CHANGES, DECISIONS = 400, 200


@pytest.fixture
def calendar(exchange):
    """Puts a plan with one window in force, from ``begins`` to ``ends`` seconds after now."""

    def put(destination, begins=-DAY, ends=DAY, **fields):
        now = int(time.time())
        window = Window(now + begins, now + ends, destination)
        return exchange.plan("202", calendar="1", windows=(window,), **fields)

    return put


def change(forwarding, plan, times, pause):
    """Change the calendar from 203 to 204 and back, and forget the old one at once.

    Returns the plan in force.
    """
    for number in range(times):
        destination = "203" if number % 2 else "204"
        windows = tuple(replace(window, destination=destination) for window in plan.windows)
        new = replace(plan, calendar=f"{number + 2}", windows=windows)
        forwarding.write(NODE, [new])
        forwarding.forget_calendar(NODE, "202", plan.calendar, plan.windows)
        plan = new
        time.sleep(pause)
    return plan


def forget(forwarding, plan):
    forwarding.remove(NODE, [plan])
    forwarding.forget_calendar(NODE, "202", plan.calendar, plan.windows)


@pytest.fixture
def forwarding(asterisk):
    """What the portal writes with."""
    return build(nodes=[options(asterisk)], timeout=5.0).forwarding


def test_a_window_sends_calls_to_its_number_before_any_other_rule(calendar, phone):
    caller, called, other = phone("201"), phone("202"), phone("203")
    calendar("203", unconditional="204", do_not_disturb=True)
    assert caller.call("202").code == 200
    assert (len(called.calls), len(other.calls)) == (0, 1)
    assert "reason=time-of-day" in other.calls[0].header("Diversion")


def test_a_window_to_voicemail_leaves_the_call_at_the_mailbox(exchange, calendar, phone):
    caller, called = phone("201"), phone("202")
    calendar(VOICEMAIL)
    assert caller.call("202", talk=UNTIL_RECORDING).code == 200
    assert not called.calls
    (leg,) = exchange.records()
    assert (leg["lastapp"], leg["diverter"], leg["divreason"]) == ("VoiceMail", "202", "calendar")


def test_a_window_sends_calls_outside(exchange, calendar, phone, trunk):
    calendar("600123456")
    assert phone("201").call("202").code == 200
    assert trunk.calls[0].uri_number == "600123456"
    (leg,) = exchange.records()
    assert (leg["diverter"], leg["divreason"]) == ("202", "calendar")


def test_a_window_with_a_forbidden_number_leaves_the_call_to_the_next_rule(calendar, phone):
    caller, other = phone("201"), phone("204")
    calendar("600123456", forward_class="internal", unconditional="204")
    assert caller.call("202").code == 200
    assert len(other.calls) == 1


def test_a_call_from_a_queue_is_not_sent_on_by_the_calendar(calendar, phone):
    caller, called, other = phone("201"), phone("202"), phone("203")
    calendar("203")
    with caller.in_call("700"):
        called.wait_for_call()
    assert not other.calls


def test_a_window_begins_and_ends_while_calls_go_on(calendar, exchange, phone):
    callers = [phone("201"), phone("204")]
    parties = {"202": phone("202"), "203": phone("203")}
    (window,) = calendar("203", begins=2, ends=4).windows
    with ThreadPoolExecutor(len(callers)) as pool:
        running = [
            pool.submit(keep_calling, caller, "202", parties, window.end + MARGIN)
            for caller in callers
        ]
        while not all(each.done() for each in running):
            exchange.ami.act("Ping")  # Asterisk hangs up on who does not read the events
            exchange.ami.events.clear()
            time.sleep(0.1)
    placed = [call for each in running for call in each.result()]
    check(placed, window, outside="202")
    assert len(placed) == sum(len(party.calls) for party in parties.values())


def test_a_calendar_that_changes_during_calls_sends_each_to_its_old_or_new_number(
    calendar, phone, forwarding
):
    caller, called = phone("201"), phone("202")
    old, new = phone("203"), phone("204")
    plan = calendar("203")
    calls = 0
    with ThreadPoolExecutor(1) as pool:
        changes = pool.submit(change, forwarding, plan, CHANGES, 0.04)
        while not changes.done():
            assert caller.call("202").code == 200
            calls += 1
    forget(forwarding, changes.result())
    assert not called.calls
    assert len(old.calls) + len(new.calls) == calls
    assert min(len(old.calls), len(new.calls)) > 2


def test_no_decision_sees_a_mixture_of_two_calendars(calendar, exchange, forwarding):
    plan = calendar("203")
    now = int(time.time())
    with ThreadPoolExecutor(1) as pool:
        changes = pool.submit(change, forwarding, plan, FAST_CHANGES, 0.001)
        decided = []
        while not changes.done():
            decided += exchange.decide([("202", now, "idle")] * DECISIONS)
    forget(forwarding, changes.result())
    assert set(decided) == {"forward|203|calendar", "forward|204|calendar"}
