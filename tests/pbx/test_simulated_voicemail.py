"""Mailboxes and telephones of the simulated telephone system."""

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from portal.pbx.errors import InUse, PBXRejected, PBXUnavailable
from portal.pbx.simulated import mailbox
from portal.pbx.simulated.backend import build, build_nodes, spool_of
from portal.pbx.simulated.deposit import leave_message
from portal.pbx.simulated.faults import Mode
from portal.pbx.types import UP, Greeting, News, NodeEvent

NODE = "centralita"
BOX = "201@default"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "simulated"


@pytest.fixture
def system(folder):
    return build(folder, timeout=0.1)


@pytest.fixture
def voicemail(system):
    return system.voicemail


@pytest.fixture
def node(folder):
    return build_nodes(folder, timeout=0.1)[NODE]


@pytest.fixture
def leave(folder):
    """Leaves a message and gives its id."""

    def leave(box=BOX, **other):
        at = datetime(2026, 3, 2, 9, tzinfo=UTC)
        given = {"number": "202", "caller": '"Berta" <202>', "at": at, "seconds": 1} | other
        return leave_message(spool_of(folder), box, **given)

    return leave


def held(voicemail):
    return sorted((message.msg_id, message.folder) for message in voicemail.messages(BOX))


@pytest.mark.parametrize("suffix", [".wav", ".WAV"])
def test_a_message_can_be_heard_in_whichever_format_it_was_left(voicemail, leave, suffix):
    msg_id = leave(suffix=suffix, seconds=3)
    with voicemail.open_sound(BOX, msg_id) as file:
        assert abs(len(file.read()) - 44 - 3 * 16_000) < 1280
    voicemail.move(BOX, [msg_id], "Work")
    voicemail.open_sound(BOX, msg_id).close()


def test_a_full_folder_takes_no_more(voicemail, leave, monkeypatch):
    monkeypatch.setattr(mailbox, "MOST_MESSAGES", 2)
    first, second = leave(), leave()
    assert leave() == ""
    old = leave(folder="Old")
    assert voicemail.move(BOX, [first, second], "Old") == {first}
    other = leave("202@default")
    leave("202@default")
    with pytest.raises(PBXRejected):
        voicemail.forward(BOX, second, "202@default")
    assert held(voicemail) == sorted([(first, "Old"), (second, "INBOX"), (old, "Old")])
    assert other in {message.msg_id for message in voicemail.messages("202@default")}


def test_numbers_have_no_gaps_after_a_change(voicemail, leave, folder):
    ids = [leave() for _ in range(5)]
    voicemail.move(BOX, [ids[0], ids[2]], "Old")
    for name, count in (("INBOX", 3), ("Old", 2)):
        files = {file.name for file in (spool_of(folder) / "default/201" / name).iterdir()}
        assert files == {f"msg{n:04d}{s}" for n in range(count) for s in (".txt", ".wav")}


@pytest.mark.parametrize(
    ("mode", "error", "is_done"),
    [
        (Mode.AWAY, PBXUnavailable, False),
        (Mode.REJECTING, PBXRejected, False),
        (Mode.FROZEN, PBXUnavailable, True),
    ],
)
def test_changes_meet_the_faults_of_the_node(voicemail, leave, node, mode, error, is_done):
    msg_id = leave()
    node.faults.set(mode)
    with pytest.raises(error):
        voicemail.move(BOX, [msg_id], "Old")
    assert held(voicemail) == [(msg_id, "Old" if is_done else "INBOX")]
    with pytest.raises(error):
        voicemail.set_pin(BOX, "1234")


def test_any_node_that_works_will_do(folder, leave):
    two = build(folder, nodes=("madrid", "reserva"), timeout=0.1)
    nodes = build_nodes(folder, nodes=("madrid", "reserva"))
    msg_id = leave()
    nodes["madrid"].faults.set(Mode.AWAY)
    assert two.voicemail.move(BOX, [msg_id], "Old") == {msg_id}


def test_a_telephone_at_any_node_keeps_the_mailbox_to_itself(folder, leave):
    two = build(folder, nodes=("madrid", "reserva"), timeout=0.1)
    reserve = build_nodes(folder, nodes=("madrid", "reserva"))["reserva"]
    msg_id = leave()
    with reserve.telephones.listen(two.voicemail.spool, BOX), pytest.raises(InUse):
        two.voicemail.remove(BOX, [msg_id])


def test_what_is_done_at_a_telephone_is_done_when_it_hangs_up(voicemail, leave, node):
    heard, deleted, kept, both, old = leave(), leave(), leave(), leave(), leave(folder="Old")
    with node.telephones.listen(voicemail.spool, BOX) as telephone:
        assert {message.msg_id for message in telephone.messages} == {
            heard, deleted, kept, both, old,
        }  # fmt: skip
        for msg_id in (heard, both, old):
            telephone.hear(msg_id)
        for msg_id in (deleted, both):
            telephone.delete(msg_id)
        assert len(voicemail.messages(BOX)) == 5
    assert held(voicemail) == sorted([(heard, "Old"), (kept, "INBOX"), (old, "Old")])
    assert voicemail.remove(BOX, [kept]) == {kept}


def test_a_crash_ends_what_telephones_were_doing(voicemail, leave, node):
    msg_id = leave()
    with node.telephones.listen(voicemail.spool, BOX) as telephone:
        telephone.delete(msg_id)
        node.crash()
        assert voicemail.move(BOX, [msg_id], "Old") == {msg_id}
    assert held(voicemail) == [(msg_id, "Old")]


