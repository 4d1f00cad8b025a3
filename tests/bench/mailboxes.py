"""Mailboxes of 10, 100 and 1,000 messages: list, unheard count, sound; time on the server"""

import os
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from time import perf_counter

import soundfile
from django.test import Client
from django.urls import reverse

from portal.models import Subscriber
from portal.pbx import get_pbx
from portal.pbx.interface import Voicemail
from portal.pbx.spool import Spool
from tests.asterisk.instance import Instance
from tests.bench.company import in_milliseconds

SIZES = {"201": 10, "202": 100, "203": 1000}
TIMES = 100
SLOW_TIMES = 20
SECONDS = 30
NEWEST = 1_790_000_000
TEXT = '[message]\ncallerid="Persona" <600{n:06d}>\norigtime={at}\nmsg_id={id}\nduration=30\n'
TRUSTED_AFTER = 2.5
"""Seconds after which a folder that did not change is taken from memory."""


def run(instance: Instance) -> Iterator[tuple[str, str]]:
    """Half of the messages are new. Reading every text again is the baseline."""
    for number, size in SIZES.items():
        _fill(instance.spool / "default" / number, size)
    time.sleep(TRUSTED_AFTER)
    for number, size in SIZES.items():
        client = Client(headers={"host": "localhost"})
        client.force_login(Subscriber.objects.get(number=number).user)
        yield from _reading(instance, f"{number}@default", size)
        yield from _pages(client, size)
    yield from _sounds(client, instance.spool / "default" / number)


def _reading(instance: Instance, mailbox: str, size: int) -> Iterator[tuple[str, str]]:
    voicemail: Voicemail = get_pbx().voicemail
    spool = instance.spool

    def read_anew() -> None:
        assert len(Spool(spool).messages(mailbox)) == size

    yield f"baseline: {size} messages, read anew", _measured(read_anew, SLOW_TIMES)
    yield f"list of {size}", _measured(lambda: voicemail.messages(mailbox))
    yield f"unheard count of {size}", _measured(lambda: voicemail.count_new(mailbox))
    inbox = spool / "default" / mailbox.partition("@")[0] / "INBOX"

    def change_and_read() -> None:
        (inbox / ".touched").touch()
        (inbox / ".touched").unlink()
        voicemail.messages(mailbox)

    yield f"list of {size} just after a change", _measured(change_and_read, SLOW_TIMES)
    time.sleep(TRUSTED_AFTER)


def _pages(client: Client, size: int) -> Iterator[tuple[str, str]]:
    def load(view: str) -> None:
        assert client.get(reverse(view)).status_code == 200

    yield "baseline: salud", _measured(lambda: load("salud"))
    yield f"the page with {size}", _measured(lambda: load("buzon:buzon"))


def _sounds(client: Client, box: Path) -> Iterator[tuple[str, str]]:
    """From the request to the first byte of a message of half a minute."""
    path = reverse("buzon:sonido", args=[_id(1)])

    def first_byte(**headers: str) -> None:
        answer = client.get(path, **headers)
        assert answer.status_code in (200, 206), answer.status_code
        next(iter(answer.streaming_content))
        answer.close()

    yield "first byte of a sound", _measured(first_byte)
    part = {"HTTP_RANGE": "bytes=200000-"}
    yield "first byte from the middle of it", _measured(lambda: first_byte(**part))
    (box / "INBOX/msg0000.wav").unlink()
    gsm = box / "INBOX/msg0000.WAV"
    gsm.write_bytes(_sound("GSM610"))
    time.sleep(TRUSTED_AFTER)
    seconds = []
    for moment in range(SLOW_TIMES):
        os.utime(gsm, (moment, moment))  # another file, for all that is remembered
        begin = perf_counter()
        first_byte()
        seconds.append(perf_counter() - begin)
    yield "first byte of the same as wav49, converted", in_milliseconds(seconds)
    yield "the same again, remembered", _measured(first_byte)


def _fill(box: Path, size: int) -> None:
    sound = _sound("PCM_16")
    for n in range(size):
        folder, number = ("INBOX", n // 2) if n % 2 else ("Old", n // 2)
        (box / folder).mkdir(parents=True, exist_ok=True)
        stem = box / folder / f"msg{number:04d}"
        text = TEXT.format(n=n, at=NEWEST - 60 * n, id=_id(n))
        stem.with_suffix(".txt").write_text(text)
        stem.with_suffix(".wav").write_bytes(sound)


def _id(n: int) -> str:
    return f"{NEWEST - 60 * n}-{n:08x}"


def _sound(subtype: str) -> bytes:
    file = BytesIO()
    with soundfile.SoundFile(file, "w", 8000, 1, subtype, format="WAV") as sound:
        sound.buffer_write(bytes(2 * 8000 * SECONDS), "int16")
    return file.getvalue()


def _measured(action: Callable[[], object], times: int = TIMES) -> str:
    seconds = []
    for _ in range(times):
        begin = perf_counter()
        action()
        seconds.append(perf_counter() - begin)
    return in_milliseconds(seconds)
