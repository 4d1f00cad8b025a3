"""Writing a file of a mailbox that is no message: beside the old one, then in its place."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from portal.pbx.errors import NotFound, PBXRejected, PBXUnavailable
from portal.pbx.spool.places import box_of, is_mailbox


def replace(root: Path, mailbox: str, name: str, data: bytes) -> Path:
    """Whoever reads sees the old file or the new one. Returns the mailbox's folder.

    Raises ``PBXUnavailable`` where it cannot be written, ``NotFound`` for no mailbox's name.
    """
    try:
        box = box_of(root, mailbox) or _make_box(root, mailbox)
        _replace(box / name, data)
    except OSError as error:
        raise PBXUnavailable(f"{name} cannot be written in {mailbox}: {error}") from error
    return box


def _make_box(root: Path, mailbox: str) -> Path:
    """The folder of a mailbox in which nobody left anything yet."""
    if not is_mailbox(mailbox):
        raise NotFound(f"{mailbox!r} is no mailbox")
    box, _at, context = mailbox.partition("@")
    with suppress(FileExistsError):
        (root / context / box).mkdir(parents=True)
    made = box_of(root, mailbox)
    if made is None:
        raise PBXRejected(f"the folder of {mailbox} leads outside the spool")
    return made


def _replace(path: Path, data: bytes) -> None:
    """Whoever may use the folder may use the file."""
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
