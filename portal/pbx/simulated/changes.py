"""Which mailboxes changed since the last look."""

import os
from collections.abc import Iterator
from pathlib import Path

from portal.pbx.spool import FOLDERS

Seen = dict[str, tuple[int, ...]]


class Changes:
    """Looks at the times of folders, not at what is in them."""

    def __init__(self, spool: Path) -> None:
        self.spool = spool
        self._seen = self._look()

    def next(self) -> list[str]:
        """The mailboxes in which a message came, went or was heard; now and then one too many."""
        seen = self._look()
        changed = [name for name, times in seen.items() if self._seen.get(name) != times]
        self._seen = seen
        return changed

    def _look(self) -> Seen:
        return {
            f"{box.name}@{context.name}": tuple(_changed(Path(box.path, name)) for name in FOLDERS)
            for context in _folders(self.spool)
            for box in _folders(context)
        }


def _folders(path: "Path | os.DirEntry[str]") -> Iterator["os.DirEntry[str]"]:
    try:
        with os.scandir(path) as entries:
            yield from (entry for entry in entries if entry.is_dir(follow_symlinks=False))
    except OSError:
        return


def _changed(folder: Path) -> int:
    try:
        return folder.stat().st_ctime_ns
    except OSError:
        return 0
