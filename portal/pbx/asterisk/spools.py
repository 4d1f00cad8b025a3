"""What is read and written in the spools of all nodes: each keeps its own, or some share one."""

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO, TypeVar

from portal.pbx.errors import NotFound, PBXUnavailable
from portal.pbx.spool import Spool
from portal.pbx.types import Greeting, VoicemailMessage

logger = logging.getLogger(__name__)

T = TypeVar("T")


class Spools:
    """The part of ``interface.Voicemail`` that needs no node.

    Reading takes every spool that can be read; the same id in two of them is one message. Writing
    writes to all.
    """

    def __init__(self, spools: Sequence[Spool]) -> None:
        self._spools = spools

    def messages(self, mailbox: str) -> tuple[VoicemailMessage, ...]:
        """See ``Voicemail``. Raises ``PBXUnavailable`` when no spool can be read."""
        found: list[VoicemailMessage] = []
        for messages in self._each(lambda spool: spool.messages(mailbox)):
            known = {each.msg_id for each in found}
            found += [each for each in messages if each.msg_id not in known]
        if len(self._spools) > 1:
            found.sort(key=lambda each: (each.is_new, each.received_at), reverse=True)
        return tuple(found)

    def count_new(self, mailbox: str) -> int:
        """See ``Voicemail``. Raises ``PBXUnavailable`` when no spool can be read."""
        if len(self._spools) == 1:
            return self._spools[0].count_new(mailbox)
        return sum(message.is_new for message in self.messages(mailbox))

    def open_sound(self, mailbox: str, msg_id: str) -> BinaryIO:
        """See ``Voicemail``."""
        return self._first(lambda spool: spool.open_sound(mailbox, msg_id))

    def greetings(self, mailbox: str) -> frozenset[Greeting]:
        """See ``Voicemail``."""
        return frozenset().union(*self._each(lambda spool: spool.greetings(mailbox)))

    def open_greeting(self, mailbox: str, greeting: Greeting) -> BinaryIO:
        """See ``Voicemail``."""
        return self._first(lambda spool: spool.open_greeting(mailbox, greeting))

    def write_greeting(self, mailbox: str, greeting: Greeting, wav: bytes) -> None:
        """See ``Voicemail``."""
        self._all(lambda spool: spool.write_greeting(mailbox, greeting, wav))

    def remove_greeting(self, mailbox: str, greeting: Greeting) -> None:
        """See ``Voicemail``."""
        self._all(lambda spool: spool.remove_greeting(mailbox, greeting))

    def open_draft(self, mailbox: str, greeting: Greeting) -> BinaryIO:
        """See ``Voicemail``."""
        return self._first(lambda spool: spool.open_draft(mailbox, greeting))

    def remove_draft(self, mailbox: str, greeting: Greeting) -> None:
        """See ``Voicemail``."""
        self._all(lambda spool: spool.remove_draft(mailbox, greeting))

    def _each(self, read: Callable[[Spool], T]) -> Iterator[T]:
        """What each spool says that can be read. Raises where none can."""
        failures: list[PBXUnavailable] = []
        for spool in self._spools:
            try:
                yield read(spool)
            except PBXUnavailable as error:
                logger.warning("%s", error)
                failures.append(error)
        if len(failures) == len(self._spools):
            raise failures[0] if failures else PBXUnavailable("no voicemail folder is configured")

    def _first(self, find: Callable[[Spool], BinaryIO]) -> BinaryIO:
        """What the first spool gives that has it. Raises ``NotFound`` where none has."""
        for found in self._each(lambda spool: _unless_missing(find, spool)):
            if found is not None:
                return found
        raise NotFound("in no voicemail folder that can be read")

    def _all(self, write: Callable[[Spool], None]) -> None:
        if not self._spools:
            raise PBXUnavailable("no voicemail folder is configured")
        for spool in self._spools:
            write(spool)


def _unless_missing(find: Callable[[Spool], BinaryIO], spool: Spool) -> BinaryIO | None:
    try:
        return find(spool)
    except NotFound:
        return None
