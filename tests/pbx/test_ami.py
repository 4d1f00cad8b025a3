"""The AMI client against a server that misbehaves in every way known."""

import socket
import time

import pytest

from portal.pbx.asterisk.ami import (
    BATCH,
    Account,
    Connection,
    Deadline,
    LoginRefused,
    NotBooted,
    TimedOut,
)
from portal.pbx.asterisk.wire import action
from portal.pbx.errors import PBXRejected, PBXUnavailable
from tests.deadlines import SLACK
from tests.pbx.fake_ami import BANNER, BOOTED, fake_ami

SECRET = "correct horse"
PING = action("Ping")


def account(port):
    return Account("127.0.0.1", port, "webfon-rules", SECRET)


def connect(server, seconds=2.0):
    return Connection.open(account(server.port), Deadline(seconds))


def in_time(seconds, function, *args):
    """The error of the function, which must end within the seconds."""
    start = time.monotonic()
    with pytest.raises(PBXUnavailable) as failure:
        function(*args)
    assert time.monotonic() - start < seconds + SLACK
    assert SECRET not in str(failure.value)
    return failure.value


def logged_in(script):
    """A script that begins after the usual login."""

    def run(session):
        session.log_in()
        script(session)

    return run


def ask(server, actions=(PING,), seconds=2.0):
    connection = connect(server)
    try:
        return connection.request(actions, Deadline(seconds))
    finally:
        connection.close()


def test_replies_come_back_in_the_order_of_the_actions():
    def script(session):
        while True:
            asked = session.receive()
            session.reply(asked, f"Message: {asked['N']}")

    with fake_ami(logged_in(script)) as server:
        count = 3 * BATCH + 1
        replies = ask(server, [action("Echo", N=str(n)) for n in range(count)])
    assert [reply.message for reply in replies] == [str(n) for n in range(count)]


def test_events_between_and_inside_replies_are_put_aside():
    # Like OriginateResponse, an event may hold a header called Response.
    event = b"Event: Reload\r\nActionID: 77\r\nResponse: Failure\r\n\r\n"

    def script(session):
        first, second = session.receive(), session.receive()
        session.send(event)
        session.reply(first, "EventList: start")
        session.send(event)
        session.send(
            b"Event: Got\r\nActionID: " + first["ActionID"].encode() + b"\r\nVal: 1\r\n\r\n"
        )
        session.send(event)
        session.send(
            b"Event: Done\r\nEventList: Complete\r\nActionID: "
            + first["ActionID"].encode()
            + b"\r\n\r\n"
        )
        session.send(event)
        session.reply(second)
        session.receive()

    with fake_ami(logged_in(script)) as server:
        connection = connect(server)
        one, two = connection.request([PING, PING], Deadline(2))
        assert [each["Val"] for each in one.events] == ["1"]
        assert two.ok
        assert [connection.next_event(Deadline(1))["Event"] for _ in range(4)] == ["Reload"] * 4
        connection.close()


@pytest.mark.parametrize("is_first", [True, False])
def test_how_a_call_went_may_be_told_before_the_reply_or_after(is_first):
    def script(session):
        begin = session.receive()
        told = f"Event: OriginateResponse\r\nActionID: {begin['ActionID']}\r\n\r\n".encode()
        if is_first:
            session.send(told)
        session.reply(begin, "Message: Originate successfully queued")
        if not is_first:
            session.send(told)

    with fake_ami(logged_in(script)) as server:
        connection = connect(server)
        (reply,) = connection.request([action("Originate")], Deadline(2.0))
        assert reply.ok
        assert connection.next_event(Deadline(2.0))["Event"] == "OriginateResponse"
        connection.close()


def test_a_refused_login_says_so_and_keeps_the_secret():
    def script(session):
        session.send(BANNER)
        session.reply(session.receive(), "Message: Authentication failed", response="Error")
        session.receive()

    with fake_ami(script) as server:
        assert isinstance(in_time(2, connect, server), LoginRefused)


def test_a_secret_with_a_line_break_is_never_sent():
    received = []

    def script(session):
        session.send(BANNER)
        received.append(session.receive())

    with fake_ami(script) as server:
        bad = Account("127.0.0.1", server.port, "webfon-rules", f"{SECRET}\r\nX: y")
        assert isinstance(in_time(1, Connection.open, bad, Deadline(2)), LoginRefused)
    assert received == []


def test_another_kind_of_server_is_recognised_at_once():
    with fake_ami(lambda session: (session.send(b"220 mail\r\n"), session.receive())) as server:
        assert "no Asterisk manager port" in str(in_time(0.5, connect, server))


