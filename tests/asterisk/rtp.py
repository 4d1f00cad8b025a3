"""As much of RTP (RFC 3550), G.711 A-law and DTMF (RFC 4733) as a telephone of the tests needs."""

import io
import math
import secrets
import socket
import struct
import time
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

PACKET_SECONDS = 0.02
SAMPLES = 160
PCMA, DTMF = 8, 101
KEYS = "0123456789*#"
PRESS_PACKETS = 4  # 80 ms
ENDS = 3  # the last packet of a key is sent three times
PAUSE_SECONDS = 0.08


def to_alaw(sample: int) -> int:
    """One sample of 16 bits as G.711 has it."""
    sign, magnitude = (0x80, sample) if sample >= 0 else (0, -sample - 1)
    magnitude = min(magnitude >> 3, 0xFFF)
    exponent = max(magnitude.bit_length() - 5, 0)
    mantissa = (magnitude >> max(exponent, 1)) & 0xF
    return (sign | exponent << 4 | mantissa) ^ 0x55


def from_alaw(code: int) -> int:
    """The middle of the samples that the code stands for."""
    code ^= 0x55
    exponent, mantissa = code >> 4 & 7, code & 0xF
    magnitude = mantissa * 16 + 8 + (0x100 if exponent else 0)
    magnitude <<= max(exponent - 1, 0)
    return magnitude if code & 0x80 else -magnitude


def tone(hertz: float, packets: int) -> Iterator[bytes]:
    """A sine, a packet's samples at a time; 0 Hz is silence."""
    for start in range(0, packets * SAMPLES, SAMPLES):
        yield bytes(
            to_alaw(round(12_000 * math.sin(2 * math.pi * hertz * at / 8000)))
            for at in range(start, start + SAMPLES)
        )


def share(samples: list[int], hertz: float) -> float:
    """How much of the samples' energy is at this frequency, from 0 to 1 (Goertzel)."""
    energy = sum(value * value for value in samples)
    if not energy:
        return 0.0
    step = 2 * math.pi * hertz / 8000
    real = sum(value * math.cos(step * at) for at, value in enumerate(samples))
    imaginary = sum(value * math.sin(step * at) for at, value in enumerate(samples))
    return 2 * (real * real + imaginary * imaginary) / (len(samples) * energy)


def read_wav(path: Path) -> list[int]:
    """The samples of a recording."""
    with path.open("rb") as file:
        return samples_of(file)


def samples_of(file: BinaryIO) -> list[int]:
    """The samples of a recording that is open."""
    with wave.open(file, "rb") as sound:
        data = sound.readframes(sound.getnframes())
    return list(struct.unpack(f"<{len(data) // 2}h", data))


def wav_of(hertz: float, seconds: float) -> bytes:
    """A recording of a tone, as voicemail keeps it."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        packets = tone(hertz, int(seconds / PACKET_SECONDS))
        samples = [from_alaw(code) for packet in packets for code in packet]
        sound.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return file.getvalue()


class Stream:
    """What one side sends to a port and hears from it. Sound goes out in real time."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._source = secrets.token_bytes(4)
        self._sequence = self._time = 0
        self._next = 0.0

    def send_tone(self, port: int, hertz: float, seconds: float) -> None:
        """A tone, or silence (0 Hz)."""
        for payload in tone(hertz, int(seconds / PACKET_SECONDS)):
            self._send(port, PCMA, self._time, payload)
            self._time += SAMPLES
            self._keep_time()

    def press(self, port: int, keys: str) -> None:
        """Keys of the telephone, one after the other."""
        for key in keys:
            began, marker = self._time, 0x80
            for number in range(1, PRESS_PACKETS + ENDS):
                is_end = 0x80 if number >= PRESS_PACKETS else 0
                length = min(number, PRESS_PACKETS) * SAMPLES
                event = bytes([KEYS.index(key), is_end | 10]) + length.to_bytes(2, "big")
                self._send(port, DTMF | marker, began, event)
                marker = 0
                if not is_end:
                    self._keep_time()
            self._time += (PRESS_PACKETS + 1) * SAMPLES
            self.send_tone(port, 0, PAUSE_SECONDS)

    def heard(self) -> list[int]:
        """The samples that came since this was asked last."""
        samples: list[int] = []
        self._socket.setblocking(False)
        try:
            while True:
                packet = self._socket.recv(2048)
                if packet[1] & 0x7F == PCMA:
                    samples += map(from_alaw, packet[12:])
        except BlockingIOError:
            return samples

    def close(self) -> None:
        self._socket.close()

    def _send(self, port: int, kind: int, when: int, payload: bytes) -> None:
        header = struct.pack(">BBHI", 0x80, kind, self._sequence & 0xFFFF, when & 0xFFFFFFFF)
        self._sequence += 1
        self._socket.sendto(header + self._source + payload, ("127.0.0.1", port))

    def _keep_time(self) -> None:
        now = time.monotonic()
        if self._next < now - 5 * PACKET_SECONDS:  # it was silent before
            self._next = now
        self._next += PACKET_SECONDS
        time.sleep(max(0.0, self._next - now))
