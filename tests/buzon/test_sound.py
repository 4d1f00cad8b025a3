"""Whatever people upload becomes what a telephone plays, or they are told why not."""

import resource
import wave
from io import BytesIO

import numpy as np
import pytest
import soundfile
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from buzon.sound import LONGEST, RATE, convert
from tests.buzon.sounds import TONE, loudest_frequency, read, tone


def converted(data):
    return convert(BytesIO(data))


def refused(data):
    with pytest.raises(ValidationError) as error:
        converted(data)
    return error.value.messages[0]


@pytest.mark.parametrize(
    "written",
    [
        {"format": "WAV"},
        {"format": "WAV", "subtype": "FLOAT"},
        {"format": "WAV", "subtype": "PCM_24", "rate": 48_000},
        {"format": "WAV", "subtype": "ULAW", "rate": 8000, "channels": 1},
        {"format": "WAV", "rate": 192_000, "channels": 8},
        {"format": "MP3"},
        {"format": "OGG", "subtype": "VORBIS"},
        {"format": "OGG", "subtype": "OPUS", "rate": 48_000},
        {"format": "FLAC"},
        {"format": "AIFF"},
    ],
    ids=lambda written: "-".join(str(value) for value in written.values()),
)
def test_every_kind_of_file_becomes_wav_of_8_khz_16_bits_and_one_channel(written):
    result = converted(tone(**written))
    with wave.open(BytesIO(result)) as sound:
        assert sound.getparams()[:3] == (1, 2, RATE)
        assert sound.getnframes() / RATE == pytest.approx(2, abs=0.1)
    assert loudest_frequency(result) == pytest.approx(TONE, abs=2)


def test_tones_above_what_a_telephone_carries_do_not_come_back_as_others():
    rate = 44_100
    high = 0.5 * np.sin(2 * np.pi * 6000 * np.arange(2 * rate) / rate)
    low = 0.1 * np.sin(2 * np.pi * TONE * np.arange(2 * rate) / rate)
    file = BytesIO()
    soundfile.write(file, high + low, rate, format="WAV")
    assert loudest_frequency(converted(file.getvalue())) == pytest.approx(TONE, abs=2)


def test_a_loud_recording_does_not_clip():
    samples, _rate = read(converted(tone(level=1.0)))
    assert 0.9 < np.abs(samples).max() < 0.99


def test_a_soft_recording_is_made_louder_but_not_without_end():
    samples, _rate = read(converted(tone(level=0.1)))
    assert np.abs(samples).max() == pytest.approx(0.25, abs=0.01)
    samples, _rate = read(converted(tone(level=0.005)))
    assert np.abs(samples).max() == pytest.approx(0.04, abs=0.01)


def test_an_ordinary_recording_stays_as_loud_as_it_is():
    samples, _rate = read(converted(tone(level=0.5)))
    assert np.abs(samples).max() == pytest.approx(0.5, abs=0.01)


def test_numbers_that_are_none_do_not_get_into_the_sound():
    samples = np.full(2 * RATE, 0.3, dtype="float32")
    samples[100], samples[200] = np.nan, np.inf
    file = BytesIO()
    soundfile.write(file, samples, RATE, format="WAV", subtype="FLOAT")
    assert np.isfinite(read(converted(file.getvalue()))[0]).all()


def test_a_text_that_is_named_wav_is_refused():
    assert "no es un sonido" in refused(b"Hola, esto es una carta.\n" * 100)


@pytest.mark.parametrize("begin", [b"ID3\x04\x00\x00\x00\x00\x00\x00", b"\x00\x00\x00\x20ftypM4A "])
def test_what_only_begins_like_a_sound_is_refused(begin):
    assert "no es un sonido" in refused(begin + b"\x00" * 5000)


def test_an_empty_file_is_refused():
    assert "vacío" in refused(b"")


def test_a_sound_without_a_second_in_it_is_refused():
    assert "menos de un segundo" in refused(tone(seconds=0))
    assert "menos de un segundo" in refused(tone(seconds=0.9))


def test_a_sound_of_more_than_three_minutes_is_refused_whatever_its_size():
    silence = np.zeros((RATE, 1), dtype="int16")
    file = BytesIO()
    with soundfile.SoundFile(file, "w", RATE, 1, format="FLAC") as out:
        for _second in range(LONGEST + 2):
            out.write(silence)
    assert len(file.getvalue()) < 100_000
    assert "3 minutos" in refused(file.getvalue())


def test_a_wav_that_promises_more_than_it_holds_is_refused():
    data = bytearray(tone())
    place = data.index(b"data") + 4
    data[place : place + 4] = (2_000_000_000).to_bytes(4, "little")
    assert "incompleto" in refused(bytes(data))


@pytest.mark.parametrize("length", [0xFFFFFFFF, 0x7FFFFFFF])
def test_a_wav_that_was_written_without_knowing_its_length_is_read_to_its_end(length):
    data = bytearray(tone())
    place = data.index(b"data") + 4
    data[place : place + 4] = length.to_bytes(4, "little")
    samples, _rate = read(converted(bytes(data)))
    assert len(samples) / RATE == pytest.approx(2, abs=0.01)


def test_a_wav_that_promises_less_than_it_holds_is_as_long_as_it_says():
    data = bytearray(tone(rate=RATE, channels=1))
    place = data.index(b"data") + 4
    data[place : place + 4] = (3 * RATE).to_bytes(4, "little")
    samples, _rate = read(converted(bytes(data)))
    assert len(samples) / RATE == pytest.approx(1.5, abs=0.01)


def test_a_silent_recording_is_refused_for_the_microphone_was_off():
    assert "no se oye nada" in refused(tone(level=0))


def test_more_than_eight_channels_are_refused():
    assert "canales" in refused(tone(channels=9, rate=RATE))


def test_a_rate_that_no_microphone_has_is_refused():
    assert "frecuencia" in refused(tone(rate=384_000, seconds=1))


def test_a_large_file_is_refused_without_being_read():
    class Large(BytesIO):
        def seek(self, offset, whence=0):
            return 10 * 1024 * 1024 + 1 if whence == 2 else super().seek(offset, whence)

        def read(self, size=-1):
            raise AssertionError("it was read")

    with pytest.raises(ValidationError, match="10 MB"):
        convert(Large())


def test_a_small_file_of_many_hours_costs_little_memory():
    silence = np.zeros((192_000, 8), dtype="int16")
    file = BytesIO()
    with soundfile.SoundFile(file, "w", 192_000, 8, format="FLAC") as out:
        for _second in range(LONGEST + 5):
            out.write(silence)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "3 minutos" in refused(file.getvalue())
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kB


WHOLE = tone(seconds=1.2, rate=8000, channels=1)


@settings(max_examples=150)
@given(
    st.integers(0, 200),
    st.binary(min_size=1, max_size=8),
    st.integers(0, len(WHOLE)),
)
def test_a_damaged_file_is_converted_or_refused_and_nothing_else(place, damage, end):
    data = (WHOLE[:place] + damage + WHOLE[place + len(damage) :])[:end]
    try:
        result = converted(data)
    except ValidationError:
        return
    with wave.open(BytesIO(result)) as sound:
        assert sound.getframerate() == RATE
