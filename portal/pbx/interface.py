"""What every back end can do, as small protocols.

Any method may raise ``PBXUnavailable`` (not reached before the deadline) or ``PBXRejected``.
All are safe to call from several threads. Numbers are digits; a *node* is one server of the
telephone system, named as in ``settings.PBX``; nodes are interchangeable copies.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from threading import Event
from typing import BinaryIO, Protocol

from portal.pbx.logins import MissedLogin, WrongLogins
from portal.pbx.phone_rules import PhoneRules
from portal.pbx.presence import Memberships, Staff, Whereabouts
from portal.pbx.types import (
    Call,
    CallSearch,
    CallState,
    CheckResult,
    ForwardingPlan,
    Greeting,
    MissedCall,
    NodeEvent,
    Page,
    Step,
    Summary,
    VoicemailMessage,
    Window,
)

EVERYTHING = CallSearch()


class Forwarding(Protocol):
    """The compiled plans, which calls obey without asking the portal."""

    def read(self, node: str, subscribers: Sequence[str]) -> dict[str, ForwardingPlan | None]:
        """The plans that the node holds, without ``windows``; ``None`` where missing or torn."""

    def read_phones(self, node: str, subscribers: Sequence[str]) -> dict[str, PhoneRules]:
        """What was last changed at telephones there, ``NOTHING`` where it is malformed."""

    def write(self, node: str, plans: Sequence[ForwardingPlan]) -> None:
        """Put each plan in force. A call sees the old plan or the new one, never a mixture.

        Returning means that the node has taken them; it may still lose its last second in a crash.
        A device that a plan no longer names stops being its subscriber's.
        Where a plan names a version of the calendar, or a day ``until``, that the node does not
        hold yet, the day keys of its ``windows`` are all there before the plan, the switch, is.
        Of a version that the node holds already, only days from the one it holds ``until`` on.
        A plan that no node can take is left out; ``PBXRejected`` says so once the others are in.
        """

    def remove(self, node: str, plans: Sequence[ForwardingPlan]) -> None:
        """Forget the subscribers of these plans and what they changed at telephones; calls ring.

        The day keys of their calendars stay, without effect: only ``forget_calendar`` knows them.
        """

    def forget_calendar(
        self, node: str, subscriber: str, version: str, windows: Sequence[Window]
    ) -> None:
        """Delete the day keys, where there, of windows out of force or of days gone by."""

    def read_classes(self, node: str, codes: Sequence[str]) -> dict[str, str | None]:
        """Service classes as regular expressions, by code; ``None`` where missing."""

    def write_classes(self, node: str, classes: Mapping[str, str]) -> None:
        """Put service classes in force, without a reload."""


class CallLog(Protocol):
    """The call records, each call as one subscriber sees it, newest first.

    Raises ``django.db.DatabaseError`` where their database is away.
    """

    def calls(self, subscriber: str, *, limit: int, missed_only: bool = False) -> tuple[Call, ...]:
        """The latest calls made and received, at most ``limit``."""

    def page(
        self, subscriber: str, search: CallSearch = EVERYTHING, *, before: str = "", limit: int = 50
    ) -> Page:
        """Calls from the newest on, or from those that come after the key ``before``.

        Costs about the same for everybody and everywhere. Raises ``NotFound`` for no key.
        """

    def export(self, subscriber: str, search: CallSearch = EVERYTHING) -> Iterator[Call]:
        """All of them, one after another; memory does not grow with their number."""

    def call(self, subscriber: str, key: str) -> Call:
        """One of the subscriber's calls. Raises ``NotFound`` for a key of nobody's or another's."""

    def steps(self, subscriber: str, key: str) -> tuple[Step, ...]:
        """What happened in one of the subscriber's calls, in order. Raises ``NotFound``."""

    def ending(self, linkedid: str) -> CallState | None:
        """How a call ended, for whoever made it; ``None`` while there is no record of it."""

    def missed_to_return(self, subscriber: str, since: datetime) -> tuple[MissedCall, ...]:
        """Of each number the latest missed call, unless they have spoken since; newest first.

        Looks at the latest 500 missed calls; those of withheld numbers cannot be returned.
        """

    def summary(self, subscriber: str, since: datetime, until: datetime, zone: tzinfo) -> Summary:
        """How many calls were received, by day and by hour of the week. For periods of weeks."""

    def taken_from_queues(self, subscriber: str, since: datetime) -> int:
        """How many calls the subscriber took that a queue had given. For periods of days."""


