"""The sound of messages, in every format that Asterisk writes."""

import math
import os
import wave
from array import array
from io import BytesIO
from pathlib import Path

import pytest
import soundfile

from portal.pbx.errors import Ambiguous, NotFound
from portal.pbx.sound import BadSound, as_wav, canonical
from portal.pbx.spool import Spool

OPEN = Path("/proc/self/fd")
BOX = "201@default"
ID = "1772442000-00000000"
TONE = array("h", (int(8000 * math.sin(0.3 * t)) for t in range(12_345)))
FORMATS = {
    ".wav": {"format": "WAV", "subtype": "PCM_16"},
    ".WAV": {"format": "WAV", "subtype": "GSM610"},
    ".gsm": {"format": "RAW", "subtype": "GSM610"},
    ".ulaw": {"format": "RAW", "subtype": "ULAW"},
    ".alaw": {"format": "RAW", "subtype": "ALAW"},
    ".sln": {"format": "RAW", "subtype": "PCM_16", "endian": "LITTLE"},
}


def encode(suffix, tone=TONE, rate=8000, **other):
    file = BytesIO()
    with soundfile.SoundFile(file, "w", rate, 1, **(FORMATS[suffix] | other)) as sound:
        sound.buffer_write(tone.tobytes(), "int16")
    return file.getvalue()


def decode(file):
    """What a browser hears."""
    with wave.open(file, "rb") as sound:
        assert sound.getsampwidth() == 2
        return sound.getframerate(), array("h", sound.readframes(sound.getnframes()))


def likeness(one, other):
    product = sum(a * b for a, b in zip(one, other, strict=False))
    return product / math.sqrt(sum(a * a for a in one) * sum(b * b for b in other))


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_becomes_a_wave_file_that_sounds_the_same(root, put, suffix):
    put(0, sound=suffix, data=encode(suffix))
    with Spool(root).open_sound(BOX, ID) as file:
        assert file.tell() == 0
        rate, heard = decode(file)
    assert rate == 8000
    assert 0 <= len(heard) - len(TONE) < 640  # a last block is filled up
    assert likeness(TONE, heard) > 0.98


def test_what_is_playable_already_is_given_as_it_is(root, put):
    path = put(0, data=encode(".wav"))
    path.with_suffix(".gsm").write_bytes(b"worse")
    path.with_suffix(".WAV").write_bytes(b"worse")
    with Spool(root).open_sound(BOX, ID) as file:
        assert file.read() == encode(".wav")


def test_a_wave_file_that_no_browser_plays_is_converted(root, put):
    put(0, data=encode(".wav", subtype="GSM610"))
    with Spool(root).open_sound(BOX, ID) as file:
        assert likeness(TONE, decode(file)[1]) > 0.98


def test_a_sound_goes_on_while_its_files_move_and_vanish(root, put):
    path = put(0, data=encode(".wav"))
    with Spool(root).open_sound(BOX, ID) as file:
        file.read(100)
        path.unlink()
        path.with_suffix(".wav").unlink()
        assert file.read() == encode(".wav")[100:]


def test_a_part_of_a_converted_sound_can_be_asked_for(root, put):
    put(0, sound=".gsm", data=encode(".gsm"))
    with Spool(root).open_sound(BOX, ID) as file:
        whole = file.read()
        file.seek(1000)
        assert file.read(50) == whole[1000:1050]
        assert file.seek(0, os.SEEK_END) == len(whole)


def test_a_long_converted_sound_is_whole(root, put):
    put(0, sound=".gsm", data=encode(".gsm", TONE * 300))
    with Spool(root).open_sound(BOX, ID) as file:
        assert abs(len(decode(file)[1]) - 300 * len(TONE)) < 640


@pytest.mark.parametrize("data", [b"", b"RIFF", b"hello" * 100])
@pytest.mark.parametrize("suffix", [".wav", ".WAV"])
def test_what_is_no_sound_is_not_found(root, put, suffix, data):
    put(0, sound=suffix, data=data)
    with pytest.raises(NotFound):
        Spool(root).open_sound(BOX, ID)


def test_failing_leaves_no_file_open(tmp_path):
    before = sum(1 for _ in OPEN.iterdir())
    for _time in range(20):
        (tmp_path / "x").write_bytes(b"hello" * 100)
        with pytest.raises(BadSound):
            as_wav((tmp_path / "x").open("rb"), ".WAV")
    assert sum(1 for _ in OPEN.iterdir()) <= before + 1


def test_a_message_that_is_not_there_has_no_sound(root, put):
    put(0, data=encode(".wav"))
    for mailbox, msg_id in ((BOX, "x"), ("202@default", ID), ("../x@y", ID), (BOX, "../../x")):
        with pytest.raises(NotFound):
            Spool(root).open_sound(mailbox, msg_id)


def test_of_two_with_the_same_id_none_is_played(root, put):
    put(0, msg_id="twice")
    put(1, msg_id="twice")
    with pytest.raises(Ambiguous):
        Spool(root).open_sound(BOX, "twice")


@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_what_is_no_plain_file_is_not_opened(root, put, kind):
    sound = put(0).with_suffix(".wav")
    sound.unlink()
    if kind == "link":
        (root.parent / "secret").write_bytes(encode(".wav"))
        sound.symlink_to(root.parent / "secret")
    elif kind == "pipe":
        os.mkfifo(sound)
    else:
        sound.mkdir()
    with pytest.raises(NotFound):
        Spool(root).open_sound(BOX, ID)


def greeting(rate=8000, channels=1, width=2, frames=8000):
    file = BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(width)
        sound.setframerate(rate)
        sound.writeframes(bytes(frames * channels * width))
    return file.getvalue()


def test_a_greeting_that_asterisk_plays_is_taken():
    assert canonical(greeting()) == greeting()


def test_what_stands_beside_the_sound_is_dropped():
    data = greeting()
    length = (len(data) - 8 + 12).to_bytes(4, "little")
    tagged = b"RIFF" + length + b"WAVE" + b"LIST\x04\0\0\0INFO" + data[12:]
    assert canonical(tagged) == data


@pytest.mark.parametrize(
    "wav",
    [
        b"",
        b"RIFF",
        b"text" * 100,
        greeting(rate=16000),
        greeting(channels=2),
        greeting(width=1),
        greeting(frames=0),
        greeting(frames=8000 * 301),
        greeting()[:-2],
        greeting()[:60],
        encode(".WAV"),
    ],
    ids=range(11),
)
def test_any_other_greeting_is_refused(wav):
    with pytest.raises(ValueError):
        canonical(wav)


def test_seeking_does_not_convert_again_but_another_file_is_heard(root, put, monkeypatch):
    path = put(0, sound=".gsm", data=encode(".gsm"))
    with Spool(root).open_sound(BOX, ID) as file:
        first = file.read()
    with monkeypatch.context() as patch:
        patch.setattr("portal.pbx.sound.soundfile", None)
        with Spool(root).open_sound(BOX, ID) as file:
            assert file.read() == first
    path.with_suffix(".gsm").write_bytes(encode(".gsm", TONE[:8000]))
    with Spool(root).open_sound(BOX, ID) as file:
        assert file.read() != first


def test_what_is_too_large_to_be_remembered_is_a_file(root, put, monkeypatch):
    monkeypatch.setattr("portal.pbx.sound.LARGEST", 1000)
    put(0, sound=".gsm", data=encode(".gsm"))
    with Spool(root).open_sound(BOX, ID) as file:
        assert os.fstat(file.fileno()).st_nlink == 0
        assert likeness(TONE, decode(file)[1]) > 0.98
