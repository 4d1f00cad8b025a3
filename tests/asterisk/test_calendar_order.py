"""Day keys come before the plan that names them, and what a call does once they are gone."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from portal.pbx.asterisk.backend import build
from portal.pbx.day_keys import DAY, to_day_keys
from portal.pbx.types import ForwardingPlan, Window
from tests.asterisk.exchange import FAMILY
from tests.asterisk.phone import RING
from tests.pbx.contract.conftest import NODE, options

pytestmark = pytest.mark.asterisk

SWITCHES = 200
DAYS = 77
RING_SECONDS = 5


@pytest.fixture
def forwarding(asterisk):
    """What the portal writes with."""
    return build(nodes=[options(asterisk)], timeout=5.0).forwarding


def plan_of(subscriber: str, version: str, **fields) -> ForwardingPlan:
    """With a window on each of so many days, the first of which is today."""
    midnight = int(time.time()) // DAY * DAY
    windows = tuple(Window(midnight + n * DAY, midnight + n * DAY + 60, "203") for n in range(DAYS))
    return ForwardingPlan(subscriber=subscriber, calendar=version, windows=windows, **fields)


def look_up(ami, key):
    """The key's value, ``""`` where it is not there."""
    ami.events.clear()
    if ami.act("DBGet", Family=FAMILY, Key=key)["Response"] != "Success":
        return ""
    return ami.wait(lambda event: event["Event"] == "DBGetResponse")["Val"]


def switch(forwarding, plan):
    """Put version after version in force, and forget each as soon as it is replaced."""
    for number in range(SWITCHES):
        new = replace(plan, calendar=f"{number + 2}")
        forwarding.write(NODE, [new])
        forwarding.forget_calendar(NODE, plan.subscriber, plan.calendar, plan.windows)
        plan = new
    return plan


def test_no_plan_is_ever_seen_whose_days_are_not_there(asterisk, forwarding):
    plan = plan_of("280", "1")
    names = {version: list(to_day_keys("280", version, plan.windows)) for version in ("1",)}
    last_day = names["1"][-1].split("/")[3]
    forwarding.write(NODE, [plan])
    reader, seen = asterisk.admin(), set()
    with ThreadPoolExecutor(1) as pool:
        switching = pool.submit(switch, forwarding, plan)
        while not switching.done():
            version = json.loads(look_up(reader, "plan/280"))["v"]
            if not look_up(reader, f"cal/280/{version}/{last_day}/0"):
                now = json.loads(look_up(reader, "plan/280"))["v"]
                assert now != version, f"version {version} is in force without its last day"
            seen.add(version)
    reader.close()
    plan = switching.result()
    forwarding.remove(NODE, [plan])
    forwarding.forget_calendar(NODE, "280", plan.calendar, plan.windows)
    assert len(seen) > SWITCHES / 4


def test_a_call_that_rings_while_its_calendar_is_forgotten_obeys_the_new_one(
    exchange, forwarding, phone, trunk
):
    """The one whose days are still there goes on by the old plan; neither mixes the two."""
    now = int(time.time())
    callers = {"202": phone("201"), "203": phone("204")}
    called = {number: phone(number, RING) for number in callers}
    forbidden = Window(now - DAY, now + DAY, "999")
    for number in called:
        exchange.plan(
            number,
            calendar="1",
            windows=(forbidden,),
            forward_class="mobile",
            no_answer="600000001",
            ring_seconds=RING_SECONDS,
        )
    exchange.put({"class/mobile": "^6[0-9]{8}$"})
    with ThreadPoolExecutor(2) as pool:
        calls = [pool.submit(callers[n].call, n, hang_up_after=20.0) for n in callers]
        for each in called.values():
            each.wait_for_call()
        for number in called:
            window = replace(forbidden, destination=f"600000{number}")
            exchange.plan(number, calendar="2", windows=(window,), forward_class="mobile")
        forwarding.forget_calendar(NODE, "202", "1", (forbidden,))
    assert [call.result().code for call in calls] == [200, 200]
    assert {call.uri_number for call in trunk.calls} == {"600000202", "600000001"}