class Voicemail(Protocol):
    """The messages of mailboxes, each written ``box@context``, and what callers hear there.

    Reading needs only the spool; every change goes through a node. Whoever changes a mailbox
    holds its lock over all processes: this protocol guards against telephones alone, and raises
    ``InUse``, having changed nothing, while one has the mailbox open.
    """

    def messages(self, mailbox: str) -> tuple[VoicemailMessage, ...]:
        """All messages, new first, then newest first; empty when the mailbox is unknown."""

    def count_new(self, mailbox: str) -> int:
        """How many messages are new; cheap enough for every page."""

    def open_sound(self, mailbox: str, msg_id: str) -> BinaryIO:
        """The message as a WAV file that every browser plays, opened at its beginning.

        What Asterisk does meanwhile with the file does not matter. Other formats are converted.
        Raises ``NotFound``, or ``Ambiguous``.
        """

    def move(self, mailbox: str, msg_ids: Sequence[str], folder: str) -> frozenset[str]:
        """Move messages to a folder of ``FOLDERS``: to ``Old`` is heard, to ``INBOX`` not heard.

        Returns the ids that are in the folder now; ids that are gone, or occur twice, are left.
        Telephones' lamps follow.
        """

    def remove(self, mailbox: str, msg_ids: Sequence[str]) -> frozenset[str]:
        """Delete messages for good. Returns the ids that are gone now, also those that were."""

    def forward(self, mailbox: str, msg_id: str, to_mailbox: str) -> None:
        """Copy a message to another mailbox, as a new one with the same id.

        Raises ``NotFound``; ``Ambiguous`` also where the other mailbox holds the id already.
        """

    def greetings(self, mailbox: str) -> frozenset[Greeting]:
        """Which greetings were recorded; in place of the others the system speaks."""

    def open_greeting(self, mailbox: str, greeting: Greeting) -> BinaryIO:
        """As ``open_sound``. Raises ``NotFound``."""

    def write_greeting(self, mailbox: str, greeting: Greeting, wav: bytes) -> None:
        """Put a greeting in force: WAV, 8,000 Hz, 16 bits, mono. A caller hears the old or the new.

        Raises ``ValueError`` for another format, ``PBXUnavailable`` where it cannot be written.
        """

    def remove_greeting(self, mailbox: str, greeting: Greeting) -> None:
        """The system speaks again. Nothing happens where there was none."""

    def open_draft(self, mailbox: str, greeting: Greeting) -> BinaryIO:
        """What was recorded at a telephone for this greeting and not yet put in force.

        Raises ``NotFound``.
        """

    def remove_draft(self, mailbox: str, greeting: Greeting) -> None:
        """Throw it away. Nothing happens where there was none."""

    def set_pin(self, mailbox: str, pin: str) -> None:
        """The digits that a telephone asks for. In force when this returns."""


class Dialer(Protocol):
    """Calls that the portal begins: all telephones of the subscriber ring, then it goes on.

    Each returns once the call was started, and raises ``NotFound`` where no telephone of the
    subscriber can be reached.
    """

    def play_message(self, subscriber: str, mailbox: str, msg_id: str) -> None:
        """Play the message to whoever answers. It may count as heard then."""

    def record_greeting(self, subscriber: str, mailbox: str, greeting: Greeting) -> None:
        """Record what is said after the tone; afterwards ``Voicemail.open_draft`` gives it."""

    def call(self, subscriber: str, number: str, *, name: str = "", linkedid: str = "") -> str:
        """Call the number as if it had been dialled there, by the subscriber's service class.

        The subscriber's telephones show ``name``, as far as they can. Returns the ``linkedid``
        that the call has in the call records and in ``News.CALL``: the one given, which is one of
        ``begun.new_linkedid()``, else a new one.
        """

    def hang_up(self, linkedid: str) -> None:
        """End a call that the portal began, whatever its state. One that is over stays so."""


