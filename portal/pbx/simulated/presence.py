"""Implements ``interface.Devices`` and ``interface.Queues`` on simulated nodes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar
from zlib import crc32

from portal.pbx.errors import NotFound, PBXRejected
from portal.pbx.logins import MissedLogin, WrongLogins, wrong_key, wrong_logins
from portal.pbx.presence import (
    DEVICE,
    DeviceState,
    Membership,
    Memberships,
    Registration,
    Staff,
    Staffed,
    Use,
    Whereabouts,
    clean_reason,
    expect_number,
    expect_place,
)
from portal.pbx.simulated.acd import Member, Queue
from portal.pbx.simulated.node import Node
from portal.pbx.simulated.telephones import address_of
from portal.pbx.types import GOING_ON, CallState, ForwardingPlan
from portal.pbx.union import ask_all, change_all

T = TypeVar("T")

TELEPHONES = ("Yealink SIP-T46U 108.86.0.20", "Snom D785/10.1.159.12", "Grandstream GRP2614 1.0.9")
SOFTPHONE = "Linphone-Android/5.2.5"


class SimulatedDevices:
    """A telephone is registered unless it was unplugged."""

    def __init__(self, nodes: Mapping[str, Node]) -> None:
        self.nodes = nodes

    def whereabouts(self, subscriber: str) -> Whereabouts:
        """See ``Devices``."""
        expect_number(subscriber)
        found, away = ask_all(_asking(self.nodes, lambda node: list(_devices(node, subscriber))))
        return Whereabouts(tuple(each for some in found.values() for each in some), away)

    def log_out(self, subscriber: str, device: str) -> tuple[str, ...]:
        """See ``Devices``."""
        expect_place(subscriber, device)
        return change_all(_asking(self.nodes, lambda node: node.logins.leave(subscriber, device)))

    def log_in(self, subscriber: str, device: str) -> tuple[str, ...]:
        """See ``Devices``."""
        expect_place(subscriber, device)
        return change_all(_asking(self.nodes, lambda node: node.logins.enter(subscriber, device)))

    def make_up(self, node: str, missed: MissedLogin) -> None:
        """See ``Devices``."""
        expect_place(missed.subscriber, missed.device)
        there = self.nodes[node]
        there.ask(lambda: _make_up(there, missed))

    def wrong_logins(self, subscriber: str) -> tuple[WrongLogins, ...]:
        """See ``Devices``."""
        key = wrong_key(subscriber)
        found, _away = ask_all(_asking(self.nodes, lambda node: node.keys.get([key])))
        counted = (wrong_logins(values.get(key, "")) for values in found.values())
        return tuple(each for each in counted if each)

    def let_in_again(self, subscriber: str) -> tuple[str, ...]:
        """See ``Devices``."""
        key = wrong_key(subscriber)
        return change_all(_asking(self.nodes, lambda node: node.keys.delete([key])))

    def guests(self, devices: Sequence[str]) -> dict[str, str]:
        """See ``Devices``."""
        keys = [f"who/{name}" for name in devices]
        found, _away = ask_all(_asking(self.nodes, lambda node: node.keys.get(keys)))
        held = {key: number for values in found.values() for key, number in values.items()}
        return {name: held[f"who/{name}"] for name in devices if f"who/{name}" in held}

    def light(self, device: str, new: int) -> None:
        """See ``Devices``. The telephone remembers it."""
        if not DEVICE.fullmatch(device):
            raise NotFound(f"{device!r} is no telephone")
        change_all(_asking(self.nodes, lambda node: node.telephones.light(device, new)))

    def owners(self, device: str) -> frozenset[str]:
        """See ``Devices``."""
        found, _away = ask_all(_asking(self.nodes, lambda node: _owners(node, device)))
        return frozenset(number for some in found.values() for number in some)


class SimulatedQueues:
    """Queues of ``acd.Queues``, which ``demo_data`` and tests put there."""

    def __init__(self, nodes: Mapping[str, Node]) -> None:
        self.nodes = nodes

    def memberships(self, subscriber: str, also: Sequence[str] = ()) -> Memberships:
        """See ``Queues``."""
        found, away = ask_all(
            _asking(self.nodes, lambda node: list(_queues(node, subscriber, also)))
        )
        rows = [each for some in found.values() for each in some]
        return Memberships(tuple(sorted(rows, key=lambda each: each.queue)), away)

    def staff(self) -> Staff:
        """See ``Queues``."""
        found, away = ask_all(_asking(self.nodes, lambda node: list(_staffed(node))))
        rows = [each for some in found.values() for each in some]
        return Staff(tuple(sorted(rows, key=lambda each: each.queue.queue)), away)

    def members(self, queue: str) -> frozenset[str]:
        """See ``Queues``."""
        found, _away = ask_all(_asking(self.nodes, lambda node: node.queues.members()))
        return frozenset(m.number for some in found.values() for m in some if m.queue == queue)

    def pause(self, subscriber: str, queues: Sequence[str], reason: str) -> tuple[str, ...]:
        """See ``Queues``."""
        said = clean_reason(reason)
        return self._each(subscriber, queues, lambda node, m: node.queues.pause(m, said))

    def resume(self, subscriber: str, queues: Sequence[str]) -> tuple[str, ...]:
        """See ``Queues``."""
        return self._each(subscriber, queues, lambda node, member: node.queues.resume(member))

    def log_in(
        self, subscriber: str, queue: str, *, name: str = "", penalty: int = 0
    ) -> tuple[str, ...]:
        """See ``Queues``."""

        def log_in(node: Node) -> None:
            if queue not in node.queues.all():
                raise NotFound(f"there is no queue {queue}")
            if not node.queues.member(queue, subscriber):
                now = node.keys.clock()
                node.queues.put(Member(queue, subscriber, penalty, is_dynamic=True, since=now))

        return change_all(_asking(self.nodes, log_in))

    def log_out(self, subscriber: str, queue: str) -> tuple[str, ...]:
        """See ``Queues``."""

        def leave(node: Node, member: Member) -> None:
            if not member.is_dynamic:
                raise PBXRejected(f"{subscriber} is a static member of {queue}")
            node.queues.drop(member)

        return self._each(subscriber, [queue], leave)

    def _each(
        self, number: str, queues: Sequence[str], change: Callable[[Node, Member], None]
    ) -> tuple[str, ...]:
        """Change the subscriber's membership in these queues, at every node that answers."""

        def all_of(node: Node) -> None:
            held = [node.queues.member(queue, number) for queue in queues]
            members = [member for member in held if member]
            if not members:
                raise NotFound(f"{number} is in none of these queues")
            for member in members:
                change(node, member)

        return change_all(_asking(self.nodes, all_of))


