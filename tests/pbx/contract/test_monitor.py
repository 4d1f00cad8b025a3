"""What the link may count on when it watches a node, whatever the back end."""

import threading
import time
from contextlib import suppress
from queue import Empty, Queue

import pytest
from django.db import connections

from portal.pbx.errors import PBXUnavailable
from portal.pbx.types import DOWN, UP, News, NodeEvent
from tests.deadlines import SLACK
from tests.pbx.contract.conftest import NODE


class Watcher:
    """Watches in a thread, as the link does."""

    def __init__(self, backend):
        self.stop = threading.Event()
        self.events = Queue()
        self.thread = threading.Thread(target=self._run, args=(backend.pbx.monitor,), daemon=True)
        self.thread.start()

    def _run(self, monitor):
        for event in monitor.watch(NODE, self.stop):
            self.events.put(event)
        connections.close_all()

    def next(self, seconds=12):
        return self.events.get(timeout=seconds)

    def end(self):
        self.stop.set()
        self.thread.join(1.5)
        return not self.thread.is_alive()


@pytest.fixture
def watcher(backend):
    watcher = Watcher(backend)
    yield watcher
    watcher.end()


def test_a_node_that_works_is_up_once(watcher):
    assert watcher.next() is UP
    with pytest.raises(Empty):
        watcher.next(seconds=0.6)


def test_a_crash_and_a_restart_are_down_and_up(backend, watcher):
    assert watcher.next() is UP
    backend.go_away()
    assert watcher.next() is DOWN
    backend.come_back()
    assert watcher.next() is UP


def test_a_node_that_freezes_is_down(backend, watcher):
    assert watcher.next() is UP
    backend.freeze()
    assert watcher.next() is DOWN
    backend.come_back()
    assert watcher.next() is UP


def test_after_an_up_the_node_can_be_asked_at_once(backend, watcher):
    assert watcher.next() is UP
    backend.go_away()
    assert watcher.next() is DOWN
    with pytest.raises(PBXUnavailable):
        backend.pbx.forwarding.read(NODE, ["201"])
    backend.come_back()
    assert watcher.next() is UP
    assert backend.pbx.forwarding.read(NODE, ["298"]) == {"298": None}


def test_watching_ends_within_a_second_of_stop(watcher):
    assert watcher.next() is UP
    start = time.monotonic()
    assert watcher.end()
    assert time.monotonic() - start < 1 + SLACK


def test_watching_a_node_that_is_away_ends_within_a_second_of_stop(backend):
    backend.go_away()
    watcher = Watcher(backend)
    time.sleep(0.5)
    start = time.monotonic()
    assert watcher.end()
    assert time.monotonic() - start < 1 + SLACK


def test_what_happens_in_a_mailbox_is_told_within_a_second(voicemail, watcher, box, other, leave):
    msg_id = leave()
    assert watcher.next() is UP
    for change in (
        lambda: voicemail.move(box, [msg_id], "Old"),
        lambda: voicemail.move(box, [msg_id], "INBOX"),
        lambda: voicemail.remove(box, [msg_id]),
    ):
        change()
        assert told(watcher, box)


def told(watcher, mailbox):
    """Whether there is news of this mailbox; then waits until there is none any more."""
    changed = NodeEvent(News.MAILBOX, mailbox)
    seen = [watcher.next(seconds=1)]
    with suppress(Empty):
        while True:
            seen.append(watcher.next(seconds=0.5))
    return changed in seen
