"""From the sound files that people have to the one that a telephone system plays. Pure."""

import wave
from collections.abc import Iterator
from io import BytesIO
from typing import BinaryIO

import numpy as np
import soundfile
import soxr
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from portal.uploads import MOST_BYTES

RATE = 8000
SHORTEST, LONGEST = 1, 180
MOST_CHANNELS, HIGHEST_RATE = 8, 192_000
BLOCK = 65_536
SILENT, QUIET, FULL = 0.002, 0.25, 0.95
MOST_GAIN = 8.0
"""Peaks as parts of full scale: below the first nothing can be heard, below the second it is
made louder, above the third softer."""

Samples = np.ndarray[tuple[int], np.dtype[np.float32]]


def convert(file: BinaryIO) -> bytes:
    """A sound file as WAV, 8,000 Hz, 16 bits, mono, loud enough and without clipping.

    Reads block by block and believes nothing of what the header says about its length. Raises
    ``ValidationError`` with a message for the person who chose the file.
    """
    _check_size(file)
    _check_wav_length(file)
    try:
        with soundfile.SoundFile(file) as sound:
            samples = _samples(sound)
    except soundfile.LibsndfileError as error:
        raise ValidationError(_not_readable()) from error
    return _wav(_levelled(samples))


def _not_readable() -> str:
    return _("El archivo no es un sonido que se pueda leer. Prueba con WAV, MP3, OGG o FLAC.")


def _check_size(file: BinaryIO) -> None:
    size = file.seek(0, 2)
    file.seek(0)
    if size > MOST_BYTES:
        raise ValidationError(_("El archivo pasa de 10 MB."))
    if not size:
        raise ValidationError(_("El archivo está vacío."))


UNKNOWN_LENGTHS = (0, 0x7FFFFFFF, 0xFFFFFFFF)
"""What programs write that could not go back to the header when they had finished."""


def _check_wav_length(file: BinaryIO) -> None:
    """Refuse a WAV that holds less sound than it promises: the rest of it got lost."""
    size = file.seek(0, 2)
    file.seek(0)
    if file.read(4) == b"RIFF":
        file.seek(12)
        while len(head := file.read(8)) == 8:
            length = int.from_bytes(head[4:], "little")
            if head[:4] == b"data":
                if length not in UNKNOWN_LENGTHS and file.tell() + length > size:
                    raise ValidationError(
                        _("El archivo está incompleto: dice ser más largo de lo que es.")
                    )
                break
            file.seek(length + length % 2, 1)
    file.seek(0)


def _samples(sound: soundfile.SoundFile) -> Samples:
    """The whole sound, mixed to one channel, at the telephone's rate."""
    if sound.channels > MOST_CHANNELS or not RATE // 2 <= sound.samplerate <= HIGHEST_RATE:
        raise ValidationError(_("El archivo tiene demasiados canales o una frecuencia rara."))
    resample = soxr.ResampleStream(sound.samplerate, RATE, 1, dtype="float32")
    parts = [resample.resample_chunk(block) for block in _mono_blocks(sound)]
    parts.append(resample.resample_chunk(np.zeros(0, np.float32), last=True))
    samples: Samples = np.concatenate(parts)
    if len(samples) < SHORTEST * RATE:
        raise ValidationError(_("La grabación dura menos de un segundo."))
    return samples


def _mono_blocks(sound: soundfile.SoundFile) -> Iterator[Samples]:
    """Block by block, the mean of the channels; too many frames are too many."""
    frames = 0
    for block in sound.blocks(blocksize=BLOCK, dtype="float32", always_2d=True):
        frames += len(block)
        if frames > LONGEST * sound.samplerate:
            raise ValidationError(_("La grabación dura más de %d minutos.") % (LONGEST // 60))
        mono: Samples = np.nan_to_num(block.mean(axis=1), nan=0.0, posinf=1.0, neginf=-1.0)
        yield mono


def _levelled(samples: Samples) -> Samples:
    """Louder where it is very soft, softer where it would clip, else as it was recorded."""
    peak = float(np.abs(samples).max())
    if peak < SILENT:
        raise ValidationError(_("En la grabación no se oye nada. Comprueba el micrófono."))
    if peak > FULL:
        return samples * np.float32(FULL / peak)
    if peak < QUIET:
        return samples * np.float32(min(MOST_GAIN, QUIET / peak))
    return samples


def _wav(samples: Samples) -> bytes:
    file = BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes((samples * 32767).round().astype("<i2").tobytes())
    return file.getvalue()
