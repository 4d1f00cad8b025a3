"""Calls that the portal begins: ``Originate`` of the kit's ``webfon-begin``, and on it goes.

Whoever may originate can run programs (``Variable: SHELL(...)``), so all that goes into an action
here is digits, names of mailboxes, or ids, and each is looked at before.
"""

import logging
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from portal.pbx.asterisk import kit
from portal.pbx.asterisk.originate import originate
from portal.pbx.asterisk.pool import Node
from portal.pbx.asterisk.site import Site, by_spool
from portal.pbx.asterisk.wire import Action, action
from portal.pbx.begun import is_linkedid, new_linkedid
from portal.pbx.errors import NotFound, PBXError, PBXRejected, PBXUnavailable
from portal.pbx.spool import Spool
from portal.pbx.spool.greetings import draft
from portal.pbx.spool.places import is_mailbox
from portal.pbx.types import Greeting, VoicemailMessage

logger = logging.getLogger(__name__)

DIGITS = re.compile(r"[0-9]{1,32}", re.ASCII)
MSG_ID = re.compile(r"[0-9A-Za-z._-]{1,100}", re.ASCII)

OWN_HALF = "-telephone"
"""Ends the id of the channel that rings the subscriber's own telephones."""

NAME_MARKS, LONGEST_NAME = ".,'-", 40

UNANSWERED_MS = (kit.BEGIN_SECONDS + 5) * 1000

PROMPTS = {
    Greeting.UNAVAILABLE: "vm-rec-unv",
    Greeting.BUSY: "vm-rec-busy",
    Greeting.TEMPORARY: "vm-rec-temp",
    Greeting.NAME: "vm-rec-name",
}
"""What Asterisk's own voicemail says before it records each."""

NO_RECORD = {"CDR_PROP(disable)": "1"}
"""A call that nobody takes is none; the kit takes this back for one that goes on to a number."""


class AsteriskDialer:
    """Implements ``interface.Dialer``: on the first node where a telephone can be reached."""

    def __init__(self, sites: Sequence[Site], spools: Sequence[Spool]) -> None:
        self._sites = sites
        self._spools = spools

    def play_message(self, subscriber: str, mailbox: str, msg_id: str) -> None:
        """See ``Dialer``. The message then counts as heard; its caller is who rings."""
        _expect(MSG_ID, msg_id)
        found = self._find(mailbox, msg_id)
        caller = next(iter(found.values())).caller
        variables = {"WEBFON_BOX": mailbox, "WEBFON_MESSAGE": msg_id}
        near = [site for path in found for site in by_spool(self._sites)[path]]
        shown = _caller_id("", caller)
        self._begin(near, subscriber, "play", shown, variables, new_linkedid())

    def record_greeting(self, subscriber: str, mailbox: str, greeting: Greeting) -> None:
        """See ``Dialer``."""
        if not is_mailbox(mailbox):
            raise NotFound(f"{mailbox!r} is no mailbox")
        variables = {
            "WEBFON_BOX": mailbox,
            "WEBFON_DRAFT": draft(greeting),
            "WEBFON_PROMPT": PROMPTS[greeting],
        }
        near = [site for site in self._sites if site.spool]
        shown = _caller_id("", subscriber)
        self._begin(near, subscriber, "record", shown, variables, new_linkedid())

    def call(self, subscriber: str, number: str, *, name: str = "", linkedid: str = "") -> str:
        """See ``Dialer``. The number is what rings."""
        _expect(DIGITS, number)
        linkedid = linkedid or new_linkedid()
        if not is_linkedid(linkedid):
            raise PBXRejected(f"{linkedid!r} is no id of a call that the portal begins")
        shown = _caller_id(name, number)
        return self._begin(self._sites, subscriber, number, shown, {}, linkedid)

    def hang_up(self, linkedid: str) -> None:
        """See ``Dialer``. Both halves of the call, at every node: only the nodes know whose it is.

        Raises ``PBXUnavailable`` where none of them was reached.
        """
        if not is_linkedid(linkedid):
            raise PBXRejected(f"{linkedid!r} is no id of a call that the portal begins")
        halves = [action("Hangup", Channel=each) for each in (linkedid, f"{linkedid}{OWN_HALF}")]
        failures: list[PBXUnavailable] = []
        for site in self._sites:
            try:
                site.node.request(halves)
            except PBXUnavailable as error:
                failures.append(error)
        if len(failures) == len(self._sites):
            raise (failures or [PBXUnavailable("no node is configured")])[0]

    def _find(self, mailbox: str, msg_id: str) -> dict[Path, VoicemailMessage]:
        """The message in each of the spools that have it. Raises ``NotFound``, ``Ambiguous``."""
        found: dict[Path, VoicemailMessage] = {}
        for spool in self._spools:
            with suppress(NotFound):
                spool.find(mailbox, msg_id)
                of_id = (each for each in spool.messages(mailbox) if each.msg_id == msg_id)
                found.update((spool.root, message) for message in of_id)
        if not found:
            raise NotFound(f"no message {msg_id} in {mailbox}")
        return found

    def _begin(
        self,
        sites: Sequence[Site],
        subscriber: str,
        extension: str,
        shown: str,
        variables: Mapping[str, str],
        linkedid: str,
    ) -> str:
        """Ring at the first node that can, and go on at the extension of ``webfon-begun``."""
        _expect(DIGITS, subscriber)
        begin = _begin_there(linkedid, subscriber, extension, shown, variables)
        failures: list[PBXError] = []
        for site in sites:
            try:
                _ring(site.for_calls, begin, linkedid)
            except (PBXUnavailable, PBXRejected, NotFound) as error:
                logger.info("Node %s: %s", site.node.name, error)
                failures.append(error)
            else:
                return linkedid
        away = [error for error in failures if isinstance(error, NotFound)]
        raise (away or failures or [PBXUnavailable("no node is configured")])[0]


def _caller_id(name: str, number: str) -> str:
    """What the subscriber's telephones show. The name is somebody's text: letters and spaces."""
    kept = "".join(c if c.isalnum() or c in NAME_MARKS else " " for c in name)
    return f'"{" ".join(kept.split())[:LONGEST_NAME] or "Webfon"}" <{number}>'


def _begin_there(
    linkedid: str, subscriber: str, extension: str, shown: str, variables: Mapping[str, str]
) -> Action:
    given = {"WEBFON_CALLER": subscriber, **variables, **NO_RECORD}
    return Action(
        "Originate",
        (
            ("Channel", f"Local/{subscriber}@webfon-begin/n"),
            ("ChannelId", linkedid),
            ("OtherChannelId", f"{linkedid}{OWN_HALF}"),
            ("Context", "webfon-begun"),
            ("Exten", extension),
            ("Priority", "1"),
            ("CallerID", shown),
            ("Timeout", str(UNANSWERED_MS)),
            ("Async", "true"),
            *(("Variable", f"{name}={value}") for name, value in given.items()),
        ),
    )


def _ring(node: Node, begin: Action, linkedid: str) -> None:
    """Returns once something rings. Raises ``NotFound`` where there is nothing to ring."""
    if originate(node, begin, linkedid).get("Telephones") == "0":
        raise NotFound("no telephone of the subscriber can be reached")


def _expect(pattern: re.Pattern[str], text: str) -> None:
    if not pattern.fullmatch(text):
        raise PBXRejected("what is no number and no id is not sent to a node")
