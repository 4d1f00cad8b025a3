"""A voicemail spool to put messages into by hand."""

from pathlib import Path

import pytest

TEXT = """;
; Message Information file
;
[message]
origmailbox=201
context=webfon-voicemail
macrocontext=
exten=201
rdnis=unknown
priority=7
callerchan=PJSIP/202-00000007
callerid={caller}
origdate=Mon Mar  2 09:00:00 AM UTC 2026
origtime={epoch}
category=
msg_id={msg_id}
flag=
duration={seconds}
"""


@pytest.fixture
def root(tmp_path) -> Path:
    """The spool's folder, empty."""
    (tmp_path / "voicemail").mkdir()
    return tmp_path / "voicemail"


@pytest.fixture
def put(root):
    """Puts one message into the box 201@default."""

    def write(number, folder="INBOX", sound=".wav", context="default", box="201", **fields):
        there = root / context / box / folder
        there.mkdir(parents=True, exist_ok=True)
        data = fields.pop("data", b"RIFF")
        fields = {
            "caller": '"Bruno" <202>',
            "epoch": 1772442000 + number,
            "msg_id": f"1772442000-{number:08x}",
            "seconds": 12,
        } | fields
        (there / f"msg{number:04d}.txt").write_text(TEXT.format(**fields))
        if sound:
            (there / f"msg{number:04d}{sound}").write_bytes(data)
        return there / f"msg{number:04d}.txt"

    return write
