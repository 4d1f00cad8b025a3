"""What the portal may count on when it writes a calendar, whatever the back end."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from portal.pbx.day_keys import DAY, from_day_keys, to_day_keys
from portal.pbx.errors import PBXRejected
from portal.pbx.types import VOICEMAIL, ForwardingPlan, Window
from tests.pbx.contract.conftest import NODE

MIDNIGHT = int(datetime(2026, 3, 29, tzinfo=UTC).timestamp())
HOURS = range(MIDNIGHT, MIDNIGHT + 3 * DAY, 3600)
NIGHT = Window(MIDNIGHT + 3 * DAY - 60, MIDNIGHT + 4 * DAY, VOICEMAIL)
WINDOWS = (*(Window(hour, hour + 1800, "203") for hour in HOURS), NIGHT)
LAST_DAY = "20260401"
PLAN = ForwardingPlan(subscriber="240", calendar="1", until=LAST_DAY, windows=WINDOWS)
CHANGES = 40


@pytest.fixture
def forwarding(backend):
    return backend.pbx.forwarding


@pytest.fixture
def held(backend, forwarding):
    """The day keys, of these that a version's windows make, that are on the node."""

    def read(version, windows=WINDOWS, subscriber="240"):
        names = to_day_keys(subscriber, version, windows)
        values = {name: backend.get(name) for name in names}
        return {name: value for name, value in values.items() if value is not None}

    for version in ("1", "2"):
        forwarding.forget_calendar(NODE, "240", version, WINDOWS)
    forwarding.remove(NODE, [PLAN])
    return read


def test_a_calendar_read_back_is_what_was_written(forwarding, held):
    forwarding.write(NODE, [PLAN])
    assert forwarding.read(NODE, ["240"]) == {"240": PLAN}
    assert held("1") == to_day_keys("240", "1", WINDOWS)
    assert from_day_keys(held("1")) == WINDOWS


def test_a_new_version_leaves_the_old_keys_until_they_are_forgotten(forwarding, held):
    forwarding.write(NODE, [PLAN])
    later = tuple(replace(window, destination="204") for window in WINDOWS)
    forwarding.write(NODE, [replace(PLAN, calendar="2", windows=later)])
    assert from_day_keys(held("1")) == WINDOWS
    assert from_day_keys(held("2")) == later
    forwarding.forget_calendar(NODE, "240", "1", WINDOWS)
    assert held("1") == {}
    assert from_day_keys(held("2")) == later


def test_forgetting_takes_the_days_of_these_windows_only(backend, forwarding, held):
    forwarding.write(NODE, [PLAN, replace(PLAN, subscriber="2401")])
    gone = [window for window in WINDOWS if window.start < MIDNIGHT + DAY]
    forwarding.forget_calendar(NODE, "240", "1", gone)
    kept = tuple(window for window in WINDOWS if window.start >= MIDNIGHT + DAY)
    assert from_day_keys(held("1")) == kept
    assert from_day_keys(held("1", subscriber="2401")) == WINDOWS
    assert forwarding.read(NODE, ["240"]) == {"240": PLAN}


def test_forgetting_what_is_not_there_is_no_error(forwarding, held):
    forwarding.forget_calendar(NODE, "240", "1", WINDOWS)
    forwarding.forget_calendar(NODE, "240", "1", ())
    assert held("1") == {}


def test_more_days_of_a_version_that_the_node_holds_are_added(backend, forwarding, held):
    first = tuple(window for window in WINDOWS if window.end <= MIDNIGHT + 2 * DAY)
    forwarding.write(NODE, [replace(PLAN, until="20260330", windows=first)])
    assert from_day_keys(held("1")) == first
    backend.put("cal/240/1/20260329/0", "left alone")
    forwarding.write(NODE, [PLAN])
    assert backend.get("cal/240/1/20260329/0") == "left alone"
    assert len(held("1")) == len(to_day_keys("240", "1", WINDOWS))


def test_a_changed_rule_does_not_write_the_calendar_again(backend, forwarding, held):
    forwarding.write(NODE, [PLAN])
    backend.put("cal/240/1/20260401/0", "left alone")
    forwarding.write(NODE, [replace(PLAN, unconditional="203", revision=8)])
    assert backend.get("cal/240/1/20260401/0") == "left alone"


def test_a_node_that_lost_the_plan_gets_the_whole_calendar_again(backend, forwarding, held):
    forwarding.write(NODE, [PLAN])
    backend.put("cal/240/1/20260329/0", "lost")
    backend.put("plan/240", "lost")
    forwarding.write(NODE, [PLAN])
    assert from_day_keys(held("1")) == WINDOWS


def test_a_removed_subscriber_leaves_day_keys_to_be_forgotten(forwarding, held):
    forwarding.write(NODE, [PLAN])
    forwarding.remove(NODE, [PLAN])
    assert forwarding.read(NODE, ["240"]) == {"240": None}
    assert from_day_keys(held("1")) == WINDOWS
    forwarding.forget_calendar(NODE, "240", "1", WINDOWS)
    assert held("1") == {}


def test_a_calendar_that_no_node_can_take_is_rejected_and_the_others_are_written(forwarding, held):
    wrong = replace(PLAN, windows=(*WINDOWS[:-1], replace(WINDOWS[-1], destination="2 3")))
    other = replace(PLAN, subscriber="2401")
    with pytest.raises(PBXRejected, match="2 3"):
        forwarding.write(NODE, [wrong, other])
    assert forwarding.read(NODE, ["240", "2401"]) == {"240": None, "2401": other}
    assert held("1") == {}


def test_whoever_reads_during_changes_finds_the_days_of_the_version_in_force(
    backend, forwarding, held
):
    """A version is forgotten as soon as the next is there."""
    forwarding.write(NODE, [PLAN])
    seen = set()
    with ThreadPoolExecutor(1) as pool:
        changes = pool.submit(change, forwarding)
        while not changes.done():
            before = forwarding.read(NODE, ["240"])["240"].calendar
            found = backend.get(f"cal/240/{before}/{LAST_DAY}/0")
            if forwarding.read(NODE, ["240"])["240"].calendar == before:
                assert found == f"0000086400{VOICEMAIL:-<17}"
                seen.add(before)
    forwarding.forget_calendar(NODE, "240", changes.result().calendar, WINDOWS)
    assert len(seen) > 1


def change(forwarding):
    plan = PLAN
    for number in range(CHANGES):
        new = replace(plan, calendar=f"{number + 2}")
        forwarding.write(NODE, [new])
        forwarding.forget_calendar(NODE, "240", plan.calendar, WINDOWS)
        plan = new
        time.sleep(0.01)
    return plan
