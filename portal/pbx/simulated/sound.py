"""The sound of a simulated message: something like a voice, without words."""

import math
from array import array
from functools import lru_cache
from io import BytesIO
from random import Random
from wave import open as open_wave

RATE = 8000
"""Samples a second; 16 bits, one channel, as Asterisk's ``format=wav``."""

SYLLABLES = 24
VOWELS = ((730, 1090), (530, 1840), (270, 2290), (570, 840), (300, 870))
"""First and second formant of a, e, i, o, u in Hz (Peterson and Barney, 1952, men)."""


def speech(seconds: int, seed: str) -> bytes:
    """A WAV file of this length. The same seed sounds the same."""
    return wav(samples(seconds, seed))


def samples(seconds: int, seed: str) -> bytes:
    """The samples of such a file alone."""
    chance = Random(seed)  # noqa: S311
    bank = _bank(chance.choice((105, 125, 190, 215)))
    pause = array("h", bytes(2 * (RATE // 4)))
    spoken = array("h", bytes(2 * (RATE // 5)))
    while len(spoken) < seconds * RATE:
        for _syllable in range(chance.randint(3, 9)):
            spoken.extend(chance.choice(bank))
        spoken.extend(pause)
    return spoken[: seconds * RATE].tobytes()


def wav(spoken: bytes) -> bytes:
    """The samples with a header before them."""
    file = BytesIO()
    with open_wave(file, "wb") as wave:
        wave.setnchannels(1)
        wave.setsampwidth(2)
        wave.setframerate(RATE)
        wave.writeframes(spoken)
    return file.getvalue()


@lru_cache(maxsize=4)
def _bank(pitch: int) -> "tuple[array[int], ...]":
    """Syllables of one voice."""
    chance = Random(pitch)  # noqa: S311
    return tuple(
        _syllable(pitch * chance.uniform(0.88, 1.15), VOWELS[n % len(VOWELS)], chance)
        for n in range(SYLLABLES)
    )


def _syllable(pitch: float, formants: tuple[int, int], chance: Random) -> "array[int]":
    """Harmonics of the pitch, louder near the formants, swelling and fading."""
    length = int(RATE * chance.uniform(0.11, 0.22))
    period = round(RATE / pitch)
    harmonics = [
        (k, _loudness(k * RATE / period, formants)) for k in range(1, 3000 * period // RATE)
    ]
    wave = [
        sum(level * math.sin(2 * math.pi * k * t / period) for k, level in harmonics)
        for t in range(period)
    ]
    loudest = max(map(abs, wave))
    swell = [math.sin(math.pi * t / length) ** 0.7 for t in range(length)]
    return array("h", (int(9000 * swell[t] * wave[t % period] / loudest) for t in range(length)))


def _loudness(frequency: float, formants: tuple[int, int]) -> float:
    return 0.05 + sum(math.exp(-(((frequency - formant) / 180) ** 2)) for formant in formants)
