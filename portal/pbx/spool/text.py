"""The text that stands beside every message: ``msgNNNN.txt``, as app_voicemail writes it."""

import re
from datetime import UTC, datetime

from portal.pbx.caller import parse_caller
from portal.pbx.types import VoicemailMessage

NEW_FOLDERS = ("INBOX", "Urgent")
FOLDERS = (*NEW_FOLDERS, "Old", "Work", "Family", "Friends", *(f"Cust{n}" for n in range(1, 6)))
"""``Deleted`` and ``tmp`` hold no messages that anybody could still hear."""

MSG_ID = re.compile(r"[A-Za-z0-9._-]{1,100}", re.ASCII)
EPOCH = re.compile(r"[0-9]{1,11}", re.ASCII)
SECONDS = re.compile(r"[0-9]{1,9}", re.ASCII)


def parse_message(data: bytes, folder: str) -> VoicemailMessage | None:
    """The message; ``None`` where the text does not say which it is, or when it came."""
    fields = _fields(data)
    msg_id, epoch = fields.get("msg_id", ""), fields.get("origtime", "")
    if not (MSG_ID.fullmatch(msg_id) and EPOCH.fullmatch(epoch)):
        return None
    number, name = parse_caller(fields.get("callerid", ""))
    seconds = fields.get("duration", "")
    return VoicemailMessage(
        msg_id=msg_id,
        folder=folder,
        caller=number,
        caller_name=name,
        received_at=datetime.fromtimestamp(int(epoch), UTC),
        seconds=int(seconds) if SECONDS.fullmatch(seconds) else 0,
        is_new=folder in NEW_FOLDERS,
    )


def _fields(data: bytes) -> dict[str, str]:
    """The keys and values of the section ``[message]``."""
    fields: dict[str, str] = {}
    section = ""
    for line in map(str.strip, _decode(data).split("\n")):
        if line.startswith("["):
            section = line
        elif section == "[message]" and not line.startswith(";") and "=" in line:
            key, _equals, value = line.partition("=")
            fields.setdefault(key.strip().lower(), value.strip())
    return fields


def _decode(data: bytes) -> str:
    """Names come in the encoding of whoever called; what is not UTF-8 is taken for Latin-1."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")
