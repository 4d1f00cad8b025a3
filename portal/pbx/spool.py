"""Reading Asterisk's voicemail spool: ``<root>/<context>/<box>/<folder>/msgNNNN.{txt,wav}``.

Asterisk writes, renumbers and removes these files at any time, so whatever is half-written,
vanishes while it is read or makes no sense is left out. Nothing outside the root is ever read,
and nothing is written.
"""

import os
import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from portal.pbx.errors import PBXUnavailable
from portal.pbx.types import VoicemailMessage

NEW_FOLDERS = ("INBOX", "Urgent")
FOLDERS = (*NEW_FOLDERS, "Old", "Work", "Family", "Friends", *(f"Cust{n}" for n in range(1, 6)))
"""``Deleted`` and ``tmp`` hold no messages that anybody could still hear."""

NAME = re.compile(r"[A-Za-z0-9_+-][A-Za-z0-9_.+-]*")
TEXT_FILE = re.compile(r"(msg[0-9]{4,})\.txt", re.ASCII)
SOUND_SUFFIXES = (".wav", ".WAV", ".gsm", ".ulaw", ".alaw", ".sln")
MOST_BYTES = 64 * 1024


class Spool:
    """Implements the reading part of ``interface.Voicemail`` on a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def messages(self, mailbox: str) -> tuple[VoicemailMessage, ...]:
        """All messages of ``box@context``, new first, then newest first; empty when unknown.

        Raises ``PBXUnavailable`` when the spool itself is not there or not readable.
        """
        try:
            root = self.root.resolve(strict=True)
            next(root.iterdir(), None)
        except OSError as error:
            raise PBXUnavailable(f"the voicemail folder {self.root} is not readable") from error
        found = [message for folder in _folders(root, mailbox) for message in _read_folder(*folder)]
        found.sort(key=lambda each: (each.received_at, each.msg_id), reverse=True)
        found.sort(key=lambda each: not each.is_new)
        return tuple(found)


def _folders(root: Path, mailbox: str) -> Iterator[tuple[Path, str]]:
    """The mailbox's folders that stand inside the root, each with its name."""
    box, _at, context = mailbox.partition("@")
    if not (NAME.fullmatch(box) and NAME.fullmatch(context)):
        return
    for name in FOLDERS:
        with suppress(OSError, RuntimeError):
            folder = (root / context / box / name).resolve(strict=True)
            if folder.is_relative_to(root):
                yield folder, name


def _read_folder(folder: Path, name: str) -> Iterator[VoicemailMessage]:
    try:
        files = {file.name for file in folder.iterdir()}
    except OSError:
        return
    for file in sorted(files):
        match = TEXT_FILE.fullmatch(file)
        if match and any(match[1] + suffix in files for suffix in SOUND_SUFFIXES):
            with suppress(OSError, ValueError, OverflowError):
                yield _message(_fields(folder / file), name)


def _message(fields: dict[str, str], folder: str) -> VoicemailMessage:
    """The message; ``ValueError`` where the text does not say which it is, or when it came."""
    if not fields.get("msg_id"):
        raise ValueError("no msg_id")
    number, name = parse_caller(fields.get("callerid", ""))
    seconds = fields.get("duration", "")
    return VoicemailMessage(
        msg_id=fields["msg_id"],
        folder=folder,
        caller=number,
        caller_name=name,
        received_at=datetime.fromtimestamp(int(fields.get("origtime", "")), UTC),
        seconds=int(seconds) if seconds.isascii() and seconds.isdigit() else 0,
        is_new=folder in NEW_FOLDERS,
    )


def _fields(path: Path) -> dict[str, str]:
    """The keys and values of the section ``[message]``."""
    fields: dict[str, str] = {}
    section = ""
    for line in map(str.strip, _text(path).split("\n")):
        if line.startswith("["):
            section = line
        elif section == "[message]" and not line.startswith(";") and "=" in line:
            key, _equals, value = line.partition("=")
            fields.setdefault(key.strip().lower(), value.strip())
    return fields


def _text(path: Path) -> str:
    """The file's text; ``OSError`` when it is a link, no plain file, or gone."""
    file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise OSError(f"{path} is no plain file")
        data = os.read(file, MOST_BYTES)
    finally:
        os.close(file)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def parse_caller(text: str) -> tuple[str, str]:
    """Number and name from ``"Ana" <201>`` or ``201``; a withheld or unknown number is ``""``."""
    match = re.fullmatch(r'(?:"?(?P<name>.*?)"?\s*)<(?P<number>[^<>]*)>|(?P<bare>.*)', text)
    if match is None:
        return "", ""
    number = match["bare"] if match["number"] is None else match["number"]
    digits = number.strip().removeprefix("+")
    name = (match["name"] or "").strip()
    return (digits, name) if re.fullmatch(r"[0-9]+", digits, re.ASCII) else ("", name)
