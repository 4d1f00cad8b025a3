"""What happened to telephones and in queues since the last look."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import TypeVar

from portal.pbx.errors import PBXError
from portal.pbx.simulated.node import Node
from portal.pbx.types import News, NodeEvent

K = TypeVar("K")
V = TypeVar("V")

Telephones = dict[str, str]
Waiting = dict[str, list[float]]
Members = dict[tuple[str, str], str]
Phones = dict[str, str]


class Seen:
    """Looks at what there is, not at when it changed."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self._logins = node.logins.end()
        self._phones = self._look_at_phone_rules()
        self._telephones, self._waiting, self._members = self._look()

    def next(self) -> Iterator[NodeEvent]:
        """News of each telephone, each queue's callers, and each member that changed."""
        logins, self._logins = self.node.logins.told(self._logins)
        yield from (login.event() for login in logins)
        phones = self._look_at_phone_rules()
        for number in _changed(self._phones, phones):
            yield NodeEvent(News.PHONE, number)
        self._phones = phones
        telephones, waiting, members = self._look()
        for device in _changed(self._telephones, telephones):
            yield NodeEvent(News.DEVICE, device)
        for queue in _changed(self._waiting, waiting):
            yield NodeEvent(News.QUEUE, queue)
        for queue, number in _changed(self._members, members):
            yield NodeEvent(News.QUEUE, queue, number)
        self._telephones, self._waiting, self._members = telephones, waiting, members

    def _look(self) -> tuple[Telephones, Waiting, Members]:
        try:
            queues = self.node.queues.all()
            waiting = {name: self.node.queues.waiting(each) for name, each in queues.items()}
            members = {(m.queue, m.number): str(asdict(m)) for m in self.node.queues.members()}
            return self._look_at_telephones(), waiting, members
        except PBXError:  # the keys are being made anew
            return {}, {}, {}

    def _look_at_phone_rules(self) -> Phones:
        try:
            held = self.node.keys.get(self.node.keys.names("phone/"))
        except PBXError:
            return {}
        return {key.removeprefix("phone/"): value for key, value in held.items()}

    def _look_at_telephones(self) -> Telephones:
        now = self.node.calls.clock()
        talking = {call.subscriber: call.states(now)[-1] for call in self.node.calls.all()}
        found = dict.fromkeys(self.node.telephones.unplugged(), "")
        for number, state in talking.items():
            found |= dict.fromkeys(self.node.reachable(number), state)
        return found


def _changed(before: dict[K, V], now: dict[K, V]) -> list[K]:
    return [key for key in before.keys() | now.keys() if before.get(key) != now.get(key)]
