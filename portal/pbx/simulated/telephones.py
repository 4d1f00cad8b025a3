"""The telephones at one simulated node: which are off, which hear their messages, what they did.

Files in the node's folder, so that every process sees them.
"""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zlib import crc32

from portal.pbx.simulated.mailbox import Mailbox
from portal.pbx.spool import Spool
from portal.pbx.types import LineState, VoicemailMessage


def address_of(device: str) -> str:
    """Some place in the company's network, always the same."""
    chance = crc32(device.encode())
    return f"10.20.{chance % 4}.{10 + chance % 200}"


class Telephones:
    """All telephones of a node."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def unplug(self, device: str) -> None:
        """From now on the device is not registered."""
        (self.path / "unplugged").mkdir(parents=True, exist_ok=True)
        self._unplugged(device).touch()

    def plug_in(self, device: str) -> None:
        """It is again."""
        self._unplugged(device).unlink(missing_ok=True)

    def is_reachable(self, device: str) -> bool:
        """Whether it is registered, which it is unless it was unplugged."""
        return not self._unplugged(device).exists()

    def unplugged(self) -> list[str]:
        """Those that are not registered."""
        return [file.name for file in (self.path / "unplugged").glob("*")]

    def behave(self, number: str, state: LineState) -> None:
        """From now on calls that the portal begins find this at the number; answering is usual."""
        (self.path / "manners").mkdir(parents=True, exist_ok=True)
        (self.path / "manners" / number).write_text(state)

    def manner(self, number: str) -> LineState:
        """What they find there."""
        try:
            return LineState((self.path / "manners" / number).read_text())
        except FileNotFoundError:
            return LineState.IDLE

    def has_open(self, mailbox: str) -> bool:
        """Whether somebody hears this mailbox at a telephone."""
        return any((self.path / "listening").glob(f"{mailbox}.*"))

    def hang_up(self) -> None:
        """All calls end at once, as when the node dies: what was not done will not be done."""
        for mark in (self.path / "listening").glob("*"):
            mark.unlink(missing_ok=True)

    @contextmanager
    def listen(self, spool: Spool, mailbox: str) -> Iterator["Listening"]:
        """Call the mailbox from a telephone; what is done there takes effect at the end."""
        mark = self.path / "listening" / f"{mailbox}.{secrets.token_hex(4)}"
        mark.parent.mkdir(parents=True, exist_ok=True)
        box = Mailbox(spool.root, mailbox)
        with box.held():  # not in the middle of a change
            mark.touch()
        try:
            listening = Listening(spool.messages(mailbox))
            yield listening
            if mark.exists():
                listening.hang_up(spool, box)
        finally:
            mark.unlink(missing_ok=True)

    def light(self, device: str, new: int) -> None:
        """Its lamp shows so many new messages."""
        (self.path / "lamps").mkdir(parents=True, exist_ok=True)
        (self.path / "lamps" / device).write_text(str(new))

    def lamp(self, device: str) -> int:
        """How many it was told of last."""
        file = self.path / "lamps" / device
        return int(file.read_text()) if file.exists() else 0

    def note(self, what: str, **details: str) -> None:
        """Remember that a telephone rang for something."""
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / "telephones.jsonl").open("a") as file:
            file.write(json.dumps({"what": what, **details}) + "\n")

    def notes(self) -> list[dict[str, str]]:
        """What telephones rang for, in order."""
        try:
            lines = (self.path / "telephones.jsonl").read_text().splitlines()
        except FileNotFoundError:
            return []
        return [json.loads(line) for line in lines]

    def _unplugged(self, device: str) -> Path:
        return self.path / "unplugged" / device


class Listening:
    """Somebody who goes through the messages."""

    def __init__(self, messages: tuple[VoicemailMessage, ...]) -> None:
        self.messages = messages
        self._heard: list[str] = []
        self._deleted: list[str] = []

    def hear(self, msg_id: str) -> None:
        """Listen to a message to its end."""
        self._heard.append(msg_id)

    def delete(self, msg_id: str) -> None:
        """Press 7."""
        self._deleted.append(msg_id)

    def hang_up(self, spool: Spool, box: Mailbox) -> None:
        """Deleted messages go, heard ones are new no more."""
        new = {message.msg_id for message in self.messages if message.is_new}
        with box.held():
            for msg_id in self._deleted:
                box.remove(spool.find(box.name, msg_id))
            for msg_id in self._heard:
                if msg_id in new and msg_id not in self._deleted:
                    box.move(spool.find(box.name, msg_id), "Old")
