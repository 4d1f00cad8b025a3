"""Leaving a message in the spool, the way Asterisk's app_voicemail does."""

import fcntl
import os
import re
from datetime import UTC, datetime
from pathlib import Path

from portal.pbx.simulated.sound import speech

MESSAGE = """;
; Message Information file
;
[message]
origmailbox={box}
context=webfon-voicemail
macrocontext=
exten={box}
rdnis=unknown
priority=1
callerchan=PJSIP/{number}-00000001
callerid={caller}
origdate={date}
origtime={epoch}
category=
msg_id={msg_id}
flag=
duration={seconds}
"""


def leave_message(
    spool: Path,
    mailbox: str,
    *,
    number: str,
    caller: str,
    at: datetime,
    seconds: int,
    folder: str = "INBOX",
) -> str:
    """Put a message with sound into ``box@context``. Returns its ``msg_id``."""
    box, _at, context = mailbox.partition("@")
    there = spool / context / box / folder
    there.mkdir(parents=True, exist_ok=True)
    epoch = int(at.timestamp())
    text = {
        "box": box,
        "number": number or "anonymous",
        "caller": caller,
        "date": at.astimezone(UTC).strftime("%a %b %d %r %Z %Y"),
        "epoch": epoch,
        "seconds": seconds,
    }
    lock = os.open(there, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        msg_id = f"{epoch}-{os.urandom(4).hex()}"
        name = f"msg{_next_number(there):04d}"
        _write(there / f"{name}.wav", speech(seconds, f"{number}{epoch}"))
        _write(there / f"{name}.txt", MESSAGE.format(**text, msg_id=msg_id).encode())
    finally:
        os.close(lock)
    return msg_id


def _next_number(folder: Path) -> int:
    found = (re.fullmatch(r"msg([0-9]{4,})\..+", file.name) for file in folder.iterdir())
    return max((int(match[1]) for match in found if match), default=-1) + 1


def _write(path: Path, data: bytes) -> None:
    """Write beside and rename, so that no reader sees half a file."""
    beside = path.with_suffix(".new")
    beside.write_bytes(data)
    beside.rename(path)
