"""Reading a mailbox while another process changes it: every answer was true at some moment."""

import itertools
import os
import random
import subprocess
import sys
import threading
import time
from bisect import bisect_left, bisect_right
from pathlib import Path

import pytest

from portal.pbx.errors import NotFound
from portal.pbx.spool import Spool

SECONDS = 2.5
TEXT = "[message]\ncallerid=<201>\norigtime={id}\nmsg_id={id}\nduration=1\n"
WAV = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x40\x1f\0\0\x80\x3e\0\0\2\0\x10\0data"
FOLDERS = ("INBOX", "Old", "Work")


class Writer:
    """Changes a mailbox as app_voicemail does, file by file under the lock, and writes a diary."""

    def __init__(self, box, chance):
        self.box = box
        self.chance = chance
        self.ids = itertools.count(1000)
        self.state = {folder: [] for folder in FOLDERS}
        for folder in FOLDERS:
            (box / folder).mkdir(parents=True, exist_ok=True)

    def run(self, seconds):
        """Each line: when the change began and ended, and what the mailbox held afterwards."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            begun = time.monotonic()
            self.change()
            held = " ".join(f"{f}/{i}" for f, ids in self.state.items() for i in ids)
            print(begun, time.monotonic(), held, flush=True)
            time.sleep(self.chance.choice((0, 0.001, 0.01, 0.03)))

    def change(self):
        full = [folder for folder in FOLDERS if self.state[folder]]
        what = self.chance.choice(("deposit", "remove", "move"))
        count = sum(map(len, self.state.values()))
        if (what == "deposit" and count < 25) or not full:
            self.deposit()
        elif what == "move":
            self.move(self.chance.choice(full), self.chance.choice(FOLDERS))
        else:
            self.remove(self.chance.choice(full))

    def deposit(self):
        folder, msg_id = self.chance.choice(FOLDERS[:2]), str(next(self.ids))
        beside = self.box / "tmp"
        beside.with_suffix(".wav").write_bytes(WAV + msg_id.encode())
        beside.with_suffix(".txt").write_text(TEXT.format(id=msg_id))
        with_lock = self.lock(folder)
        self.rename(beside, self.stem(folder, len(self.state[folder])))
        self.unlock(with_lock)
        self.state[folder].append(msg_id)

    def remove(self, folder):
        number = self.chance.randrange(len(self.state[folder]))
        lock = self.lock(folder)
        for suffix in (".txt", ".wav"):
            self.stem(folder, number).with_suffix(suffix).unlink()
        self.close_gap(folder, number)
        self.unlock(lock)

    def move(self, folder, target):
        if folder == target:
            return
        number = self.chance.randrange(len(self.state[folder]))
        locks = self.lock(folder), self.lock(target)
        self.rename(self.stem(folder, number), self.stem(target, len(self.state[target])))
        self.state[target].append(self.state[folder][number])
        self.close_gap(folder, number)
        for lock in locks:
            self.unlock(lock)

    def close_gap(self, folder, gap):
        for number in range(gap + 1, len(self.state[folder])):
            self.rename(self.stem(folder, number), self.stem(folder, number - 1))
        del self.state[folder][gap]

    def rename(self, old, new):
        for suffix in (".wav", ".txt"):
            old.with_suffix(suffix).rename(new.with_suffix(suffix))

    def stem(self, folder, number):
        return self.box / folder / f"msg{number:04d}"

    def lock(self, folder):
        lock = self.box / folder / ".lock"
        lock.touch()
        return lock

    def unlock(self, lock):
        lock.unlink()


class Diary:
    """What another process wrote into its diary."""

    def __init__(self, lines):
        entries = [line.split(" ", 2) for line in lines]
        self.begun = [float(begun) for begun, _ended, _held in entries]
        self.ended = [float(ended) for _begun, ended, _held in entries]
        self.states = [frozenset(held.split()) for _begun, _ended, held in entries]

    def could_see(self, begin, end):
        """The states of which at least one moment lay between these two."""
        first = max(bisect_left(self.ended, begin) - 1, 0)
        last = bisect_right(self.begun, end)
        before_all = {frozenset()} if begin <= self.ended[0] else set()
        return before_all | set(self.states[first:last])


@pytest.fixture
def diary_of(tmp_path):
    """Runs a writer in a process of its own, and something in threads beside it."""

    def run(seed, reader, readers=3):
        box = tmp_path / "voicemail" / "default" / "201"
        box.mkdir(parents=True)
        command = [sys.executable, __file__, str(box), str(seed)]
        writer = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=_environment())
        spool = Spool(tmp_path / "voicemail")
        done = threading.Event()
        threads = [threading.Thread(target=reader, args=(spool, done)) for _ in range(readers)]
        for thread in threads:
            thread.start()
        lines = list(writer.stdout)
        done.set()
        for thread in threads:
            thread.join()
        assert writer.wait() == 0
        assert len(lines) > 50
        return Diary(lines)

    return run


def _environment():
    return os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}


@pytest.mark.parametrize("seed", [1, 2])
def test_every_list_and_count_was_true_while_it_was_read(diary_of, seed):
    lists, counts = [], []

    def read(spool, done):
        while not done.is_set():
            times = [time.monotonic()]
            found = spool.messages("201@default")
            times.append(time.monotonic())
            count = spool.count_new("201@default")
            times.append(time.monotonic())
            held = [f"{message.folder}/{message.msg_id}" for message in found]
            lists.append((times[0], times[1], held))
            counts.append((times[1], times[2], count))
            time.sleep(0.002)

    diary = diary_of(seed, read)
    assert len(lists) > 200
    for begin, end, held in lists:
        assert len(set(held)) == len(held)
        assert frozenset(held) in diary.could_see(begin, end)
    for begin, end, count in counts:
        states = diary.could_see(begin, end)
        assert count in {sum(each.startswith("INBOX/") for each in state) for state in states}


def test_a_sound_is_always_that_of_its_message(diary_of):
    heard = []

    def listen(spool, done):
        while not done.is_set():
            for message in spool.messages("201@default"):
                begin = time.monotonic()
                try:
                    with spool.open_sound("201@default", message.msg_id) as sound:
                        heard.append((message.msg_id, sound.read().decode("latin-1")))
                except NotFound:
                    heard.append((message.msg_id, begin, time.monotonic()))

    diary = diary_of(3, listen, readers=2)
    sounds = [each for each in heard if len(each) == 2]
    assert len(sounds) > 100
    assert all(sound.endswith(msg_id) for msg_id, sound in sounds)
    for msg_id, begin, end in (each for each in heard if len(each) == 3):
        states = diary.could_see(begin, end)
        assert any(msg_id not in {name.split("/")[1] for name in state} for state in states)


if __name__ == "__main__":
    Writer(Path(sys.argv[1]), random.Random(int(sys.argv[2]))).run(SECONDS)
