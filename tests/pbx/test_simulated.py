"""The simulated telephone system as the portal sees it."""

import threading
import time
from dataclasses import replace

import pytest

from portal.pbx.errors import PBXRejected, PBXUnavailable
from portal.pbx.projection import to_keys
from portal.pbx.simulated.backend import build, build_nodes
from portal.pbx.simulated.faults import Mode
from portal.pbx.types import DOWN, UP, ForwardingPlan

NODE = "centralita"
ANA = ForwardingPlan(
    subscriber="201", revision=3, display_name="Ana", devices=("201", "201-movil"), busy="vm"
)
BRUNO = ForwardingPlan(subscriber="202", revision=1, devices=("202",))


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "simulated"


@pytest.fixture
def system(folder):
    return build(folder, timeout=0.1)


@pytest.fixture
def node(folder):
    """The node as another process sees it."""
    return build_nodes(folder, timeout=0.1)[NODE]


def test_plans_are_read_as_they_were_written(system):
    system.forwarding.write(NODE, [ANA, BRUNO])
    read = system.forwarding.read(NODE, ["201", "202", "203"])
    assert read == {"201": ANA, "202": BRUNO, "203": None}


def test_another_process_sees_the_same_keys_that_asterisk_would_hold(system, node):
    system.forwarding.write(NODE, [ANA])
    assert node.keys.get(node.keys.names("")) == to_keys(ANA)


def test_a_malformed_plan_reads_as_missing_and_rings_normally(system, node):
    node.keys.put({"plan/201": '{"r":'})
    assert system.forwarding.read(NODE, ["201"]) == {"201": None}
    assert node.plan("201") == ForwardingPlan(subscriber="201", devices=("201",))


def test_a_removed_subscriber_leaves_no_key_behind(system, node):
    system.forwarding.write(NODE, [ANA, BRUNO])
    system.forwarding.remove(NODE, [ANA])
    assert node.keys.get(node.keys.names("")) == to_keys(BRUNO)


def test_service_classes_are_read_as_they_were_written(system):
    system.forwarding.write_classes(NODE, {"national": "^[0-9]{9}$"})
    read = system.forwarding.read_classes(NODE, ["national", "none"])
    assert read == {"national": "^[0-9]{9}$", "none": None}


def test_nodes_hold_keys_of_their_own(folder):
    two = build(folder, nodes=("madrid", "reserva"))
    two.forwarding.write("madrid", [ANA])
    assert two.forwarding.read("reserva", ["201"]) == {"201": None}
    assert two.nodes == ("madrid", "reserva")


def test_a_reader_never_sees_half_of_a_write(system, node):
    numbers = [str(number) for number in range(1000, 1400)]
    first = [ForwardingPlan(subscriber=number, revision=1) for number in numbers]
    second = [replace(plan, revision=2) for plan in first]
    system.forwarding.write(NODE, first)
    stop = threading.Event()

    def write():
        while not stop.is_set():
            system.forwarding.write(NODE, second)
            system.forwarding.write(NODE, first)

    writer = threading.Thread(target=write)
    writer.start()
    seen = [{plan.revision for plan in node.plans(numbers).values()} for _time in range(40)]
    stop.set()
    writer.join()
    assert all(len(revisions) == 1 for revisions in seen)


