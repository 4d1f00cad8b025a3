"""Where a mailbox stands in the spool, and what may be opened there: nothing outside the root."""

import errno
import os
import re
import stat
from pathlib import Path
from typing import BinaryIO

from portal.pbx.errors import PBXUnavailable
from portal.pbx.sound import SUFFIXES

NAME = re.compile(r"[A-Za-z0-9_+-][A-Za-z0-9_.+-]{0,79}")

GONE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP})
"""What is not there, or stands behind a link, is not in the mailbox. Other failures are told."""


def is_mailbox(text: str) -> bool:
    """Whether this is written ``box@context``, in names that stay where they are put."""
    box, _at, context = text.partition("@")
    return bool(NAME.fullmatch(box) and NAME.fullmatch(context))


def box_of(root: Path, mailbox: str) -> Path | None:
    """The folder of ``box@context``, links resolved; ``None`` where there is none inside the root.

    Raises ``PBXUnavailable`` when the spool itself is not there or not readable.
    """
    try:
        real = root.resolve(strict=True)
        with os.scandir(real) as entries:
            next(entries, None)
    except OSError as error:
        raise PBXUnavailable(f"the voicemail folder {root} is not readable") from error
    if not is_mailbox(mailbox):
        return None
    box, _at, context = mailbox.partition("@")
    try:
        folder = (real / context / box).resolve(strict=True)
    except (OSError, RuntimeError) as error:
        if isinstance(error, OSError) and error.errno not in GONE:
            raise PBXUnavailable(f"the mailbox {mailbox} is not readable") from error
        return None
    return folder if folder.is_relative_to(real) and folder.is_dir() else None


def open_plain(path: Path | str, folder: int | None = None) -> int:
    """A descriptor for reading; ``OSError`` when it is a link, no plain file, or gone.

    ``folder`` is the descriptor that a relative path begins at.
    """
    file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise OSError(errno.ELOOP, "no plain file", str(path))
    return file


def open_sound_at(stem: Path) -> tuple[BinaryIO, str]:
    """The sound in the best format there is, with its suffix.

    Raises ``FileNotFoundError`` where there is none, ``PBXUnavailable`` where it cannot be read.
    """
    for suffix in SUFFIXES:
        try:
            return os.fdopen(open_plain(f"{stem}{suffix}"), "rb"), suffix
        except OSError as error:
            if error.errno not in GONE:
                raise PBXUnavailable(f"{stem}{suffix} is not readable") from error
    raise FileNotFoundError(errno.ENOENT, "no sound", str(stem))
