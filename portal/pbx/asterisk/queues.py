"""Queues as ``app_queue`` tells of them, and what a member may change there."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial

from portal.pbx.asterisk.devices import AsteriskDevices
from portal.pbx.asterisk.pool import Node
from portal.pbx.asterisk.seen import MEMBER, member_of
from portal.pbx.asterisk.site import Site
from portal.pbx.asterisk.wire import Action, Message, action
from portal.pbx.errors import NotFound, PBXError, PBXRejected, PBXUnavailable
from portal.pbx.presence import Membership, Memberships, Staff, Staffed, Use, clean_reason
from portal.pbx.union import ask_all, change_all

QUEUE = re.compile(r"[0-9A-Za-z_.-]{1,80}", re.ASCII)

USES = {
    "1": Use.FREE,
    "2": Use.IN_USE,
    "3": Use.IN_USE,
    "5": Use.UNREACHABLE,
    "6": Use.RINGING,
    "7": Use.RINGING,
    "8": Use.ON_HOLD,
}
"""``Status`` of a member (Asterisk 22, devicestate.h)."""

NO_MEMBER = ("Interface not found", "Unable to remove interface: Not there")
NO_QUEUE = (
    "Unable to add interface to queue: No such queue",
    "Unable to remove interface from queue: No such queue",
)
ALREADY = ("Unable to add interface: Already there",)
"""How ``QueuePause``, ``QueueAdd`` and ``QueueRemove`` say so (Asterisk 22, app_queue.c)."""

UNKNOWN = "Invalid/unknown command"


class AsteriskQueues:
    """Implements ``interface.Queues``: members are ``Local/201@webfon-queue/n``, as in the kit."""

    def __init__(self, sites: Sequence[Site]) -> None:
        self._sites = sites

    def memberships(self, subscriber: str, also: Sequence[str] = ()) -> Memberships:
        """See ``Queues``. One exchange with each node."""

        def ask(site: Site) -> list[Membership]:
            events = _status(site.for_acd, Member=_interface(subscriber))
            return list(_memberships(site.node.name, events, also))

        found, away = ask_all({each.node.name: partial(ask, each) for each in self._sites})
        rows = [each for some in found.values() for each in some]
        return Memberships(tuple(sorted(rows, key=lambda each: each.queue)), away)

    def staff(self) -> Staff:
        """See ``Queues``. One exchange with each node."""

        def ask(site: Site) -> list[Staffed]:
            return list(_staffed(site.node.name, _status(site.for_acd)))

        found, away = ask_all({each.node.name: partial(ask, each) for each in self._sites})
        rows = [each for some in found.values() for each in some]
        return Staff(tuple(sorted(rows, key=lambda each: each.queue.queue)), away)

    def members(self, queue: str) -> frozenset[str]:
        """See ``Queues``."""
        if not QUEUE.fullmatch(queue):
            return frozenset()
        found, _away = ask_all(
            {s.node.name: partial(_status, s.for_acd, Queue=queue) for s in self._sites}
        )
        numbers = {member_of(e.get("Location", "")) for some in found.values() for e in some}
        return frozenset(numbers - {""})

    def pause(self, subscriber: str, queues: Sequence[str], reason: str) -> tuple[str, ...]:
        """See ``Queues``."""
        return self._pause(subscriber, queues, Paused="true", Reason=clean_reason(reason))

    def resume(self, subscriber: str, queues: Sequence[str]) -> tuple[str, ...]:
        """See ``Queues``."""
        return self._pause(subscriber, queues, Paused="false")

    def log_in(
        self, subscriber: str, queue: str, *, name: str = "", penalty: int = 0
    ) -> tuple[str, ...]:
        """See ``Queues``. The queue looks at the telephone where the subscriber is first."""
        _expect(queue)
        headers = {
            "Interface": _interface(subscriber),
            "MemberName": " ".join(name.replace("|", " ").split()) or subscriber,
            "StateInterface": f"PJSIP/{self._telephone(subscriber)}",
            "Penalty": str(penalty),
        }
        return self._change([action("QueueAdd", Queue=queue, **headers)])

    def log_out(self, subscriber: str, queue: str) -> tuple[str, ...]:
        """See ``Queues``."""
        _expect(queue)
        return self._change([action("QueueRemove", Queue=queue, Interface=_interface(subscriber))])

    def _pause(self, subscriber: str, queues: Sequence[str], **headers: str) -> tuple[str, ...]:
        interface = _interface(subscriber)
        for queue in queues:
            _expect(queue)
        return self._change(
            [action("QueuePause", Queue=each, Interface=interface, **headers) for each in queues]
        )

    def _change(self, actions: Sequence[Action]) -> tuple[str, ...]:
        return change_all({s.node.name: partial(_do, s, actions) for s in self._sites})

    def _telephone(self, subscriber: str) -> str:
        """Where the subscriber is; an own telephone where nobody says so."""
        try:
            devices = AsteriskDevices(self._sites).whereabouts(subscriber).devices
        except (PBXUnavailable, PBXRejected):
            return subscriber
        here = [each for each in devices if not each.occupant]
        connected = [each for each in here if each.is_connected]
        return next((each.device for each in [*connected, *here]), subscriber)


def _status(node: Node, **headers: str) -> Sequence[Message]:
    reply = node.request([action("QueueStatus", **headers)])[0]
    if reply.message.startswith(UNKNOWN):
        return ()  # app_queue is not loaded: there are no queues
    if not reply.ok:
        raise PBXRejected(f"node {node.name} refused: {reply.message}")
    return reply.events


def _memberships(node: str, events: Iterable[Message], also: Sequence[str]) -> Iterator[Membership]:
    """One of each queue of which the events tell that somebody is a member, or that is asked of."""
    for params, members, waits in _queues(events):
        member = next(iter(members), None)
        if member or params.get("Queue", "") in also:
            yield _membership(node, params, member, waits)


def _staffed(node: str, events: Iterable[Message]) -> Iterator[Staffed]:
    for params, members, waits in _queues(events):
        named = [
            (
                member_of(each.get("Location", "")) or each.get("Name", ""),
                _membership(node, params, each, waits),
            )
            for each in members
        ]
        yield Staffed(_membership(node, params, None, waits), tuple(sorted(named, key=_first)))


def _first(named: tuple[str, Membership]) -> str:
    return named[0]


def _queues(events: Iterable[Message]) -> Iterator[tuple[Message, list[Message], list[int]]]:
    """Of each queue what it is, its members, and how long each caller has waited."""
    events = list(events)
    waiting = _grouped(events, "QueueEntry")
    members = _grouped(events, "QueueMember")
    for queue, (params, *_rest) in _grouped(events, "QueueParams").items():
        waits = [_number(each, "Wait") for each in waiting.get(queue, [])]
        yield params, members.get(queue, []), waits


def _grouped(events: Iterable[Message], name: str) -> dict[str, list[Message]]:
    found: dict[str, list[Message]] = {}
    for event in events:
        if event["Event"] == name:
            found.setdefault(event.get("Queue", ""), []).append(event)
    return found


def _membership(
    node: str, params: Message, member: Message | None, waits: Sequence[int]
) -> Membership:
    told = member or {}
    is_paused = told.get("Paused") == "1"
    is_dynamic = told.get("Membership") == "dynamic"
    return Membership(
        queue=params.get("Queue", ""),
        node=node,
        strategy=params.get("Strategy", ""),
        waiting=len(waits),
        longest_wait=max(waits, default=0),
        is_member=member is not None,
        is_dynamic=is_dynamic,
        penalty=_number(told, "Penalty"),
        use=USES.get(told.get("Status", ""), Use.UNKNOWN),
        since=_moment(told, "LoginTime") if is_dynamic else None,
        is_paused=is_paused,
        paused_since=_moment(told, "LastPause") if is_paused else None,
        reason=told.get("PausedReason", "") if is_paused else "",
        last_call=_moment(told, "LastCall"),
    )


def _do(site: Site, actions: Sequence[Action]) -> None:
    """Do all; enough is if one of them found what it is about."""
    node = site.for_acd
    errors: list[PBXError] = []
    for reply in node.request(actions):
        if reply.ok or reply.message in ALREADY:
            continue
        is_missing = reply.message in (*NO_MEMBER, *NO_QUEUE)
        kind: Callable[[str], PBXError] = NotFound if is_missing else PBXRejected
        errors.append(kind(f"node {node.name}: {reply.message}"))
    if len(errors) == len(actions):
        raise (errors or [NotFound("no queue was named")])[0]


def _interface(subscriber: str) -> str:
    interface = f"Local/{subscriber}@webfon-queue/n"
    if not MEMBER.fullmatch(interface):
        raise NotFound(f"{subscriber!r} is no number")
    return interface


def _expect(queue: str) -> None:
    if not QUEUE.fullmatch(queue):
        raise NotFound("there is no such queue")


def _number(event: Message, name: str) -> int:
    text = event.get(name, "")
    return int(text) if text.isascii() and text.isdigit() else 0


def _moment(event: Message, name: str) -> datetime | None:
    epoch = _number(event, name)
    return datetime.fromtimestamp(epoch, UTC) if epoch else None
