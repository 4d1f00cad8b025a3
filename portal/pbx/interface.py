"""What every back end can do, as small protocols.

Any method may raise ``PBXUnavailable`` (not reached before the deadline) or ``PBXRejected``.
All are safe to call from several threads. Numbers are digits; a *node* is one server of the
telephone system, named as in ``settings.PBX``; nodes are interchangeable copies.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import Event
from typing import Protocol

from portal.pbx.types import (
    Call,
    CheckResult,
    ForwardingPlan,
    NodeEvent,
    VoicemailMessage,
    Window,
)


class Forwarding(Protocol):
    """The compiled plans, which calls obey without asking the portal."""

    def read(self, node: str, subscribers: Sequence[str]) -> dict[str, ForwardingPlan | None]:
        """The plans that the node holds; ``None`` where one is missing, torn or malformed.

        Without their ``windows``, which nobody but a call looks at.
        """

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
        """Forget the subscribers of these plans; calls to them then ring normally.

        The day keys of their calendars stay, without effect: only ``forget_calendar`` knows them.
        """

    def forget_calendar(
        self, node: str, subscriber: str, version: str, windows: Sequence[Window]
    ) -> None:
        """Delete the day keys that these windows made; of keys that are not there nothing is said.

        Of a version that is no longer in force, or of days gone by.
        """

    def read_classes(self, node: str, codes: Sequence[str]) -> dict[str, str | None]:
        """Service classes as regular expressions, by code; ``None`` where missing."""

    def write_classes(self, node: str, classes: Mapping[str, str]) -> None:
        """Put service classes in force, without a reload."""


class CallLog(Protocol):
    """The call records."""

    def calls(self, subscriber: str, *, limit: int, missed_only: bool = False) -> tuple[Call, ...]:
        """The latest calls made and received, newest first, at most ``limit``."""


class Voicemail(Protocol):
    """The messages."""

    def messages(self, mailbox: str) -> tuple[VoicemailMessage, ...]:
        """All messages of ``box@context``, new first, then newest first; empty when unknown."""


class Monitor(Protocol):
    """What happens on the nodes, for the link."""

    def watch(self, node: str, stop: Event) -> Iterator[NodeEvent]:
        """``UP`` at every (re)connection and boot, ``DOWN`` when it is lost, until ``stop``.

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
    monitor: Monitor
    diagnostics: Diagnostics
