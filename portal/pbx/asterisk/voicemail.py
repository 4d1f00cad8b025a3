"""Changing messages: every change goes through a node, one at a time, with telephones kept out."""

import logging
import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from portal.pbx.asterisk.guard import closed
from portal.pbx.asterisk.pin import reloaded
from portal.pbx.asterisk.site import Site, by_spool
from portal.pbx.asterisk.spools import Spools
from portal.pbx.asterisk.wire import Action, Reply, action
from portal.pbx.errors import Ambiguous, NotFound, PBXRejected, PBXUnavailable
from portal.pbx.spool import FOLDERS, Spool
from portal.pbx.spool.places import is_mailbox
from portal.pbx.types import VoicemailMessage

logger = logging.getLogger(__name__)

ROOM = 16 * 1024 * 1024
"""Free bytes without which nothing is copied in a spool: a quarter of an hour of sound.

Asterisk 22 moves a message by copying it and then deletes the original, also where the copy found
no room; it calls that successful, and the message is lost.
"""


class AsteriskVoicemail(Spools):
    """Implements ``interface.Voicemail``. A message is changed by the nodes of its spool.

    A node says ``Success`` of what failed, so the spool is read again to see what was done.
    """

    def __init__(self, sites: Sequence[Site], spools: Sequence[Spool]) -> None:
        super().__init__(spools)
        near = by_spool(sites)
        self._shared = {spool: near[spool.root] for spool in spools}

    def move(self, mailbox: str, msg_ids: Sequence[str], folder: str) -> frozenset[str]:
        """See ``Voicemail``. Takes some milliseconds for each message."""
        if folder not in FOLDERS:
            raise PBXRejected(f"{folder!r} is no folder")

        def to_folder(message: VoicemailMessage) -> Action | None:
            if message.folder == folder:
                return None
            return _on("VoicemailMove", mailbox, message, ToFolder=folder)

        self._change(mailbox, msg_ids, to_folder, room=ROOM)
        return frozenset(
            msg_id
            for msg_id, folders in self._where(mailbox, msg_ids).items()
            if folders == {folder}
        )

    def remove(self, mailbox: str, msg_ids: Sequence[str]) -> frozenset[str]:
        """See ``Voicemail``. Takes some milliseconds for each message."""
        self._change(mailbox, msg_ids, lambda message: _on("VoicemailRemove", mailbox, message))
        return frozenset(msg_ids) - self._where(mailbox, msg_ids).keys()

    def forward(self, mailbox: str, msg_id: str, to_mailbox: str) -> None:
        """See ``Voicemail``. Raises ``NotFound`` also where the other mailbox does not exist."""
        if not is_mailbox(to_mailbox):
            raise NotFound(f"{to_mailbox!r} is no mailbox")
        if self._where(to_mailbox, [msg_id]):
            raise Ambiguous(f"{to_mailbox} holds {msg_id} already")
        spool = self._holding(mailbox, msg_id)
        box, _at, context = to_mailbox.partition("@")
        _expect_room(spool, ROOM)
        target = {"ToContext": context, "ToMailbox": box, "ToFolder": "INBOX"}
        with closed(self._shared[spool], mailbox) as work:
            message = _only(spool, mailbox, msg_id)
            status = action("VoicemailUserStatus", Context=context, Mailbox=box)
            copy = _on("VoicemailForward", mailbox, message, **target)
            if not work.do([status])[0].events:
                raise NotFound(f"there is no mailbox {to_mailbox}")
            reply = work.do([copy])[0]
            work.light(to_mailbox)
        if not any(each.msg_id == msg_id for each in spool.messages(to_mailbox)):
            raise PBXRejected(f"not copied to {to_mailbox}: {reply.message}")

    def set_pin(self, mailbox: str, pin: str) -> None:
        """See ``Voicemail``. Raises ``ValueError`` for what is not digits."""
        sites = [site for near in self._shared.values() for site in near]
        with reloaded(sites):
            self._all(lambda spool: spool.write_pin(mailbox, pin))

    def _change(
        self,
        mailbox: str,
        msg_ids: Iterable[str],
        change: Callable[[VoicemailMessage], Action | None],
        room: int = 0,
    ) -> None:
        """Do it to those of the messages that are there once, in every spool that has some."""
        wanted = frozenset(msg_ids)
        for spool, sites in self._shared.items():
            if not any(message.msg_id in wanted for message in spool.messages(mailbox)):
                continue
            _expect_room(spool, room)
            with closed(sites, mailbox) as work:
                actions = [change(each) for each in _singles(spool, mailbox, wanted)]
                _log_failures(work.do([each for each in actions if each]), work.node.name)
                work.light(mailbox)

    def _where(self, mailbox: str, msg_ids: Iterable[str]) -> dict[str, set[str]]:
        """The folders that hold each of the messages now, "" for one that holds it twice.

        Raises ``PBXUnavailable`` unless every spool can be read.
        """
        wanted = frozenset(msg_ids)
        folders: dict[str, set[str]] = {}
        for spool in self._shared:
            found = [each for each in spool.messages(mailbox) if each.msg_id in wanted]
            times = Counter(each.msg_id for each in found)
            for each in found:
                folder = each.folder if times[each.msg_id] == 1 else ""
                folders.setdefault(each.msg_id, set()).add(folder)
        return folders

    def _holding(self, mailbox: str, msg_id: str) -> Spool:
        """The first spool that has the message. Raises ``NotFound``, or ``Ambiguous``."""
        for spool in self._shared:
            try:
                spool.find(mailbox, msg_id)
            except NotFound:
                continue
            return spool
        raise NotFound(f"no message {msg_id} in {mailbox}")


def _expect_room(spool: Spool, least: int) -> None:
    """Raise ``PBXUnavailable`` where a copy might not find so many bytes."""
    try:
        disk = os.statvfs(spool.root)
    except OSError as error:
        raise PBXUnavailable(f"the voicemail folder {spool.root} is away") from error
    if disk.f_bavail * disk.f_frsize < least:
        raise PBXUnavailable(f"the disk of {spool.root} is full")


def _singles(spool: Spool, mailbox: str, wanted: frozenset[str]) -> list[VoicemailMessage]:
    found = [each for each in spool.messages(mailbox) if each.msg_id in wanted]
    times = Counter(each.msg_id for each in found)
    return [each for each in found if times[each.msg_id] == 1]


def _only(spool: Spool, mailbox: str, msg_id: str) -> VoicemailMessage:
    """The message as it is now. Raises ``NotFound``, or ``Ambiguous``."""
    spool.find(mailbox, msg_id)
    for message in _singles(spool, mailbox, frozenset({msg_id})):
        return message
    raise NotFound(f"no message {msg_id} in {mailbox}")


def _on(name: str, mailbox: str, message: VoicemailMessage, **headers: str) -> Action:
    box, _at, context = mailbox.partition("@")
    return action(
        name, Context=context, Mailbox=box, Folder=message.folder, ID=message.msg_id, **headers
    )


def _log_failures(replies: Sequence[Reply], node: str) -> None:
    for reply in replies:
        if "failed" in reply.message:
            logger.warning("Node %s: %s", node, reply.message)
