"""What a reader of the spool remembers, and when it looks again."""

import os
import threading
import time

import pytest

from portal.pbx.shelf import Shelf
from portal.pbx.spool import Spool, reader
from tests.deadlines import SLACK

BOX = "201@default"


@pytest.fixture
def spool(root):
    return Spool(root)


@pytest.fixture
def local_clock(monkeypatch):
    """The spool's clock is ours, so that what is a tick old is old enough."""
    monkeypatch.setattr("portal.pbx.spool.folder.COARSEST_NS", 0)
    return lambda: time.sleep(0.02)


@pytest.fixture
def opened(monkeypatch):
    """The names of all files that were opened."""
    names, open_file = [], os.open

    def note(path, *args, **kwargs):
        names.append(str(path))
        return open_file(path, *args, **kwargs)

    monkeypatch.setattr("portal.pbx.spool.folder.os.open", note)
    return names


def test_what_did_not_change_is_not_read_again(spool, put, local_clock, opened):
    for number in range(30):
        put(number)
    local_clock()
    first = spool.messages(BOX)
    assert any(name.endswith(".txt") for name in opened)
    opened.clear()
    assert spool.messages(BOX) is first
    assert spool.count_new(BOX) == 30
    assert opened == []


def test_a_change_is_seen_at_once_and_only_what_is_new_is_read(spool, put, local_clock, opened):
    for number in range(30):
        put(number)
    local_clock()
    assert len(spool.messages(BOX)) == 30
    opened.clear()
    put(30)
    assert len(spool.messages(BOX)) == 31
    assert {name for name in opened if name.endswith(".txt")} == {"msg0030.txt"}


def test_new_numbers_make_nothing_be_read_again(spool, put, local_clock, opened):
    for number in range(10):
        put(number)
    local_clock()
    before = spool.messages(BOX)
    opened.clear()
    folder = put(0).parent
    for number in range(1, 10):
        for suffix in (".wav", ".txt"):
            old = folder / f"msg{number:04d}{suffix}"
            old.rename(folder / f"msg{number - 1:04d}{suffix}")
    assert set(spool.messages(BOX)) < set(before)
    assert not [name for name in opened if name.endswith(".txt")]


def test_what_changed_just_now_is_not_trusted(spool, put, opened):
    put(0)
    assert len(spool.messages(BOX)) == 1
    opened.clear()
    assert len(spool.messages(BOX)) == 1
    assert any(name.endswith("INBOX") for name in opened)


def test_a_text_that_is_filled_in_later_is_seen(spool, put, local_clock):
    put(0)
    half = put(1)
    whole = half.read_text()
    half.write_text(whole[:40])
    local_clock()
    assert len(spool.messages(BOX)) == 1
    half.write_text(whole)
    assert len(spool.messages(BOX)) == 2


def test_a_folder_that_is_made_later_is_seen(spool, put, local_clock):
    put(0)
    local_clock()
    assert len(spool.messages(BOX)) == 1
    put(1, "Work")
    assert len(spool.messages(BOX)) == 2


def test_a_mailbox_that_is_put_back_from_a_backup_is_seen(spool, root, put, local_clock):
    """With its old times, and its old name."""
    path = put(0)
    inbox = path.parent
    os.utime(inbox, (1e9, 1e9))
    local_clock()
    assert len(spool.messages(BOX)) == 1
    inbox.rename(root / "backup")
    assert spool.messages(BOX) == ()
    put(0)
    put(1)
    os.utime(inbox, (1e9, 1e9))
    assert len(spool.messages(BOX)) == 2


def test_after_a_minute_it_looks_again_whatever_the_clocks_say(
    spool, put, local_clock, opened, monkeypatch
):
    monkeypatch.setattr("portal.pbx.spool.folder.OLDEST_SECONDS", 0.0)
    put(0)
    local_clock()
    spool.messages(BOX)
    opened.clear()
    spool.messages(BOX)
    assert any(name.endswith("INBOX") for name in opened)


def test_while_somebody_holds_the_lock_it_waits_but_not_for_ever(spool, put, monkeypatch):
    lock = put(0).parent / ".lock"
    lock.touch()
    monkeypatch.setattr(reader, "PATIENCE", 0.2)
    began = time.monotonic()
    assert len(spool.messages(BOX)) == 1
    assert 0.2 <= time.monotonic() - began < SLACK


def test_a_lock_that_was_left_behind_holds_nobody_up(spool, put, monkeypatch):
    (put(0).parent / ".lock").touch()
    monkeypatch.setattr("portal.pbx.spool.folder.STALE_LOCK_NS", 0)
    monkeypatch.setattr(reader, "PATIENCE", 10.0)
    began = time.monotonic()
    assert len(spool.messages(BOX)) == 1
    assert time.monotonic() - began < SLACK


def test_a_shelf_forgets_what_was_used_longest_ago():
    shelf = Shelf(10, len)
    for key in "abc":
        shelf.put(key, "xxx")
    assert shelf.get("a") == "xxx"
    shelf.put("d", "xxx")
    assert [key for key in "abcd" if shelf.get(key)] == ["a", "c", "d"]
    shelf.put("d", "x" * 11)
    assert shelf.weight <= 10
    assert shelf.get("d") is None


def test_a_message_on_its_way_to_another_folder_is_not_there_twice(spool, root, put):
    """Asterisk copies it first."""
    path = put(0)
    put(1, "Old")
    arrived, seen, done = root / "default/201/Old/msg0000", [], threading.Event()

    def read():
        while not done.is_set():
            seen.append([message.folder for message in spool.messages(BOX)])

    reading = threading.Thread(target=read)
    reading.start()
    while not seen:
        time.sleep(0.01)
    for suffix in (".wav", ".txt"):
        arrived.with_suffix(suffix).write_bytes(path.with_suffix(suffix).read_bytes())
    time.sleep(0.1)
    for suffix in (".txt", ".wav"):
        path.with_suffix(suffix).unlink()
    time.sleep(0.1)
    done.set()
    reading.join()
    assert sorted(set(map(tuple, seen))) == [("INBOX", "Old"), ("Old", "Old")]


def test_a_spool_whose_clock_is_ahead_holds_nobody_up(spool, put, monkeypatch):
    monkeypatch.setattr(reader, "PATIENCE", 10.0)
    inbox = put(0).parent
    ahead = time.time() + 3600
    os.utime(inbox, (ahead, ahead))
    began = time.monotonic()
    assert [len(spool.messages(BOX)) for _ in range(5)] == [1] * 5
    assert time.monotonic() - began < SLACK
    put(1)
    os.utime(inbox, (ahead, ahead))
    assert len(spool.messages(BOX)) == 2