class Devices(Protocol):
    """Where a subscriber is now. Raises ``PBXUnavailable`` only where no node answers."""

    def whereabouts(self, subscriber: str) -> Whereabouts:
        """Every telephone of the subscriber, connected or not, as each node sees it."""

    def log_out(self, subscriber: str, device: str) -> tuple[str, ...]:
        """Give the telephone back to its owner, if the subscriber is there; as in ``Queues``."""

    def log_in(self, subscriber: str, device: str) -> tuple[str, ...]:
        """Have every node know of a login that one has told; as in ``Queues``."""

    def make_up(self, node: str, missed: MissedLogin) -> None:
        """Have a node that was away know of it, unless somebody logged in there since."""

    def wrong_logins(self, subscriber: str) -> tuple[WrongLogins, ...]:
        """What the nodes that answer have counted against the subscriber's PIN."""

    def let_in_again(self, subscriber: str) -> tuple[str, ...]:
        """Forget that, so that the right clave opens again; as in ``Queues``."""

    def guests(self, devices: Sequence[str]) -> dict[str, str]:
        """Who logged in at which of these telephones, on any node that answers."""

    def light(self, device: str, new: int) -> None:
        """Have the lamp show so many new messages, until the node tells the telephone otherwise."""

    def owners(self, device: str) -> frozenset[str]:
        """The subscribers who would want to know that something changed at the device."""


class Queues(Protocol):
    """What the queues are to a subscriber, whom each queue rings by the dialplan kit.

    Reading raises ``PBXUnavailable`` where no node answers. A change goes to every node; it
    returns the names of those that did not answer, and raises where none took it: ``NotFound``
    where the subscriber, or the queue, is not there, ``PBXRejected`` where a node refused.
    """

    def memberships(self, subscriber: str, also: Sequence[str] = ()) -> Memberships:
        """The subscriber's queues, and those named in ``also`` even if he is no member."""

    def staff(self) -> Staff:
        """Every queue with everybody who is in it, for whoever looks after them."""

    def members(self, queue: str) -> frozenset[str]:
        """The subscribers who are in it now, on any node that answers."""

    def pause(self, subscriber: str, queues: Sequence[str], reason: str) -> tuple[str, ...]:
        """No call of these queues rings any more. Says why to whoever watches; may be said anew."""

    def resume(self, subscriber: str, queues: Sequence[str]) -> tuple[str, ...]:
        """Calls ring again. Nothing happens to who was not paused."""

    def log_in(
        self, subscriber: str, queue: str, *, name: str = "", penalty: int = 0
    ) -> tuple[str, ...]:
        """Become a dynamic member, shown as ``name``. Nothing happens to who is a member."""

    def log_out(self, subscriber: str, queue: str) -> tuple[str, ...]:
        """Leave. Raises ``PBXRejected`` for a static member."""


class Monitor(Protocol):
    """What happens on the nodes, for the link."""

    def watch(self, node: str, stop: Event) -> Iterator[NodeEvent]:
        """``UP`` at every (re)connection and boot, ``DOWN`` when it is lost, until ``stop``.

        Between them all other ``News``, within a second of a change, whoever made it; some may be
        missing when the connection was lost meanwhile, so ``UP`` means: look yourself.
        Reconnects by itself, with a growing pause; never raises for a node that is away.
        """


class Diagnostics(Protocol):
    """What ``pbx_check`` tells the operator."""

    def check(self) -> Iterator[CheckResult]:
        """Try every part of the connection and say in words what is wrong and how to mend it."""


@dataclass(frozen=True, slots=True)
class PBX:
    """A back end: its nodes and what it can do."""

    nodes: tuple[str, ...]
    forwarding: Forwarding
    call_log: CallLog
    voicemail: Voicemail
    dialer: Dialer
    devices: Devices
    queues: Queues
    monitor: Monitor
    diagnostics: Diagnostics
