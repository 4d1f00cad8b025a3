"""The reader of a spool. What it remembers makes a page cost the same in mailboxes of any size."""

import re
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from portal.pbx.errors import Ambiguous, NotFound
from portal.pbx.shelf import Shelf
from portal.pbx.sound import BadSound, as_wav
from portal.pbx.spool import greetings
from portal.pbx.spool.folder import NOWHERE, Folder, message_in, read_folder, stamp_of
from portal.pbx.spool.places import box_of, open_sound_at
from portal.pbx.spool.text import FOLDERS, NEW_FOLDERS
from portal.pbx.spool.writing import replace
from portal.pbx.types import Greeting, VoicemailMessage

MOST_MESSAGES = 50_000
"""Messages of all mailboxes together that a process remembers, of about a kilobyte each."""

PATIENCE = 1.0
"""Seconds that a reader waits while somebody works in a mailbox; then it takes what is there."""

MOVING_SECONDS = 0.3
"""Asterisk copies a message to another folder first, and removes it from the old one then."""

PAUSE = 0.004
"""Seconds between two looks: one tick of the clock that stamps files."""

PIN = re.compile(r"[0-9]{1,20}", re.ASCII)

TRIES = 5
"""How often a sound is looked for whose message moves away under the reader."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message stood a moment ago: its folder, and its files without the suffix."""

    folder: str
    stem: Path


@dataclass(frozen=True, slots=True)
class Contents:
    """The folders of one moment, and what they hold together."""

    folders: tuple[Folder, ...]
    messages: tuple[VoicemailMessage, ...]
    places: Mapping[str, tuple[Place, ...]]

    @property
    def is_moving(self) -> bool:
        """Whether a message may be twice here because it is on its way to another folder."""
        is_twice = len(self.places) < len(self.messages)
        stamps = [folder.stamp for folder in self.folders if folder.stamp]
        return is_twice and min(stamp.age for stamp in stamps) < MOVING_SECONDS