CHANGES = {
    "move": lambda voicemail, ids: voicemail.move(BOX, [ids[1]], "Work"),
    "remove": lambda voicemail, ids: voicemail.remove(BOX, [ids[1]]),
    "forward": lambda voicemail, ids: voicemail.forward(BOX, ids[1], "202@default"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_killed_at_any_step_a_change_loses_no_message(folder, leave, monkeypatch, name):
    monkeypatch.setattr("portal.pbx.spool.reader.PATIENCE", 0.01)
    steps = 0
    while True:
        steps += 1
        voicemail = build(folder, timeout=1).voicemail
        for box in (BOX, "202@default"):
            voicemail.remove(box, [message.msg_id for message in voicemail.messages(box)])
        ids = [leave() for _ in range(4)]
        if not was_killed_at(steps, lambda v=voicemail, i=ids: CHANGES[name](v, i)):
            break
        kept = {*ids} - {ids[1]} if name == "remove" else {*ids}
        assert kept <= {message.msg_id for message in voicemail.messages(BOX)}
        voicemail.remove(BOX, ["x"])  # the next change mends
        voicemail.remove("202@default", ["x"])
        after = [message.msg_id for message in voicemail.messages(BOX)]
        assert len(set(after)) == len(after)
        assert kept <= set(after)
        files = [file.name for file in (spool_of(folder) / "default/201/INBOX").iterdir()]
        assert max(files).startswith(f"msg{len(files) // 2 - 1:04d}")
        for box in (BOX, "202@default"):
            for message in voicemail.messages(box):
                voicemail.open_sound(box, message.msg_id).close()
    assert steps > 3


def was_killed_at(step, change):
    """Do it in a child that is killed before its so manieth step; whether it got there."""
    child = os.fork()
    if child == 0:
        count = [0]

        def counting(call):
            def wrapped(*args, **kwargs):
                count[0] += 1
                if count[0] == step:
                    os.kill(os.getpid(), signal.SIGKILL)
                return call(*args, **kwargs)

            return wrapped

        for name in ("link", "unlink", "rename", "utime"):
            setattr(os, name, counting(getattr(os, name)))
        try:
            change()
        finally:
            os._exit(0)
    _pid, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


@pytest.fixture
def events(system):
    """What the monitor tells, with when, until the test is over."""
    seen, stop = [], threading.Event()

    def watch():
        seen.extend((event, time.monotonic()) for event in system.monitor.watch(NODE, stop))

    watcher = threading.Thread(target=watch)
    watcher.start()
    wait_until(lambda: seen)
    yield seen
    stop.set()
    watcher.join(5)


def wait_until(condition, seconds=5):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_message_that_another_process_left_is_news_within_a_second(folder, events):
    script = (
        "import sys, time\n"
        "from datetime import UTC, datetime\n"
        "from pathlib import Path\n"
        "from portal.pbx.simulated.deposit import leave_message\n"
        "leave_message(Path(sys.argv[1]), '203@default', number='', caller='', seconds=1,\n"
        "              at=datetime.now(UTC))\n"
        "print(time.monotonic())\n"
    )
    command = [sys.executable, "-c", script, str(spool_of(folder))]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=root)
    wait_until(lambda: len(events) > 1)
    assert [event for event, _at in events[:2]] == [UP, NodeEvent(News.MAILBOX, "203@default")]
    assert events[1][1] - float(done.stdout) < 1


def test_nothing_is_news_while_the_node_is_away(leave, node, events):
    node.faults.set(Mode.AWAY)
    wait_until(lambda: len(events) == 2)
    leave()
    time.sleep(0.5)
    node.faults.set(Mode.NORMAL)
    wait_until(lambda: len(events) == 3)
    assert [event.news for event, _at in events] == [News.UP, News.DOWN, News.UP]


def test_reading_and_greetings_are_no_news(voicemail, leave, events, system):
    msg_id = leave()
    wait_until(lambda: len(events) > 1)
    time.sleep(0.5)
    events.clear()
    voicemail.messages(BOX)
    voicemail.open_sound(BOX, msg_id).close()
    system.dialer.recording = 0.0
    system.dialer.record_greeting("201", BOX, Greeting.NAME)
    time.sleep(0.6)
    assert events == []


def test_what_is_recorded_at_a_telephone_is_a_draft_a_moment_later(system, voicemail, node):
    system.dialer.recording = 0.05
    system.dialer.record_greeting("201", BOX, Greeting.BUSY)
    wait_until(lambda: list(voicemail.spool.root.rglob("webfon-draft-busy.wav")))
    with voicemail.open_draft(BOX, Greeting.BUSY) as file:
        draft = file.read()
    assert voicemail.greetings(BOX) == frozenset()
    voicemail.write_greeting(BOX, Greeting.BUSY, draft)
    voicemail.remove_draft(BOX, Greeting.BUSY)
    with voicemail.open_greeting(BOX, Greeting.BUSY) as file:
        assert file.read() == draft
    note = {"what": "record_greeting", "subscriber": "201", "mailbox": BOX, "greeting": "busy"}
    assert node.telephones.notes() == [note]


def test_a_message_that_is_played_stays_as_it_was(system, voicemail, leave, node):
    msg_id = leave()
    system.dialer.play_message("201", BOX, msg_id)
    assert held(voicemail) == [(msg_id, "INBOX")]
    note = {"what": "play_message", "subscriber": "201", "mailbox": BOX, "msg_id": msg_id}
    assert node.telephones.notes() == [note]


def test_a_pin_is_kept_where_asterisk_keeps_it(voicemail, folder):
    voicemail.set_pin(BOX, "4711")
    secret = spool_of(folder) / "default" / "201" / "secret.conf"
    assert secret.read_text() == "[general]\npassword=4711\n"
