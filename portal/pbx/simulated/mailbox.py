"""Changing a mailbox in the spool the way app_voicemail does: numbers, locks and all.

Killed at any moment it loses no message: the next change mends what was left half done.
"""

import fcntl
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from portal.pbx.errors import NotFound, PBXRejected, PBXUnavailable
from portal.pbx.spool import FOLDERS, Place, is_mailbox

MOST_MESSAGES = 100
"""Messages that a folder takes, Asterisk's own ``maxmsg``."""

FILE = re.compile(r"(msg[0-9]{4,})(\.[A-Za-z0-9]+)", re.ASCII)
LOCK = ".lock"


class Mailbox:
    """The folder of ``box@context``. Whoever changes it holds it first."""

    def __init__(self, spool: Path, mailbox: str) -> None:
        if not is_mailbox(mailbox):
            raise NotFound(f"{mailbox!r} is no mailbox")
        box, _at, context = mailbox.partition("@")
        self.name = mailbox
        self.path = spool / context / box

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nobody else changes the mailbox meanwhile, in any process."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            folder = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as error:
            raise PBXUnavailable(f"the mailbox {self.name} cannot be used: {error}") from error
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            self._mend()
            yield
        except OSError as error:
            raise PBXUnavailable(f"the mailbox {self.name} cannot be changed: {error}") from error
        finally:
            os.close(folder)

    def put(self, folder: str, files: Mapping[str, bytes]) -> None:
        """Add a message: its files by suffix. Raises ``PBXRejected`` where the folder is full."""
        with self._working(folder):
            stem = self._next(folder)
            for suffix in sorted(files, key=_text_last):
                beside = self.path / folder / f"new{suffix}"
                beside.write_bytes(files[suffix])
                beside.rename(f"{stem}{suffix}")

    def move(self, place: Place, folder: str) -> None:
        """Take a message to another folder. Raises ``PBXRejected`` where that is full."""
        with self._working(place.folder, folder):
            _relocate(place.stem, self._next(folder))
            self._close_gaps(place.folder)

    def remove(self, place: Place) -> None:
        """Delete a message."""
        with self._working(place.folder):
            _unlink(place.stem)
            self._close_gaps(place.folder)

    @contextmanager
    def _working(self, *folders: str) -> Iterator[None]:
        """The folders are there, and say that their files do not belong together just now."""
        marks = [self.path / folder / LOCK for folder in sorted(set(folders))]
        for mark in marks:
            mark.parent.mkdir(exist_ok=True)
        try:
            for mark in marks:
                mark.touch()
            yield
            for mark in marks:
                mark.unlink()
        except BaseException:
            with suppress(OSError):
                self._mend()
            raise

    def _next(self, folder: str) -> Path:
        """The stem of the next message."""
        stems = _stems(self.path / folder)
        if len(stems) >= MOST_MESSAGES:
            raise PBXRejected(f"the folder {folder} of {self.name} is full")
        return self.path / folder / f"msg{_number(stems[-1]) + 1 if stems else 0:04d}"

    def _close_gaps(self, folder: str) -> None:
        """Number the messages from 0 on."""
        there = self.path / folder
        for number, stem in enumerate(_stems(there)):
            if _number(stem) != number:
                _relocate(there / stem, there / f"msg{number:04d}")

    def _mend(self) -> None:
        """End what somebody was killed in: drop halves, and the older place of what was moved."""
        left = [folder for folder in FOLDERS if (self.path / folder / LOCK).exists()]
        seen: set[int] = set()
        for folder in left:
            there = self.path / folder
            for stem in _stems(there):
                text = there / f"{stem}.txt"
                inode = text.stat().st_ino if text.exists() else 0
                if not inode or inode in seen:
                    _unlink(there / stem)
                seen.add(inode)
            self._close_gaps(folder)
        for folder in left:
            (self.path / folder / LOCK).unlink()


def suffixes(stem: Path) -> list[str]:
    """The suffixes of a message's files, the text's last: without it a message is none."""
    found = (FILE.fullmatch(file.name) for file in stem.parent.iterdir())
    return sorted((match[2] for match in found if match and match[1] == stem.name), key=_text_last)


def _stems(folder: Path) -> list[str]:
    """The stems of all messages, by number."""
    found = (FILE.fullmatch(file.name) for file in folder.iterdir())
    return sorted({match[1] for match in found if match}, key=_number)


def _relocate(old: Path, new: Path) -> None:
    """At every moment the message is there: twice perhaps, but with the same inodes."""
    found = suffixes(old)
    for suffix in found:
        Path(f"{new}{suffix}").hardlink_to(f"{old}{suffix}")
    _unlink(old)


def _unlink(stem: Path) -> None:
    for suffix in reversed(suffixes(stem)):
        Path(f"{stem}{suffix}").unlink()


def _number(stem: str) -> int:
    return int(stem.removeprefix("msg"))


def _text_last(suffix: str) -> bool:
    return suffix == ".txt"