class Spool:
    """Implements the reading part of ``interface.Voicemail`` on a folder, and the greetings.

    Every method raises ``PBXUnavailable`` when the spool is not there or not readable. A mailbox
    that is unknown is empty. For any number of threads.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._folders: Shelf[Path, Folder] = Shelf(MOST_MESSAGES, lambda it: 1 + len(it.messages))
        self._contents: Shelf[tuple[Path, Sequence[str]], Contents] = Shelf(
            MOST_MESSAGES, lambda it: 1 + len(it.messages)
        )

    def messages(self, mailbox: str) -> tuple[VoicemailMessage, ...]:
        """All messages of ``box@context``, new first, then newest first."""
        contents = self._read(mailbox, FOLDERS)
        return contents.messages if contents else ()

    def count_new(self, mailbox: str) -> int:
        """How many messages are new. Looks at no other folder."""
        contents = self._read(mailbox, NEW_FOLDERS)
        return len(contents.messages) if contents else 0

    def find(self, mailbox: str, msg_id: str) -> Place:
        """Where the message stands now. Raises ``NotFound``, or ``Ambiguous``."""
        contents = self._read(mailbox, FOLDERS)
        places = contents.places.get(msg_id, ()) if contents else ()
        if not places:
            raise NotFound(f"no message {msg_id} in {mailbox}")
        if len(places) > 1:
            raise Ambiguous(f"{len(places)} messages {msg_id} in {mailbox}")
        return places[0]

    def open_sound(self, mailbox: str, msg_id: str) -> BinaryIO:
        """The message as a WAV file, at its beginning; what happens to its files is no matter.

        Raises ``NotFound``, also where the sound cannot be understood, or ``Ambiguous``.
        """
        for _try in range(TRIES):
            place = self.find(mailbox, msg_id)
            with suppress(FileNotFoundError):
                file, suffix = open_sound_at(place.stem)
                if message_in(place.stem) == msg_id:
                    return _playable(file, suffix)
                file.close()
            time.sleep(PAUSE)
        raise NotFound(f"the sound of {msg_id} in {mailbox} is not there")

    def greetings(self, mailbox: str) -> frozenset[Greeting]:
        """Which greetings were recorded."""
        box = box_of(self.root, mailbox)
        return greetings.present(box) if box else frozenset()

    def open_greeting(self, mailbox: str, greeting: Greeting) -> BinaryIO:
        """As ``open_sound``. Raises ``NotFound``."""
        return self._open(mailbox, str(greeting))

    def write_greeting(self, mailbox: str, greeting: Greeting, wav: bytes) -> None:
        """See ``Voicemail``. Raises ``NotFound`` for what is no mailbox's name."""
        greetings.write(self.root, mailbox, str(greeting), wav)

    def remove_greeting(self, mailbox: str, greeting: Greeting) -> None:
        """Remove it in every format. Nothing happens where there was none."""
        if box := box_of(self.root, mailbox):
            greetings.remove(box, str(greeting))

    def open_draft(self, mailbox: str, greeting: Greeting) -> BinaryIO:
        """What was recorded at a telephone for it. Raises ``NotFound``, also until it is whole."""
        file = self._open(mailbox, greetings.draft(greeting))
        if greetings.is_whole(file):
            return file
        file.close()
        raise NotFound(f"the draft of {greeting} in {mailbox} is still being recorded")

    def write_draft(self, mailbox: str, greeting: Greeting, wav: bytes) -> None:
        """As ``write_greeting``, not in force. Asterisk records its drafts itself."""
        greetings.write(self.root, mailbox, greetings.draft(greeting), wav)

    def remove_draft(self, mailbox: str, greeting: Greeting) -> None:
        """Throw it away. Nothing happens where there was none."""
        if box := box_of(self.root, mailbox):
            greetings.remove(box, greetings.draft(greeting))

    def write_pin(self, mailbox: str, pin: str) -> None:
        """Where Asterisk looks for it with ``passwordlocation = spooldir``, after a reload.

        Raises ``ValueError`` for anything but 1 to 20 digits.
        """
        if not PIN.fullmatch(pin):
            raise ValueError("a PIN is digits")
        replace(self.root, mailbox, "secret.conf", f"[general]\npassword={pin}\n".encode())

    def _open(self, mailbox: str, stem: str) -> BinaryIO:
        box = box_of(self.root, mailbox)
        if box is None:
            raise NotFound(f"no mailbox {mailbox}")
        try:
            return _playable(*open_sound_at(box / stem))
        except FileNotFoundError as error:
            raise NotFound(f"no {stem} in {mailbox}") from error

    def _read(self, mailbox: str, names: Sequence[str]) -> Contents | None:
        """The folders as they stood together at one moment, if they come to rest in time."""
        box = box_of(self.root, mailbox)
        if box is None:
            return None
        deadline = time.monotonic() + PATIENCE
        while True:
            folders = [self._folder(box / name) for name in names]
            is_true = all(
                folder.is_settled and stamp_of(box / name) == folder.stamp
                for name, folder in zip(names, folders, strict=True)
            )
            contents = self._together(box, names, tuple(folders))
            if (is_true and not contents.is_moving) or time.monotonic() >= deadline:
                return contents
            time.sleep(PAUSE)

    def _folder(self, path: Path) -> Folder:
        stamp = stamp_of(path)
        if stamp is None:
            return NOWHERE
        known = self._folders.get(path)
        if known and known.is_good(stamp):
            return known
        if stamp.age < 0:
            time.sleep(PAUSE)  # it could not be trusted before the clock's next tick anyway
        folder = read_folder(path, known)
        self._folders.put(path, folder)
        return folder

    def _together(self, box: Path, names: Sequence[str], folders: tuple[Folder, ...]) -> Contents:
        """What the folders hold, put together anew only when one of them is another one."""
        known = self._contents.get((box, names))
        if known and all(a is b for a, b in zip(known.folders, folders, strict=True)):
            return known
        contents = _contents(box, names, folders)
        self._contents.put((box, names), contents)
        return contents


def _contents(box: Path, names: Sequence[str], folders: tuple[Folder, ...]) -> Contents:
    places: dict[str, tuple[Place, ...]] = {}
    for name, folder in zip(names, folders, strict=True):
        for message, stem in zip(folder.messages, folder.stems, strict=True):
            place = Place(name, box / name / stem)
            places[message.msg_id] = (*places.get(message.msg_id, ()), place)
    found = [message for folder in folders for message in folder.messages]
    found.sort(key=lambda each: (each.received_at, each.msg_id), reverse=True)
    found.sort(key=lambda each: not each.is_new)
    return Contents(folders, tuple(found), places)


def _playable(file: BinaryIO, suffix: str) -> BinaryIO:
    try:
        return as_wav(file, suffix)
    except BadSound as error:
        raise NotFound(str(error)) from error
