"""Sound as Asterisk keeps it, for browsers: WAV with 16-bit PCM, converted where it is not.

soundfile (libsndfile) knows every format that app_voicemail is commonly told to write.
"""

import os
import wave
from io import BytesIO
from tempfile import TemporaryFile
from typing import BinaryIO

import soundfile

from portal.pbx.shelf import Shelf

RATE = 8000
"""Samples a second of everything that has no header of its own."""

RAW = {".gsm": "GSM610", ".ulaw": "ULAW", ".alaw": "ALAW", ".sln": "PCM_16"}
"""Files without a header: libsndfile's name of what is in them, one channel of 8,000 Hz."""

SUFFIXES = (".wav", ".WAV", *RAW)
"""Asterisk's formats ``wav``, ``wav49`` and the raw ones, in the order of preference."""

HEADER = 44
"""Bytes of the header that Asterisk writes before PCM."""

BLOCK = 64 * 1024
MEMORY = 16 * 1024 * 1024
"""Bytes of converted sounds that a process remembers, for listeners who seek."""

LARGEST = MEMORY // 4
"""What becomes larger than this is converted into a file, each time anew."""

LONGEST_GREETING = 300
"""Seconds."""


_converted: Shelf[tuple[int, ...], bytes] = Shelf(MEMORY, len)
"""By the identity of the file that it was."""


class BadSound(ValueError):
    """The file holds no sound that can be read."""


def as_wav(file: BinaryIO, suffix: str) -> BinaryIO:
    """The sound as a WAV file that every browser plays, at its beginning.

    ``file`` itself where it is one already; else it is closed. Raises ``BadSound``.
    """
    if suffix == ".wav" and _is_pcm(file):
        return file
    with file:
        try:
            return _convert(file, suffix)
        except (soundfile.LibsndfileError, wave.Error, OSError) as error:
            raise BadSound(f"a {suffix} file that is no sound: {error}") from error


def canonical(wav: bytes) -> bytes:
    """A greeting with the plainest header: WAV, 8,000 Hz, 16 bits, mono, some sound in it.

    Raises ``ValueError`` for another format, and for a file that is shorter than it says.
    """
    try:
        with wave.open(BytesIO(wav)) as sound:
            shape = sound.getnchannels(), sound.getsampwidth(), sound.getframerate()
            length, samples = sound.getnframes(), sound.readframes(sound.getnframes())
    except (wave.Error, EOFError) as error:
        raise ValueError(f"no WAV file: {error}") from error
    if shape != (1, 2, RATE):
        raise ValueError(f"channels, bytes and rate are {shape}, not {(1, 2, RATE)}")
    if not 0 < length <= LONGEST_GREETING * RATE or len(samples) != 2 * length:
        raise ValueError(f"{length} samples, of which {len(samples) // 2} are there")
    return _wav(samples)


def _wav(samples: bytes) -> bytes:
    file = BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setparams((1, 2, RATE, 0, "NONE", ""))
        sound.writeframes(samples)
    return file.getvalue()


def _is_pcm(file: BinaryIO) -> bool:
    """Whether this is the header that Asterisk's ``format=wav`` writes, up to the rate."""
    head = file.read(HEADER)
    file.seek(0)
    is_riff = head[:4] == b"RIFF" and head[8:16] == b"WAVEfmt "
    return len(head) == HEADER and is_riff and head[20:22] == b"\1\0" and head[34:36] == b"\x10\0"


def _convert(file: BinaryIO, suffix: str) -> BinaryIO:
    facts = os.fstat(file.fileno())
    key = (facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns)
    if known := _converted.get(key):
        return BytesIO(known)
    with _decoder(file, suffix) as sound:
        is_large = 2 * sound.channels * sound.frames > LARGEST
        result = TemporaryFile() if is_large else BytesIO()  # noqa: SIM115 - the caller closes it
        with wave.open(result, "wb") as wav:
            wav.setparams((sound.channels, 2, sound.samplerate, 0, "NONE", ""))
            block = bytearray(2 * sound.channels * BLOCK)
            while frames := sound.buffer_read_into(block, dtype="int16"):
                wav.writeframes(memoryview(block)[: 2 * sound.channels * frames])
    if isinstance(result, BytesIO):
        _converted.put(key, result.getvalue())
    result.seek(0)
    return result


def _decoder(file: BinaryIO, suffix: str) -> soundfile.SoundFile:
    raw = RAW.get(suffix)
    shape = (
        {"samplerate": RATE, "channels": 1, "format": "RAW", "subtype": raw, "endian": "LITTLE"}
        if raw
        else {}
    )
    number = os.dup(file.fileno())
    os.lseek(number, 0, os.SEEK_SET)
    return soundfile.SoundFile(number, closefd=True, **shape)
