"""Killed, stopped, frozen, full and read-only: nothing is lost, and the portal says so quickly."""

import itertools
import resource
import time
from contextlib import ExitStack, contextmanager

import pytest

from portal.pbx.asterisk import voicemail as voicemail_module
from portal.pbx.asterisk.guard import FLAG_SECONDS
from portal.pbx.errors import PBXUnavailable
from portal.pbx.types import Greeting
from tests.asterisk import rtp
from tests.asterisk.exchange import wait_until
from tests.asterisk.mailboxes import Box, portal_of
from tests.asterisk.worker import Worker

pytestmark = pytest.mark.asterisk

QUICKLY = 2.5
"""Seconds that a page may wait, where the machine has much to do besides."""

OWN = itertools.cycle(("201@default", "202@default"))
"""The mailboxes of the tests in turn: one may still be flagged from the test before."""


@pytest.fixture(scope="module")
def node(start_asterisk):
    """An Asterisk for what is done to it here."""
    return start_asterisk()


@pytest.fixture
def box(node):
    box = Box(node.spool, next(OWN))
    box.clear()
    return box


@contextmanager
def in_time(seconds=QUICKLY):
    began = time.monotonic()
    yield
    assert time.monotonic() - began < seconds


def expect_unavailable(change, *args):
    with in_time(), pytest.raises(PBXUnavailable):
        change(*args)


def clock(exchange):
    """The node's own."""
    return int(exchange.ami.act("Getvar", Variable="EPOCH")["Value"])


def value_of(exchange, key):
    exchange.ami.events.clear()
    exchange.ami.act("DBGet", Family="webfon", Key=key)
    return int(exchange.ami.wait(lambda event: event["Event"] == "DBGetResponse")["Val"])


def freeze_at_work(worker, exchange, mailbox):
    """Stop the process at a moment at which its flag stands."""
    for _ in range(500):
        worker.stop()
        flag = exchange.ami.act("DBGet", Family="webfon", Key=f"vmbusy/{mailbox}")
        if flag["Response"] == "Success":
            return
        worker.go_on()
        time.sleep(0.003)
    raise AssertionError("its flag was never seen")


def test_a_process_killed_in_the_middle_loses_nothing_and_its_flag_expires(
    asterisk, exchange, boxes, portal, tmp_path
):
    ids = {number: boxes[number].leave(30, seconds=0.1) for number in ("201", "202", "203")}
    works = {"201": "move", "202": "remove", "203": "forward"}
    with ExitStack() as stack:
        workers = {each: stack.enter_context(Worker(asterisk, tmp_path)) for each in works}
        for number, worker in workers.items():
            worker.wait()
            worker.begin(works[number], f"{number}@default", ids[number], works[number] == "move")
            worker.wait()
            freeze_at_work(worker, exchange, f"{number}@default")
            worker.kill()
    time.sleep(0.2)  # what Asterisk had begun, it ends
    assert boxes["201"].found().keys() == set(ids["201"])
    assert boxes["203"].found() == dict.fromkeys(ids["203"], "INBOX")
    copies = boxes["204"].found()
    assert sorted(copies) == ids["203"][: len(copies)]
    left = list(boxes["202"].found())
    assert left == ids["202"][-len(left) :]
    voicemail = portal.voicemail
    expect_unavailable(voicemail.remove, "201@default", ids["201"])
    for number in works:
        expire(exchange, f"vmbusy/{number}@default")
    for number in ("201", "202", "203"):
        mailbox, rest = f"{number}@default", list(boxes[number].found())
        assert voicemail.remove(mailbox, rest) == set(rest)


def expire(exchange, key):
    """Be at the second that the flag names, which is near, as another one shows who waits."""
    assert clock(exchange) < value_of(exchange, key) <= clock(exchange) + FLAG_SECONDS
    exchange.put({key: str(clock(exchange))})


