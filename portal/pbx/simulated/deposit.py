"""A message that a caller leaves, as Asterisk's app_voicemail writes it."""

import os
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import soundfile

from portal.pbx.errors import PBXRejected
from portal.pbx.simulated.mailbox import Mailbox
from portal.pbx.simulated.sound import RATE, samples, wav

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
    suffix: str = ".wav",
) -> str:
    """Put a message with sound into ``box@context``. Returns its ``msg_id``, "" if it is full.

    ``suffix`` is ``.wav``, or ``.WAV`` for what Asterisk calls ``wav49``.
    """
    epoch = int(at.timestamp())
    msg_id = f"{epoch}-{os.urandom(4).hex()}"
    text = MESSAGE.format(
        box=mailbox.partition("@")[0],
        number=number or "anonymous",
        caller=caller,
        date=at.astimezone(UTC).strftime("%a %b %d %r %Z %Y"),
        epoch=epoch,
        seconds=seconds,
        msg_id=msg_id,
    )
    spoken = samples(seconds, f"{number}{epoch}")
    sound = _gsm(spoken) if suffix == ".WAV" else wav(spoken)
    box = Mailbox(spool, mailbox)
    try:
        with box.held():
            box.put(folder, {suffix: sound, ".txt": text.encode()})
    except PBXRejected:
        return ""
    return msg_id


def _gsm(spoken: bytes) -> bytes:
    """A RIFF file with GSM 6.10 in it."""
    file = BytesIO()
    with soundfile.SoundFile(file, "w", RATE, 1, "GSM610", format="WAV") as sound:
        sound.buffer_write(spoken, "int16")
    return file.getvalue()