def test_many_threads_write_without_losing_anything(system, node):
    def write(first):
        for number in range(first, first + 10):
            system.forwarding.write(NODE, [ForwardingPlan(subscriber=str(number))])

    threads = [threading.Thread(target=write, args=[200 + 10 * n]) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert node.subscribers() == [str(number) for number in range(200, 280)]


def test_a_node_that_is_away_fails_at_once_and_keeps_what_it_had(system, node):
    system.forwarding.write(NODE, [ANA])
    node.faults.set(Mode.AWAY)
    for action in (
        lambda: system.forwarding.read(NODE, ["201"]),
        lambda: system.forwarding.write(NODE, [BRUNO]),
        lambda: system.forwarding.remove(NODE, [ANA]),
        lambda: system.forwarding.read_classes(NODE, ["x"]),
        lambda: system.forwarding.write_classes(NODE, {"x": "y"}),
    ):
        with pytest.raises(PBXUnavailable):
            action()
    node.faults.set(Mode.NORMAL)
    assert system.forwarding.read(NODE, ["201", "202"]) == {"201": ANA, "202": None}


def test_a_fault_can_be_set_by_hand(system, node):
    system.forwarding.write(NODE, [ANA])
    node.faults.path.write_text('{"mode": "away"}')
    with pytest.raises(PBXUnavailable):
        system.forwarding.read(NODE, ["201"])


def test_a_node_that_refuses_says_so(system, node):
    node.faults.set(Mode.REJECTING)
    with pytest.raises(PBXRejected):
        system.forwarding.write(NODE, [ANA])
    assert node.subscribers() == []


def test_a_frozen_node_does_it_but_answers_too_late(system, node):
    node.faults.set(Mode.FROZEN)
    began = time.monotonic()
    with pytest.raises(PBXUnavailable):
        system.forwarding.write(NODE, [ANA])
    assert 0.1 <= time.monotonic() - began < 2
    assert node.subscribers() == ["201"]


def test_a_node_that_thaws_in_time_answers(folder):
    patient = build(folder, timeout=10)
    node = build_nodes(folder)[NODE]
    node.faults.set(Mode.FROZEN)
    threading.Timer(0.05, node.faults.set, [Mode.NORMAL]).start()
    patient.forwarding.write(NODE, [ANA])
    assert node.subscribers() == ["201"]


def test_a_crash_loses_the_last_second_and_nothing_older(folder):
    now = [1000.0]
    node = build_nodes(folder)[NODE]
    node.keys.clock = lambda: now[0]
    node.keys.put({"plan/201": "old", "plan/202": "old"})
    now[0] += 5
    node.keys.put({"plan/201": "new", "plan/203": "new"})
    node.keys.put({"plan/201": "newer"})
    node.keys.delete(["plan/202"])
    now[0] += 0.5
    node.crash()
    kept = node.keys.get(["plan/201", "plan/202", "plan/203"])
    assert kept == {"plan/201": "old", "plan/202": "old"}


def test_what_is_older_than_a_second_survives_a_crash(folder):
    now = [1000.0]
    node = build_nodes(folder)[NODE]
    node.keys.clock = lambda: now[0]
    node.keys.put({"plan/201": "kept"})
    now[0] += 1.5
    node.crash()
    node.crash()
    assert node.keys.get(["plan/201"]) == {"plan/201": "kept"}


@pytest.fixture
def events(system):
    """What the monitor tells, as a list that grows, until the test is over."""
    seen, stop = [], threading.Event()

    def watch():
        seen.extend(system.monitor.watch(NODE, stop))

    watcher = threading.Thread(target=watch)
    watcher.start()
    yield seen
    stop.set()
    watcher.join(5)
    assert not watcher.is_alive()


def wait_for(seen, expected):
    deadline = time.monotonic() + 5
    while seen != expected and time.monotonic() < deadline:
        time.sleep(0.02)
    assert seen == expected


def test_the_monitor_tells_when_a_node_comes_and_goes(events, node):
    wait_for(events, [UP])
    node.faults.set(Mode.AWAY)
    wait_for(events, [UP, DOWN])
    node.faults.set(Mode.NORMAL)
    wait_for(events, [UP, DOWN, UP])


def test_the_monitor_tells_of_a_crash_between_two_looks(events, node):
    wait_for(events, [UP])
    node.crash()
    wait_for(events, [UP, DOWN, UP])


def test_the_check_says_what_is_wrong_and_how_to_mend_it(system, node):
    system.forwarding.write(NODE, [ANA])
    assert all(result.ok for result in system.diagnostics.check())
    node.faults.set(Mode.AWAY)
    failed = [result for result in system.diagnostics.check() if not result.ok]
    assert len(failed) == 1
    assert NODE in failed[0].part
    assert failed[0].remedy


def test_state_that_cannot_be_kept_is_told_as_unavailable(folder):
    (folder / NODE).mkdir(parents=True)
    (folder / NODE / "keys.sqlite3").write_bytes(b"this is no database, but it is long enough" * 50)
    with pytest.raises(PBXUnavailable):
        build(folder).forwarding.read(NODE, ["201"])


def test_where_somebody_is_logged_in_decides_who_is_reachable(system, node):
    system.forwarding.write(NODE, [ANA])
    assert node.devices(ANA) == ("201", "201-movil")
    node.keys.put({"who/201": "202"})
    assert node.devices(ANA) == ("201-movil",)
    node.keys.put({"at/201": "204&sala"})
    assert node.devices(ANA) == ("204", "sala")


def test_a_telephone_that_is_unplugged_is_not_reached(system, node):
    system.forwarding.write(NODE, [ANA])
    node.telephones.unplug("201")
    assert node.reachable("201") == ("201-movil",)
    assert node.reachable("299") == ("299",)
    node.telephones.plug_in("201")
    assert node.reachable("201") == ("201", "201-movil")
