"""What a ``Worker`` runs: a portal's process that changes one mailbox, message by message."""

import json
import os
import sys
import time
from collections.abc import Iterator
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

from portal.locks import lock  # noqa: E402 - models need the setup
from portal.pbx.asterisk.backend import build  # noqa: E402
from portal.pbx.interface import Voicemail  # noqa: E402

PATIENCE = 30.0


def change(voicemail: Voicemail, what: str, mailbox: str, msg_id: str) -> list[str]:
    """Do it to one message. Returns its id if that succeeded."""
    if what == "remove":
        return list(voicemail.remove(mailbox, [msg_id]))
    if what == "forward":
        voicemail.forward(mailbox, msg_id, "204@default")
        return [msg_id]
    there = {each.msg_id: each.folder for each in voicemail.messages(mailbox)}
    folder = "Old" if there[msg_id] == "INBOX" else "INBOX"
    return list(voicemail.move(mailbox, [msg_id], folder))


def work(task: dict[str, Any]) -> Iterator[str]:
    """The ids of which it succeeded."""
    voicemail = build(nodes=[task["node"]], timeout=3.0).voicemail
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
    except Exception as error:  # noqa: BLE001 - its name is the answer
        done = [type(error).__name__, str(error), time.monotonic() - began]
    print(json.dumps(done), flush=True)


main()