def test_a_port_where_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert "refused" in str(in_time(0.5, Connection.open, account(port), Deadline(2)))


@pytest.mark.parametrize("host", ["nosuch.invalid", "bad host name", "xn--", "x" * 80, "a..b"])
def test_a_host_that_does_not_exist(host):
    away = Account(host, 5038, "webfon-rules", SECRET)
    in_time(2, Connection.open, away, Deadline(2))


def test_a_server_that_says_nothing_is_left_at_the_deadline():
    with fake_ami(lambda session: session.receive()) as server:
        assert isinstance(in_time(0.3, connect, server, 0.3), TimedOut)


def test_a_login_waits_for_a_late_fully_booted():
    def script(session):
        session.send(BANNER)
        session.reply(session.receive())
        session.send(b"Event: SomethingElse\r\n\r\n")
        assert not session.closing.wait(0.3)
        session.send(BOOTED)
        session.answer_all()

    with fake_ami(script) as server:
        start = time.monotonic()
        assert ask(server)[0].ok
        assert time.monotonic() - start >= 0.3


def test_a_node_that_never_boots_is_told_from_one_that_is_away():
    def script(session):
        session.send(BANNER)
        session.reply(session.receive())
        session.receive()

    with fake_ami(script) as server:
        assert isinstance(in_time(0.3, connect, server, 0.3), NotBooted)


def test_a_connection_cut_in_the_middle_of_a_reply():
    def script(session):
        asked = session.receive()
        session.send(b"Response: Success\r\nActionID: " + asked["ActionID"].encode() + b"\r\nMes")

    with fake_ami(logged_in(script)) as server:
        assert "closed" in str(in_time(0.5, ask, server))


def test_a_connection_cut_between_two_replies():
    with fake_ami(logged_in(lambda session: session.reply(session.receive()))) as server:
        in_time(0.5, ask, server, [PING, PING])


def test_a_list_that_never_ends_is_left_at_the_deadline():
    def script(session):
        session.reply(session.receive(), "EventList: start")
        session.receive()

    with fake_ami(logged_in(script)) as server:
        assert isinstance(in_time(0.3, ask, server, [PING], 0.3), TimedOut)


def test_a_reply_that_comes_drop_by_drop_does_not_outlive_the_deadline():
    def script(session):
        asked = session.receive()
        session.drip(f"Response: Success\r\nActionID: {asked['ActionID']}\r\n\r\n".encode(), 0.05)

    with fake_ami(logged_in(script)) as server:
        assert isinstance(in_time(0.5, ask, server, [PING], 0.5), TimedOut)


def test_a_greeting_that_comes_drop_by_drop_does_not_outlive_the_deadline():
    with fake_ami(lambda session: session.drip(BANNER, 0.05)) as server:
        assert isinstance(in_time(0.4, connect, server, 0.4), TimedOut)


def test_a_server_that_reads_nothing_does_not_outlive_the_deadline():
    with fake_ami(logged_in(lambda session: session.closing.wait(5))) as server:
        big = [action("DBPut", Val="x" * 1017)] * (4 * BATCH)
        assert isinstance(in_time(0.5, ask, server, big, 0.5), TimedOut)


@pytest.mark.parametrize(
    "garbage",
    [
        b"<html>busy</html>\r\n\r\n",
        b"\xff\x00\xfe\r\n\r\n",
        b"Response: Success\r\nActionID: 999\r\n\r\n",
        b"Response: Success\r\n\r\n",
    ],
)
def test_garbage_in_place_of_a_reply(garbage):
    def script(session):
        session.receive()
        session.send(garbage)
        session.receive()

    with fake_ami(logged_in(script)) as server:
        assert "unintelligible" in str(in_time(0.5, ask, server))


def test_of_actions_of_which_one_is_unsafe_none_is_sent():
    names = []

    def script(session):
        while True:
            asked = session.receive()
            names.append(asked["Action"])
            session.reply(asked)

    with fake_ami(logged_in(script)) as server:
        connection = connect(server)
        with pytest.raises(PBXRejected):
            connection.request([PING, action("DBPut", Val="a\r\nb")], Deadline(1))
        assert connection.request([action("After")], Deadline(1))[0].ok
        connection.close()
    assert names == ["After"]


def test_a_refusal_by_the_node_is_a_reply():
    def script(session):
        session.reply(session.receive(), "Message: Permission denied", response="Error")
        session.receive()

    with fake_ami(logged_in(script)) as server:
        (reply,) = ask(server)
    assert (reply.ok, reply.message) == (False, "Permission denied")


def test_an_account_does_not_show_its_secret():
    assert SECRET not in repr(account(1))
