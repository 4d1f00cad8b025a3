"""What a ``Worker`` runs: a portal's process that changes one mailbox, message by message."""

import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django
from django.conf import settings

settings.configure(  # as little as starts quickly
    DATA_DIR=Path(os.environ["WEBFON_DATA"]),
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    INSTALLED_APPS=["portal.pbx"],
    FEATURE_CODES={},  # the check has other codes to complain of; it is not about them
)
django.setup()

from portal.locks import lock  # noqa: E402 - models need the setup
from portal.pbx.asterisk.backend import build  # noqa: E402
from portal.pbx.errors import PBXError  # noqa: E402
from portal.pbx.interface import Voicemail  # noqa: E402
from portal.pbx.types import Greeting  # noqa: E402
from tests.asterisk import rtp  # noqa: E402

PATIENCE = 30.0


def change(voicemail: Voicemail, what: str, mailbox: str, msg_id: str) -> list[str]:
    """Do it to one message. Returns its id if that succeeded."""
    if what == "remove":
        return list(voicemail.remove(mailbox, [msg_id]))
    if what == "forward":
        voicemail.forward(mailbox, msg_id, "204@default")
        return [msg_id]
    if what == "write":
        return write(voicemail, mailbox)
    there = {each.msg_id: each.folder for each in voicemail.messages(mailbox)}
    folder = "Old" if there[msg_id] == "INBOX" else "INBOX"
    return list(voicemail.move(mailbox, [msg_id], folder))


def write(voicemail: Voicemail, mailbox: str) -> list[str]:
    """Try to write what the portal writes itself; the errors' names."""
    names = []
    for attempt in (
        lambda: voicemail.set_pin(mailbox, "9999"),
        lambda: voicemail.write_greeting(mailbox, Greeting.TEMPORARY, rtp.wav_of(500, 1)),
    ):
        try:
            attempt()
        except PBXError as error:
            names.append(type(error).__name__)
    return names


def work(task: dict[str, Any]) -> Iterator[str]:
    """The ids of which it succeeded."""
    pbx = build(nodes=[task["node"]], timeout=3.0)
    if task["what"] == "check":
        yield from (each.message for each in pbx.diagnostics.check() if not each.ok)
        return
    voicemail = pbx.voicemail
    while True:
        for msg_id in task["ids"]:
            with lock(f"mailbox-{task['mailbox']}", timeout=PATIENCE):
                yield from change(voicemail, task["what"], task["mailbox"], msg_id)
        if not task["repeat"]:
            return


def main() -> None:
    """One task comes in; what was done, or the error, goes out."""
    print("ready", flush=True)
    task = json.loads(sys.stdin.readline())
    began = time.monotonic()
    done: list[Any] = []
    try:
        for msg_id in work(task):
            done.append(msg_id)
            print("busy", flush=True)
    except Exception as error:
        done = [type(error).__name__, str(error), time.monotonic() - began]
    print(json.dumps(done), flush=True)


main()