def test_with_the_node_stopped_the_list_is_there_and_changes_say_why_not(node, box):
    portal = portal_of(node)
    (msg_id,) = box.leave(1)
    node.stop()
    try:
        voicemail = portal.voicemail
        assert [each.msg_id for each in voicemail.messages(box.name)] == [msg_id]
        assert voicemail.count_new(box.name) == 1
        voicemail.open_sound(box.name, msg_id).close()
        expect_unavailable(voicemail.move, box.name, [msg_id], "Old")
        expect_unavailable(voicemail.remove, box.name, [msg_id])
        expect_unavailable(voicemail.forward, box.name, msg_id, "203@default")
        expect_unavailable(voicemail.set_pin, box.name, "9999")
        expect_unavailable(portal.dialer.play_message, "202", box.name, msg_id)
        assert not (box.path / "secret.conf").exists()
        assert box.found() == {msg_id: "INBOX"}
    finally:
        node.start()


def test_a_frozen_node_is_unavailable_and_works_when_it_thaws(node, box):
    voicemail = portal_of(node).voicemail
    first, second = box.leave(2)
    assert voicemail.move(box.name, [first], "Old") == {first}
    node.freeze()
    time.sleep(0.1)  # until the last of its threads has noticed
    try:
        expect_unavailable(voicemail.move, box.name, [second], "Old")
        assert len(voicemail.messages(box.name)) == 2
    finally:
        node.thaw()
    wait_until(lambda: _works(lambda: voicemail.remove(box.name, [second])), 15)
    assert box.found() == {first: "Old"}


def _works(change):
    try:
        change()
    except PBXUnavailable:
        time.sleep(0.2)
        return False
    return True


def test_on_a_full_disk_nothing_is_copied_and_what_is_deleted_makes_room(node, box, monkeypatch):
    """Full is what has less room than the longest message needs; here that is longer than any."""
    monkeypatch.setattr(voicemail_module, "ROOM", 1 << 62)
    voicemail = portal_of(node).voicemail
    first, second = box.leave(2)
    expect_unavailable(voicemail.move, box.name, [first], "Old")
    expect_unavailable(voicemail.forward, box.name, first, "203@default")
    assert box.found() == {first: "INBOX", second: "INBOX"}
    assert voicemail.remove(box.name, [second]) == {second}


@contextmanager
def no_file_longer_than(most):
    """What this process writes fails beyond so many bytes, as on a full disk (RLIMIT_FSIZE)."""
    free = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, free[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, free)


def test_a_full_disk_leaves_the_greeting_that_was_there(node, box):
    voicemail = portal_of(node).voicemail
    wav = rtp.wav_of(700, 2)
    voicemail.write_greeting(box.name, Greeting.UNAVAILABLE, rtp.wav_of(500, 1))
    with no_file_longer_than(10_000), pytest.raises(PBXUnavailable):
        voicemail.write_greeting(box.name, Greeting.UNAVAILABLE, wav)
    with voicemail.open_greeting(box.name, Greeting.UNAVAILABLE) as sound:
        assert rtp.share(rtp.samples_of(sound), 500) > 0.9
    voicemail.remove_greeting(box.name, Greeting.UNAVAILABLE)


@contextmanager
def read_only(box):
    folders = [box.path, *box.path.glob("*/")]
    for folder in folders:
        folder.chmod(0o555)
    try:
        yield
    finally:
        for folder in folders:
            folder.chmod(0o755)


def test_a_spool_that_may_not_be_written_loses_no_message(node, box):
    voicemail = portal_of(node).voicemail
    ids = box.leave(3)
    (box.path / "Old").mkdir()
    with read_only(box):
        assert voicemail.move(box.name, ids[:1], "Old") == frozenset()
        assert voicemail.remove(box.name, ids[1:]) == frozenset()
        assert {each.msg_id for each in voicemail.messages(box.name)} == set(ids)
    assert box.found() == dict.fromkeys(ids, "INBOX")
    assert voicemail.move(box.name, ids, "Old") == set(ids)


def test_a_spool_that_the_portal_may_not_write_refuses_greetings_and_pins(node, box, tmp_path):
    box.leave(1)
    with read_only(box), Worker(node, tmp_path) as worker:
        worker.begin("write", box.name, ["1"])
        assert worker.result() == ["PBXUnavailable", "PBXUnavailable"]
    with read_only(box), Worker(node, tmp_path) as worker:
        worker.begin("check", box.name, [])
        assert any("may not be written" in each for each in worker.result())
    assert not (box.path / "temp.wav").exists()
    assert not (box.path / "secret.conf").exists()
