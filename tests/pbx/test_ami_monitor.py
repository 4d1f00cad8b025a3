"""The monitor against a server that comes and goes as a test wants it."""

import threading
import time
from queue import Queue

import pytest

from portal.pbx.asterisk.ami import Account
from portal.pbx.asterisk.monitor import AMIMonitor
from portal.pbx.asterisk.pool import Node
from portal.pbx.types import DOWN, UP
from tests.deadlines import SLACK
from tests.pbx.fake_ami import BANNER, BOOTED, fake_ami


@pytest.fixture
def watch():
    """Starts watching a server; the queue of what was seen. Ends with the test."""
    stop = threading.Event()
    threads = []

    def start(server):
        account = Account("127.0.0.1", server.port, "webfon-rules", "secret")
        monitor = AMIMonitor({"madrid": Node("madrid", account, 1.0)}, {})
        seen = Queue()

        def run():
            for event in monitor.watch("madrid", stop):
                seen.put(event)
            seen.put(None)

        threads.append(threading.Thread(target=run, daemon=True))
        threads[-1].start()
        return seen

    start.stop = stop
    yield start
    stop.set()
    for thread in threads:
        thread.join(1.5)
        assert not thread.is_alive()


def log_in(session):
    session.send(BANNER)
    session.reply(session.receive())


def test_every_fully_booted_is_an_up(watch):
    def script(session):
        log_in(session)
        session.send(BOOTED + b"Event: Other\r\n\r\n" + BOOTED)
        session.answer_all()

    with fake_ami(script) as server:
        seen = watch(server)
        assert [seen.get(timeout=2), seen.get(timeout=2)] == [UP, UP]


def test_a_login_alone_is_no_up(watch):
    booted = threading.Event()

    def script(session):
        log_in(session)
        booted.wait(5)
        session.send(BOOTED)
        session.answer_all()

    with fake_ami(script) as server:
        seen = watch(server)
        time.sleep(0.2)
        assert seen.empty()
        booted.set()
        assert seen.get(timeout=2) is UP


def test_a_node_away_from_the_start_is_down_once_and_asked_ever_more_rarely(watch):
    with fake_ami(lambda session: None) as server:
        seen = watch(server)
        assert seen.get(timeout=2) is DOWN
        time.sleep(1.5)
        assert server.connections <= 4
        assert seen.empty()


def test_a_wrong_secret_is_down_and_a_mended_one_is_up(watch):
    right = threading.Event()

    def script(session):
        session.send(BANNER)
        if not right.is_set():
            session.reply(session.receive(), response="Error")
            return
        session.reply(session.receive())
        session.send(BOOTED)
        session.answer_all()

    with fake_ami(script) as server:
        seen = watch(server)
        assert seen.get(timeout=2) is DOWN
        right.set()
        assert seen.get(timeout=3) is UP


def test_a_quiet_node_that_shows_signs_of_life_stays_up(watch):
    pinged = threading.Event()

    def script(session):
        log_in(session)
        session.send(BOOTED)
        while asked := session.receive():
            assert asked["Action"] == "Ping"
            session.reply(asked, "Ping: Pong")
            pinged.set()

    with fake_ami(script) as server:
        seen = watch(server)
        assert seen.get(timeout=2) is UP
        assert pinged.wait(4)
        assert seen.empty()


def test_watching_can_be_stopped_while_a_login_hangs(watch):
    with fake_ami(lambda session: session.closing.wait(5)) as server:
        seen = watch(server)
        time.sleep(0.2)
        start = time.monotonic()
        watch.stop.set()
        assert seen.get(timeout=2) is None
        assert time.monotonic() - start < SLACK
