"""Greetings: ``unavail|busy|temp|greet.wav`` in the mailbox's folder, and drafts of them."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from portal.pbx.errors import PBXUnavailable
from portal.pbx.sound import HEADER, SUFFIXES, canonical
from portal.pbx.spool.writing import replace
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
    box = replace(root, mailbox, f"{stem}.wav", canonical(wav))
    remove(box, stem, SUFFIXES[1:])  # Asterisk might choose another format


def remove(box: Path, stem: str, suffixes: Iterable[str] = SUFFIXES) -> None:
    """Remove the sound in these formats."""
    try:
        for suffix in suffixes:
            (box / f"{stem}{suffix}").unlink(missing_ok=True)
    except OSError as error:
        raise PBXUnavailable(f"{stem} cannot be removed from {box}: {error}") from error


def is_whole(file: BinaryIO) -> bool:
    """Whether the header says as much as is there: Asterisk fills it in when it has finished."""
    header = file.read(HEADER)
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    return len(header) == HEADER and int.from_bytes(header[4:8], "little") == size - 8 > HEADER
