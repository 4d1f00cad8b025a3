"""Sound files as people have them, and as nobody should have them."""

from io import BytesIO

import numpy as np
import soundfile

TONE = 440


def tone(*, seconds=2.0, rate=44_100, channels=2, level=0.5, **written):
    """A file with a tone; ``format``, ``subtype`` as soundfile calls them."""
    time = np.arange(int(seconds * rate)) / rate
    samples = np.tile((level * np.sin(2 * np.pi * TONE * time))[:, None], (1, channels))
    file = BytesIO()
    written.setdefault("format", "WAV")
    if written["format"] in {"OGG", "MP3", "FLAC"}:
        _write_slowly(file, samples, rate, written)
    else:
        soundfile.write(file, samples, rate, **written)
    return file.getvalue()


def _write_slowly(file, samples, rate, written):
    """Some versions of libsndfile cannot compress much at once."""
    with soundfile.SoundFile(
        file, "w", samplerate=rate, channels=samples.shape[1], **written
    ) as out:
        for start in range(0, len(samples), 4096):
            out.write(samples[start : start + 4096])


def read(wav):
    """Samples between -1 and 1, and their rate."""
    return soundfile.read(BytesIO(wav), dtype="float32")


def loudest_frequency(wav):
    """Where the sound has most of its strength, in Hz."""
    samples, rate = read(wav)
    spectrum = np.abs(np.fft.rfft(samples))
    return float(np.argmax(spectrum)) * rate / len(samples)