def _make_up(node: Node, missed: MissedLogin) -> None:
    key = f"since/{missed.device}"
    if missed.is_overtaken(node.keys.get([key]).get(key, "")):
        return
    move = node.logins.enter if missed.is_in else node.logins.leave
    move(missed.subscriber, missed.device)


def _devices(node: Node, number: str) -> Iterator[DeviceState]:
    plan = node.plan(number) or ForwardingPlan(subscriber=number, devices=(number,))
    guest_at = node.keys.get([f"at/{number}"]).get(f"at/{number}", "")
    here = node.devices(plan)
    use = _use(node, number)
    for name in dict.fromkeys([*here, *plan.devices]):
        held = node.keys.get([f"who/{name}", f"since/{name}"])
        who, is_guest = held.get(f"who/{name}", number), bool(guest_at) and name in here
        is_plugged_in = node.telephones.is_reachable(name)
        yield DeviceState(
            device=name,
            node=node.name,
            use=(use if name in here[:1] else Use.FREE) if is_plugged_in else Use.UNREACHABLE,
            registrations=(_registration(name),) if is_plugged_in else (),
            occupant="" if who == number or name in here else who,
            is_guest=is_guest,
            since=_moment(float(held.get(f"since/{name}", 0))) if is_guest else None,
        )


def _use(node: Node, number: str) -> Use:
    """What the subscriber's telephone does, by the calls that the portal began for it."""
    for call in node.calls.all():
        state = call.states(node.calls.clock())[-1]
        if call.subscriber == number and state in GOING_ON:
            return Use.RINGING if state is CallState.OWN else Use.IN_USE
    return Use.FREE


def _registration(device: str) -> Registration:
    """A make that is always the same."""
    chance = crc32(device.encode())
    mobile = not device.isdigit()
    return Registration(
        address=f"{address_of(device)}:5060",
        user_agent=SOFTPHONE if mobile else TELEPHONES[chance % len(TELEPHONES)],
        milliseconds=30 + chance % 40 if mobile else 3 + chance % 9,
    )


def _owners(node: Node, device: str) -> set[str]:
    keys = node.keys.get([f"who/{device}", f"owner/{device}"])
    return set(keys.values()) or {device}


def _queues(node: Node, number: str, also: Sequence[str]) -> Iterator[Membership]:
    for name, queue in node.queues.all().items():
        member = node.queues.member(name, number)
        if member or name in also:
            yield _membership(node, queue, member)


def _staffed(node: Node) -> Iterator[Staffed]:
    members = sorted(node.queues.members(), key=lambda member: member.number)
    for name, queue in node.queues.all().items():
        here = [(m.number, _membership(node, queue, m)) for m in members if m.queue == name]
        yield Staffed(_membership(node, queue, None), tuple(here))


def _membership(node: Node, queue: Queue, member: Member | None) -> Membership:
    waiting = node.queues.waiting(queue)
    reach = node.reachable(member.number) if member else ()
    use = _use(node, member.number) if member and reach else Use.UNREACHABLE
    shown = member or Member(queue.name, "")
    return Membership(
        queue=queue.name,
        node=node.name,
        strategy=queue.strategy,
        waiting=len(waiting),
        longest_wait=int(node.keys.clock() - waiting[0]) if waiting else 0,
        is_member=member is not None,
        is_dynamic=shown.is_dynamic,
        penalty=shown.penalty,
        use=use,
        since=_moment(shown.since) if shown.is_dynamic else None,
        is_paused=bool(shown.paused_since),
        paused_since=_moment(shown.paused_since),
        reason=shown.reason,
        last_call=_moment(shown.last_call),
    )


def _moment(epoch: float) -> datetime | None:
    return datetime.fromtimestamp(epoch, UTC) if epoch else None


def _asking(nodes: Mapping[str, Node], question: Callable[[Node], T]) -> dict[str, Callable[[], T]]:
    """The question for each node; the node's faults come between."""
    return {name: partial(node.ask, partial(question, node)) for name, node in nodes.items()}
