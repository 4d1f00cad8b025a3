"""One folder of a mailbox as it stood at one moment, and what is remembered of it.

Reading takes time, in which Asterisk may go on renumbering. What was read is one true state when
the folder's stamp was the same before and after, lay before the clock's present tick, within which
a second change would leave the same stamp, and nobody held Asterisk's lock.
"""

import errno
import os
import re
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from portal.pbx.errors import PBXUnavailable
from portal.pbx.sound import SUFFIXES
from portal.pbx.spool.places import GONE, open_plain
from portal.pbx.spool.text import parse_message
from portal.pbx.types import VoicemailMessage

LOCK = ".lock"
STALE_LOCK_NS = 2_000_000_000
"""Age at which a lock belongs to nobody any more; Asterisk holds it for milliseconds."""

COARSEST_NS = 2_000_000_000
"""What is younger may change without a new stamp on a spool that is mounted from elsewhere."""

ANOTHER_CLOCK_NS = 100_000_000
"""A stamp that lies further in the future comes from another clock: waiting would not help."""

OLDEST_SECONDS = 60.0
"""After this long a folder is looked at again even if its stamp did not change."""

FILE_CLOCK = getattr(time, "CLOCK_REALTIME_COARSE", 5)
"""The clock that Linux stamps files with; 5 is its number, which Python does not name."""

TEXT_FILE = re.compile(r"(msg[0-9]{4,})\.txt", re.ASCII)
MOST_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which directory it is, and when it last changed, in nanoseconds."""

    device: int
    inode: int
    modified: int
    changed: int

    @property
    def newest(self) -> int:
        """When it changed last, to whichever clock."""
        return max(self.modified, self.changed)

    @property
    def age(self) -> float:
        """Seconds since then; less than none within the present tick."""
        return (time.clock_gettime_ns(FILE_CLOCK) - self.newest - 1) / 1e9


class Identity(NamedTuple):
    """Which text it is, wherever it was moved, and which state of it."""

    inode: int
    size: int
    modified: int


@dataclass(frozen=True, slots=True)
class Text:
    """A text that was read, and what it says, if it makes sense."""

    identity: Identity
    message: VoicemailMessage | None


@dataclass(frozen=True, slots=True)
class Folder:
    """What was read. ``stems`` has the file names without suffix in step with ``messages``."""

    stamp: Stamp | None
    messages: tuple[VoicemailMessage, ...] = ()
    stems: tuple[str, ...] = ()
    texts: Mapping[int, Text] = field(default_factory=dict)  # by inode: numbers change
    is_settled: bool = True
    good_until: float = 0.0

    def is_good(self, now: Stamp) -> bool:
        """Whether it need not be read again, its stamp being this one now."""
        return self.stamp == now and time.monotonic() < self.good_until


NOWHERE = Folder(None)
"""A folder that was not made yet."""


def stamp_of(path: Path) -> Stamp | None:
    """The directory's stamp; ``None`` where it is not there, or a link."""
    try:
        found = path.stat(follow_symlinks=False)
    except OSError as error:
        if error.errno in GONE:
            return None
        raise PBXUnavailable(f"{path} is not readable") from error
    return _stamp(found) if stat.S_ISDIR(found.st_mode) else None


def read_folder(path: Path, known: Folder | None) -> Folder:
    """The folder now. Texts that ``known`` holds are not read again when they are the same."""
    clock = time.clock_gettime_ns(FILE_CLOCK)
    try:
        folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError as error:
        if error.errno in GONE:
            return NOWHERE
        raise PBXUnavailable(f"{path} is not readable") from error
    try:
        return _read(folder, path.name, known or NOWHERE, clock)
    except OSError as error:
        raise PBXUnavailable(f"{path} is not readable") from error
    finally:
        os.close(folder)


def message_in(stem: Path) -> str:
    """The ``msg_id`` of the message that has these files now; ``""`` when it is gone."""
    with suppress(OSError):
        file = open_plain(f"{stem}.txt")
        try:
            message = parse_message(os.read(file, MOST_BYTES), stem.parent.name)
        finally:
            os.close(file)
        return message.msg_id if message else ""
    return ""


def _read(folder: int, name: str, known: Folder, clock: int) -> Folder:
    before = _stamp(os.fstat(folder))
    texts: dict[str, Text] = {}
    for stem in _stems(set(os.listdir(folder))):
        with suppress(OSError):  # gone meanwhile, or a link
            texts[stem] = _text(folder, stem, name, known.texts)
    found = {stem: text.message for stem, text in texts.items() if text.message is not None}
    is_same = _stamp(os.fstat(folder)) == before and not _is_locked(folder)
    is_lasting = len(found) == len(texts) and before.newest < clock - COARSEST_NS
    return Folder(
        stamp=before,
        messages=tuple(found.values()),
        stems=tuple(found),
        texts={
            text.identity.inode: text
            for text in texts.values()
            if text.identity.modified < clock - COARSEST_NS
        },
        is_settled=is_same and not 0 <= before.newest - clock < ANOTHER_CLOCK_NS,
        good_until=time.monotonic() + OLDEST_SECONDS if is_same and is_lasting else 0.0,
    )


def _stems(files: set[str]) -> Iterator[str]:
    """Messages that have both a text and some sound."""
    for file in sorted(files):
        match = TEXT_FILE.fullmatch(file)
        if match and any(match[1] + suffix in files for suffix in SUFFIXES):
            yield match[1]


def _text(folder: int, stem: str, name: str, known: Mapping[int, Text]) -> Text:
    """What the text says, read only where it is not known. ``OSError`` if it is gone."""
    found = os.stat(f"{stem}.txt", dir_fd=folder, follow_symlinks=False)
    held = known.get(found.st_ino)
    if held and held.identity == _identity(found):
        return held
    file = open_plain(f"{stem}.txt", folder)
    try:
        return Text(_identity(os.fstat(file)), parse_message(os.read(file, MOST_BYTES), name))
    finally:
        os.close(file)


def _identity(found: os.stat_result) -> Identity:
    return Identity(found.st_ino, found.st_size, found.st_mtime_ns)


def _is_locked(folder: int) -> bool:
    """Whether Asterisk is at work here. A lock that was left behind counts for nothing."""
    try:
        made = os.stat(LOCK, dir_fd=folder, follow_symlinks=False).st_ctime_ns
    except OSError as error:
        return error.errno != errno.ENOENT
    return time.time_ns() - made < STALE_LOCK_NS


def _stamp(found: os.stat_result) -> Stamp:
    return Stamp(found.st_dev, found.st_ino, found.st_mtime_ns, found.st_ctime_ns)
