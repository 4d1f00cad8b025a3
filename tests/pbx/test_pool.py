"""A node's connections are used again, and one that failed is left in peace for a while."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from portal.logs import bearing
from portal.pbx.asterisk.ami import Account
from portal.pbx.asterisk.pool import MAX_IDLE, Breaker, Node
from portal.pbx.asterisk.wire import action
from portal.pbx.errors import PBXRejected, PBXUnavailable
from tests.pbx.fake_ami import fake_ami

PING = action("Ping")


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def node(clock):
    def at(server, timeout=1.0, kept=60.0):
        account = Account("127.0.0.1", server.port, "webfon-rules", "s3cret-of-ami")
        return Node("madrid", account, timeout, Breaker(pause=3, clock=clock), kept)

    return at


def polite(session):
    session.log_in()
    session.answer_all()


def test_one_connection_serves_one_request_after_the_other(node):
    with fake_ami(polite) as server:
        madrid = node(server)
        assert all(madrid.request([PING])[0].ok for _ in range(5))
        assert server.connections == 1


def test_actions_bear_the_id_of_the_request_and_lines_about_a_node_never_its_secret(node, caplog):
    asked = []

    def script(session):
        session.log_in()
        asked.append(session.receive())
        session.reply(asked[0])
        asked.append(session.receive())

    caplog.set_level("DEBUG")
    with fake_ami(script) as server, bearing("link-00ff"):
        madrid = node(server)
        assert madrid.request([PING])[0].ok
        with pytest.raises(PBXUnavailable):
            madrid.request([action("DBPut", Family="webfon", Key="code/1", Val="s3cret-hash")])
    assert [each["ActionID"].startswith("link-00ff-") for each in asked] == [True, True]
    assert "Node madrid" in caplog.text
    assert "s3cret" not in caplog.text


def test_threads_do_not_share_a_connection_and_few_are_kept(node):
    meet = threading.Barrier(8)

    def script(session):
        session.log_in()
        asked = session.receive()
        meet.wait(2)
        session.reply(asked)
        session.answer_all()

    with fake_ami(script) as server, ThreadPoolExecutor(8) as threads:
        madrid = node(server, timeout=3.0)
        replies = list(threads.map(madrid.request, [[PING]] * 8))
        assert all(reply.ok for (reply,) in replies)
        assert server.connections == 8
        assert len(madrid._idle) == MAX_IDLE


def test_a_connection_that_nobody_needs_is_closed_soon_for_each_costs_the_node_at_each_event(node):
    left = threading.Semaphore(0)

    def script(session):
        session.log_in()
        try:
            session.answer_all()
        finally:
            left.release()

    with fake_ami(script) as server:
        madrid = node(server, kept=0.05)
        for connections in (1, 2):
            assert madrid.request([PING])[0].ok
            assert left.acquire(timeout=5)
            assert (server.connections, madrid._idle) == (connections, [])


def test_an_idle_connection_that_the_node_has_closed_is_replaced(node):
    def script(session):
        session.log_in()
        session.reply(session.receive())

    with fake_ami(script) as server:
        madrid = node(server)
        for _ in range(3):
            assert madrid.request([PING])[0].ok
            [(_, kept)] = madrid._idle
            kept._socket.settimeout(1)
            kept._socket.recv(1, 2)  # MSG_PEEK: wait until the end has arrived
        assert server.connections == 3


def test_a_node_that_failed_is_not_asked_again_before_the_pause_is_over(node, clock):
    with fake_ami(lambda session: None) as server:
        madrid = node(server)
        for _ in range(3):
            with pytest.raises(PBXUnavailable):
                madrid.request([PING])
        assert server.connections == 1
        clock.now += 3
        with pytest.raises(PBXUnavailable):
            madrid.request([PING])
        assert server.connections == 2


def test_after_the_pause_one_caller_tries_while_the_others_are_turned_away(clock):
    breaker = Breaker(pause=3, clock=clock)
    breaker.failed()
    clock.now += 3
    breaker.admit()
    with pytest.raises(PBXUnavailable, match="away"):
        breaker.admit()
    breaker.succeeded()
    breaker.admit()
    breaker.admit()


def test_a_node_that_answers_again_is_asked_again(node, clock):
    good = threading.Event()
    with fake_ami(lambda session: polite(session) if good.is_set() else None) as server:
        madrid = node(server)
        with pytest.raises(PBXUnavailable):
            madrid.request([PING])
        good.set()
        clock.now += 3
        assert all(madrid.request([PING])[0].ok for _ in range(3))


def test_the_error_names_the_node_and_not_the_secret(node):
    with fake_ami(lambda session: None) as server, pytest.raises(PBXUnavailable) as failure:
        node(server).request([PING])
    assert "madrid" in str(failure.value)
    assert "secret" not in str(failure.value)


def test_an_action_that_must_not_be_sent_does_not_make_the_node_away(node):
    with fake_ami(polite) as server:
        madrid = node(server)
        with pytest.raises(PBXRejected):
            madrid.request([action("DBPut", Val="a\nb")])
        assert madrid.request([PING])[0].ok
        assert server.connections == 1
