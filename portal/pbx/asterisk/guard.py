"""Keeps telephones out of a mailbox while the portal works there. ``docs/astdb.md``, vmbusy.

Portal and telephone each raise their flag, then look for the other's, so one of the two gives way.
"""

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from portal.pbx.asterisk.pool import Node
from portal.pbx.asterisk.site import Site
from portal.pbx.asterisk.wire import Action, Message, Reply, action
from portal.pbx.errors import InUse, PBXRejected, PBXUnavailable

logger = logging.getLogger(__name__)

FLAG_SECONDS = 10
"""How long a flag holds that nobody takes away, by the clock of the node."""

WORK_SECONDS = 5.0
"""After this long nothing more is begun, so that what was begun ends before the flag does."""

ACTION_SECONDS = 3.0
"""How long one action may take; in a mailbox of a thousand messages it takes some hundredths."""

CONTEXT = "webfon-mailbox"
"""The kit's context, whose extension is the mailbox that a channel opens."""

OPENERS = frozenset({"voicemailmain", "voicemailplaymsg"})
"""Applications that change messages by their numbers when they leave."""


@dataclass(frozen=True, slots=True)
class Work:
    """The time in which changes may be begun, by the monotonic clock, and the node for them.

    ``others`` run too and share the spool.
    """

    node: Node
    until: float
    others: tuple[Node, ...] = ()

    def do(self, actions: Sequence[Action]) -> list[Reply]:
        """Do one after the other, as many as there is time for: one at most is ever under way.

        Raises ``PBXRejected`` where the node says that it may not be asked.
        """
        replies: list[Reply] = []
        for item in actions:
            if time.monotonic() > self.until:
                if not replies:
                    raise PBXUnavailable(f"node {self.node.name}: no time was left")
                break
            replies.append(_granted(self.node, self.node.request([item])[0]))
        return replies

    def light(self, mailbox: str) -> None:
        """Let the other nodes of the spool tell their telephones; this one has."""
        for node in self.others:
            refresh(node, mailbox)


def refresh(node: Node, mailbox: str) -> None:
    """Let a node look at the mailbox and tell telephones, and the link, what it finds."""
    box, _at, context = mailbox.partition("@")
    try:
        node.request([action("VoicemailRefresh", Context=context, Mailbox=box)])
    except PBXUnavailable as error:
        logger.warning("The lamps of %s may be wrong: %s", mailbox, error)


@contextmanager
def closed(sites: Sequence[Site], mailbox: str) -> Iterator[Work]:
    """No telephone opens the mailbox meanwhile, on none of the nodes that share its spool.

    Raises ``InUse`` where one has it open, ``PBXUnavailable`` where no node runs, one that runs
    does not answer, or something that was begun a moment ago may not have ended yet.
    """
    until = time.monotonic() + WORK_SECONDS
    raised: list[Site] = []
    try:
        raised.extend(site for site in sites if _raise_flag(site, mailbox))
        if not raised:
            raise PBXUnavailable("no node of this voicemail is running")
        for site in raised:
            _look(site, mailbox)
    except BaseException:
        _lower(raised, mailbox)
        raise
    try:
        first, *others = (site.for_voicemail for site in raised)
        yield Work(first, until, tuple(others))
    except PBXUnavailable:
        raise  # a node may still be at work: the flags stand until they expire
    except BaseException:
        _lower(raised, mailbox)
        raise
    _lower(raised, mailbox)


def is_open(channel: Message, mailbox: str) -> bool:
    """Whether a channel has the mailbox open, or is about to, or might have for all one can see."""
    if channel.get("Context") == CONTEXT:
        return channel.get("Exten") == mailbox
    if channel.get("Application", "").lower() not in OPENERS:
        return False
    names, _comma, options = channel.get("ApplicationData", "").partition(",")
    box, _at, context = names.partition("@")
    is_asked_for = not box or "p" in options
    return is_asked_for or f"{box}@{context or 'default'}" == mailbox


def _raise_flag(site: Site, mailbox: str) -> bool:
    """Whether the node runs, and so has the flag now."""
    try:
        clock, held = site.node.request(
            [action("Getvar", Variable="EPOCH"), _flag("DBGet", mailbox)]
        )
    except PBXUnavailable:
        if site.node.is_stopped():
            return False
        raise
    now = _seconds(_granted(site.node, clock).response.get("Value", ""))
    if held.events and now < _seconds(held.events[0].get("Val", "")) <= now + FLAG_SECONDS:
        raise PBXUnavailable(f"node {site.node.name}: maybe still at work in {mailbox}")
    put = site.node.request([_flag("DBPut", mailbox, Val=str(now + FLAG_SECONDS))])[0]
    _granted(site.node, put)
    return True


def _look(site: Site, mailbox: str) -> None:
    node = site.for_voicemail
    reply = _granted(node, node.request([action("CoreShowChannels")], site.node.timeout)[0])
    if any(is_open(channel, mailbox) for channel in reply.events):
        raise InUse(f"{mailbox} is open at a telephone of node {node.name}")


def _lower(sites: Sequence[Site], mailbox: str) -> None:
    for site in sites:
        try:
            site.node.request([_flag("DBDel", mailbox)])
        except PBXUnavailable as error:
            logger.warning("The flag of %s expires by itself: %s", mailbox, error)


def _granted(node: Node, reply: Reply) -> Reply:
    if not reply.ok:
        raise PBXRejected(f"node {node.name} refused: {reply.message}")
    return reply


def _flag(name: str, mailbox: str, **headers: str) -> Action:
    return action(name, Family="webfon", Key=f"vmbusy/{mailbox}", **headers)


def _seconds(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0
