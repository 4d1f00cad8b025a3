"""Greetings and their drafts in the folder of a mailbox."""

import errno
import os
import resource
import threading
import wave
from contextlib import contextmanager
from io import BytesIO

import pytest

from portal.pbx.errors import NotFound, PBXRejected, PBXUnavailable
from portal.pbx.spool import Spool
from portal.pbx.types import Greeting

BOX = "201@default"


def sound(value, frames=800):
    file = BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setparams((1, 2, 8000, 0, "NONE", ""))
        wav.writeframes(bytes([value, 1]) * frames)
    return file.getvalue()


@pytest.fixture
def spool(root):
    return Spool(root)


@pytest.fixture
def box(root):
    """The mailbox's folder."""
    folder = root / "default" / "201"
    folder.mkdir(parents=True)
    return folder


def heard(spool, greeting=Greeting.BUSY):
    with spool.open_greeting(BOX, greeting) as file:
        return file.read()


@pytest.mark.parametrize("greeting", Greeting)
def test_a_greeting_is_heard_as_it_was_written(spool, box, greeting):
    spool.write_greeting(BOX, greeting, sound(1))
    assert spool.greetings(BOX) == {greeting}
    assert heard(spool, greeting) == sound(1)
    spool.write_greeting(BOX, greeting, sound(2))
    assert heard(spool, greeting) == sound(2)
    assert [file.name for file in box.iterdir()] == [f"{greeting}.wav"]
    spool.remove_greeting(BOX, greeting)
    spool.remove_greeting(BOX, greeting)
    assert spool.greetings(BOX) == frozenset()
    with pytest.raises(NotFound):
        heard(spool, greeting)


def test_a_mailbox_that_never_had_anything_can_have_a_greeting(spool):
    assert spool.greetings(BOX) == frozenset()
    spool.remove_greeting(BOX, Greeting.NAME)
    spool.write_greeting(BOX, Greeting.NAME, sound(1))
    assert spool.greetings(BOX) == {Greeting.NAME}


def test_a_greeting_in_another_format_gives_way(spool, box):
    for suffix in (".WAV", ".gsm", ".wav"):
        (box / f"busy{suffix}").write_bytes(b"old")
    assert spool.greetings(BOX) == {Greeting.BUSY}
    spool.write_greeting(BOX, Greeting.BUSY, sound(1))
    assert [file.name for file in box.iterdir()] == ["busy.wav"]


def test_a_greeting_in_another_format_is_removed_too(spool, box):
    (box / "busy.gsm").write_bytes(b"old")
    spool.remove_greeting(BOX, Greeting.BUSY)
    assert spool.greetings(BOX) == frozenset()


def test_whoever_may_use_the_mailbox_may_use_the_greeting(spool, box):
    box.chmod(0o2770)
    spool.write_greeting(BOX, Greeting.BUSY, sound(1))
    assert (box / "busy.wav").stat().st_mode & 0o777 == 0o660


def test_a_caller_hears_the_old_one_or_the_new_one(spool, box):
    spool.write_greeting(BOX, Greeting.BUSY, sound(0, 80_000))
    done = threading.Event()

    def write():
        for value in range(30):
            spool.write_greeting(BOX, Greeting.BUSY, sound(value, 80_000))
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    whole = {sound(value, 80_000) for value in range(30)}
    while not done.is_set():
        assert heard(spool) in whole
    writer.join()


@pytest.mark.parametrize("wav", [b"", b"RIFF", sound(1)[:-1]])
def test_what_is_no_greeting_changes_nothing(spool, box, wav):
    spool.write_greeting(BOX, Greeting.BUSY, sound(1))
    with pytest.raises(ValueError):
        spool.write_greeting(BOX, Greeting.BUSY, wav)
    assert heard(spool) == sound(1)


