"""What counts as growth in the soak, without a company."""

import socket
import subprocess
import sys

import pytest

from tests.drill.meter import Held, Reading, Trend, connections_to, growth, measured, trend

END = 1200
TAKING = """
import os
print(flush=True)
input()
held, opened = b"x" * (30 << 20), [os.dup(0) for _ in range(7)]
while os.times().user < 0.1:
    pass
print(flush=True)
os.read(0, 1)
"""
TIMES = range(0, END + 1, 10)


def of(values):
    return trend(TIMES, values, END)


def test_what_is_taken_while_warming_up_is_no_growth():
    found = of([min(at, 250) * 1000 for at in TIMES])
    assert found == Trend(250_000, 250_000, 0)
    assert not found.grows()


def test_a_leak_that_goes_on_is_growth():
    found = of([100_000 + 10 * at for at in TIMES])
    assert found.each_minute == pytest.approx(600)
    assert found.more == pytest.approx(6000, rel=0.02)
    assert found.grows()


def test_what_goes_up_and_down_is_no_growth():
    found = of([100_000 + at % 200 * 100 for at in TIMES])
    assert not found.grows()


def test_what_is_small_beside_the_process_is_no_growth():
    assert not Trend(300_000, 305_000, 0).grows()


def test_a_descriptor_more_for_each_of_many_clicks_is_growth():
    def reading(at, descriptors):
        return Reading(at, {"link": Held(own=1000, descriptors=descriptors)}, {"streams": 200})

    readings = [reading(at, 30 + at // 10) for at in TIMES]
    assert growth(readings, (readings[10], readings[10])) == []
    assert growth(readings, (readings[10], readings[-1])) == ["descriptors of link: 40 → 150"]


def test_a_process_is_measured():
    command = [sys.executable, "-c", TAKING]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        child.stdout.readline()
        before = measured([child.pid])
        child.stdin.write(b"more\n")
        child.stdin.flush()
        child.stdout.readline()
        after = measured([child.pid])
        child.stdin.close()
    assert after.descriptors - before.descriptors == 7
    assert 25 << 10 < after.own - before.own < 60 << 10
    assert 0.05 < after.seconds - before.seconds < 5


def test_connections_are_counted_once():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert connections_to(port) == 0
        with socket.create_connection(("127.0.0.1", port)):
            assert connections_to(port) == 1
