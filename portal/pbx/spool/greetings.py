"""Greetings: ``unavail|busy|temp|greet.wav`` in the mailbox's folder, and drafts of them."""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from portal.pbx.errors import NotFound, PBXRejected, PBXUnavailable
from portal.pbx.sound import HEADER, SUFFIXES, canonical
from portal.pbx.spool.places import NAME, box_of
from portal.pbx.types import Greeting

DRAFT = "webfon-draft-"
"""Begins the names of drafts, which neither Asterisk nor this reader takes for greetings."""


def draft(greeting: Greeting) -> str:
    """The name of a greeting's draft, without the suffix."""
    return f"{DRAFT}{greeting}"


def present(box: Path) -> frozenset[Greeting]:
    """The greetings that are there, in whatever format."""
    try:
        with os.scandir(box) as entries:
            files = {entry.name for entry in entries if entry.is_file(follow_symlinks=False)}
    except FileNotFoundError:
        return frozenset()
    except OSError as error:
        raise PBXUnavailable(f"{box} is not readable") from error
    return frozenset(g for g in Greeting if any(f"{g}{suffix}" in files for suffix in SUFFIXES))


def write(root: Path, mailbox: str, stem: str, wav: bytes) -> None:
    """Put the sound in the place of what is there: a caller hears the one or the other.

    Raises ``ValueError`` for another format, ``PBXUnavailable`` where it cannot be written.
    """
    sound = canonical(wav)
    try:
        box = box_of(root, mailbox) or _make_box(root, mailbox)
        _replace(box / f"{stem}.wav", sound)
        for suffix in SUFFIXES[1:]:  # Asterisk might choose another format
            (box / f"{stem}{suffix}").unlink(missing_ok=True)
    except OSError as error:
        raise PBXUnavailable(f"{stem} cannot be written in {mailbox}: {error}") from error


def remove(box: Path, stem: str) -> None:
    """Remove the sound in every format."""
    try:
        for suffix in SUFFIXES:
            (box / f"{stem}{suffix}").unlink(missing_ok=True)
    except OSError as error:
        raise PBXUnavailable(f"{stem} cannot be removed from {box}: {error}") from error


def is_whole(file: BinaryIO) -> bool:
    """Whether the header says as much as is there: Asterisk fills it in when it has finished."""
    header = file.read(HEADER)
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    return len(header) == HEADER and int.from_bytes(header[4:8], "little") == size - 8 > HEADER


def _make_box(root: Path, mailbox: str) -> Path:
    """The folder of a mailbox in which nobody left anything yet."""
    box, _at, context = mailbox.partition("@")
    if not (NAME.fullmatch(box) and NAME.fullmatch(context)):
        raise NotFound(f"{mailbox!r} is no mailbox")
    with suppress(FileExistsError):
        (root / context / box).mkdir(parents=True)
    made = box_of(root, mailbox)
    if made is None:
        raise PBXRejected(f"the folder of {mailbox} leads outside the spool")
    return made


def _replace(path: Path, data: bytes) -> None:
    """Write beside and rename. Whoever may use the folder may use the file."""
    beside = path.with_name(f".webfon-{secrets.token_hex(8)}")
    mode = path.parent.stat().st_mode & 0o666
    try:
        with beside.open("xb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
