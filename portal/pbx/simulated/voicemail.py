"""Implements ``interface.Voicemail`` on the spool that the simulated nodes share."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, TypeVar

from portal.pbx.errors import Ambiguous, InUse, NotFound, PBXRejected
from portal.pbx.simulated.mailbox import Mailbox, suffixes
from portal.pbx.simulated.node import Node, working
from portal.pbx.spool import FOLDERS, Spool
from portal.pbx.types import Greeting, VoicemailMessage

T = TypeVar("T")


class SimulatedVoicemail:
    """Reads the spool as it is; changes go through a node, and its faults."""

    def __init__(self, nodes: Mapping[str, Node], spool: Spool) -> None:
        self.nodes = nodes
        self.spool = spool

    def messages(self, mailbox: str) -> tuple[VoicemailMessage, ...]:
        """All messages, new first, then newest first."""
        return self.spool.messages(mailbox)

    def count_new(self, mailbox: str) -> int:
        """How many are new."""
        return self.spool.count_new(mailbox)

    def open_sound(self, mailbox: str, msg_id: str) -> BinaryIO:
        """The message as a WAV file."""
        return self.spool.open_sound(mailbox, msg_id)

    def move(self, mailbox: str, msg_ids: Sequence[str], folder: str) -> frozenset[str]:
        """Move messages; those that a full folder does not take stay."""
        if folder not in FOLDERS:
            raise PBXRejected(f"{folder!r} is no folder")
        return self._ask(lambda: frozenset(self._move(mailbox, msg_ids, folder)))

    def remove(self, mailbox: str, msg_ids: Sequence[str]) -> frozenset[str]:
        """Delete messages."""
        return self._ask(lambda: frozenset(self._remove(mailbox, msg_ids)))

    def forward(self, mailbox: str, msg_id: str, to_mailbox: str) -> None:
        """Copy a message to another mailbox."""
        self._ask(lambda: self._forward(mailbox, msg_id, to_mailbox))

    def greetings(self, mailbox: str) -> frozenset[Greeting]:
        """Which were recorded."""
        return self.spool.greetings(mailbox)

    def open_greeting(self, mailbox: str, greeting: Greeting) -> BinaryIO:
        """The greeting as a WAV file."""
        return self.spool.open_greeting(mailbox, greeting)

    def write_greeting(self, mailbox: str, greeting: Greeting, wav: bytes) -> None:
        """Put it in force; no node is needed for this."""
        self.spool.write_greeting(mailbox, greeting, wav)

    def remove_greeting(self, mailbox: str, greeting: Greeting) -> None:
        """The system speaks again."""
        self.spool.remove_greeting(mailbox, greeting)

    def open_draft(self, mailbox: str, greeting: Greeting) -> BinaryIO:
        """What was recorded at a telephone."""
        return self.spool.open_draft(mailbox, greeting)

    def remove_draft(self, mailbox: str, greeting: Greeting) -> None:
        """Throw it away."""
        self.spool.remove_draft(mailbox, greeting)

    def set_pin(self, mailbox: str, pin: str) -> None:
        """Kept beside the messages, like ``passwordlocation = spooldir``."""
        self._ask(lambda: self.spool.write_pin(mailbox, pin))

    def _ask(self, action: Callable[[], T]) -> T:
        """What a node answers that can be reached; any of them will do."""
        return working(self.nodes).ask(action)

    @contextmanager
    def _held(self, *mailboxes: str) -> Iterator[None]:
        """The mailboxes, if no telephone has them open; none can open them meanwhile."""
        if not mailboxes:
            yield
            return
        with Mailbox(self.spool.root, mailboxes[0]).held():
            if any(node.telephones.has_open(mailboxes[0]) for node in self.nodes.values()):
                raise InUse(f"a telephone has {mailboxes[0]} open")
            with self._held(*mailboxes[1:]):
                yield

    def _move(self, mailbox: str, msg_ids: Sequence[str], folder: str) -> Iterator[str]:
        box = Mailbox(self.spool.root, mailbox)
        with self._held(mailbox):
            for msg_id in msg_ids:
                with suppress(NotFound, Ambiguous, PBXRejected):
                    place = self.spool.find(mailbox, msg_id)
                    if place.folder != folder:
                        box.move(place, folder)
                    yield msg_id

    def _remove(self, mailbox: str, msg_ids: Sequence[str]) -> Iterator[str]:
        box = Mailbox(self.spool.root, mailbox)
        with self._held(mailbox):
            for msg_id in msg_ids:
                with suppress(Ambiguous):
                    with suppress(NotFound):
                        box.remove(self.spool.find(mailbox, msg_id))
                    yield msg_id

    def _forward(self, mailbox: str, msg_id: str, to_mailbox: str) -> None:
        if not any(node.has_mailbox(to_mailbox) for node in self.nodes.values()):
            raise NotFound(f"there is no mailbox {to_mailbox}")
        with self._held(*sorted({mailbox, to_mailbox})):
            stem = self.spool.find(mailbox, msg_id).stem
            with suppress(NotFound):
                self.spool.find(to_mailbox, msg_id)
                raise Ambiguous(f"{to_mailbox} has the message {msg_id} already")
            files = {suffix: Path(f"{stem}{suffix}").read_bytes() for suffix in suffixes(stem)}
            Mailbox(self.spool.root, to_mailbox).put("INBOX", files)