@contextmanager
def no_room():
    """Files end after 100 bytes, like on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_without_room_the_old_greeting_stays(spool, box):
    spool.write_greeting(BOX, Greeting.BUSY, sound(1))
    with no_room(), pytest.raises(PBXUnavailable):
        spool.write_greeting(BOX, Greeting.BUSY, sound(2))
    assert heard(spool) == sound(1)
    assert [file.name for file in box.iterdir()] == ["busy.wav"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EDQUOT])
@pytest.mark.parametrize("call", ["fchmod", "fsync", "replace"])
def test_a_spool_that_takes_nothing_is_told(spool, box, monkeypatch, number, call):
    spool.write_greeting(BOX, Greeting.BUSY, sound(1))

    def fail(*_args):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(PBXUnavailable, match=os.strerror(number)):
        spool.write_greeting(BOX, Greeting.BUSY, sound(2))
    assert heard(spool) == sound(1)
    assert [file.name for file in box.iterdir()] == ["busy.wav"]


def test_a_spool_that_is_away_is_told(root):
    away = Spool(root / "nowhere")
    for action in (
        lambda: away.greetings(BOX),
        lambda: away.open_greeting(BOX, Greeting.BUSY),
        lambda: away.write_greeting(BOX, Greeting.BUSY, sound(1)),
        lambda: away.remove_greeting(BOX, Greeting.BUSY),
        lambda: away.write_pin(BOX, "1234"),
    ):
        with pytest.raises(PBXUnavailable):
            action()
    assert not (root / "nowhere").exists()


@pytest.mark.parametrize("mailbox", ["", "201", "../x@default", "201@..", "/etc@x", "a\n@b"])
def test_no_mailbox_leads_out_of_the_spool(spool, root, mailbox):
    with pytest.raises(NotFound):
        spool.write_greeting(mailbox, Greeting.BUSY, sound(1))
    with pytest.raises(NotFound):
        spool.open_greeting(mailbox, Greeting.BUSY)
    assert spool.greetings(mailbox) == frozenset()
    assert list(root.iterdir()) == []


@pytest.mark.parametrize("level", ["context", "box"])
def test_a_link_that_leads_outside_is_not_followed(spool, root, box, level):
    folder = box if level == "box" else box.parent
    outside = root.parent / "outside"
    folder.rename(outside)
    folder.symlink_to(outside)
    for action in (spool.write_greeting, spool.write_draft):
        with pytest.raises(PBXRejected):
            action(BOX, Greeting.BUSY, sound(1))
    assert not list(outside.rglob("*.wav"))


def test_a_greeting_that_is_a_link_is_not_followed(spool, root, box):
    secret = root.parent / "secret.wav"
    secret.write_bytes(sound(9))
    (box / "busy.wav").symlink_to(secret)
    assert spool.greetings(BOX) == frozenset()
    with pytest.raises(NotFound):
        heard(spool)
    spool.write_greeting(BOX, Greeting.BUSY, sound(1))
    assert secret.read_bytes() == sound(9)
    assert heard(spool) == sound(1)


def test_a_draft_is_no_greeting(spool, box):
    spool.write_draft(BOX, Greeting.BUSY, sound(1))
    assert spool.greetings(BOX) == frozenset()
    with spool.open_draft(BOX, Greeting.BUSY) as file:
        assert file.read() == sound(1)
    with pytest.raises(NotFound):
        spool.open_draft(BOX, Greeting.NAME)
    spool.remove_draft(BOX, Greeting.BUSY)
    spool.remove_draft(BOX, Greeting.BUSY)
    with pytest.raises(NotFound):
        spool.open_draft(BOX, Greeting.BUSY)


def test_a_draft_that_is_still_being_recorded_is_not_there_yet(spool, box):
    """Asterisk writes lengths of zero first, and the right ones when it has finished."""
    whole = sound(1)
    for length in (0, 44, 100, len(whole)):
        begun = whole[:4] + bytes(4) + whole[8:40] + bytes(4) + whole[44:]
        (box / "webfon-draft-busy.wav").write_bytes(begun[:length])
        with pytest.raises(NotFound):
            spool.open_draft(BOX, Greeting.BUSY)
    (box / "webfon-draft-busy.wav").write_bytes(whole)
    spool.open_draft(BOX, Greeting.BUSY).close()


def test_a_pin_is_written_where_asterisk_reads_it(spool, box):
    spool.write_pin(BOX, "4711")
    spool.write_pin(BOX, "0815")
    assert (box / "secret.conf").read_text() == "[general]\npassword=0815\n"


@pytest.mark.parametrize("pin", ["", "12a4", "1\n2", "1" * 21, "١٢٣٤"])
def test_a_pin_is_digits(spool, box, pin):
    with pytest.raises(ValueError):
        spool.write_pin(BOX, pin)
    assert list(box.iterdir()) == []
