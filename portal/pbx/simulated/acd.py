"""The queues that one simulated node holds, among its keys, so that every process sees them."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from random import Random

from portal.pbx.simulated.keys import NodeKeys

SLOT_SECONDS = 20
"""In a queue with visitors, somebody may come so often."""

BUSIEST_WAIT = 75
VISITOR_CHANCE = 0.4


@dataclass(frozen=True, slots=True)
class Queue:
    """What stands in ``queues.conf``. With ``has_visitors`` people call by themselves."""

    name: str
    strategy: str = "ringall"
    has_visitors: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """One member of one queue. Moments in epoch seconds, 0 for never."""

    queue: str
    number: str
    penalty: int = 0
    is_dynamic: bool = False
    since: float = 0
    paused_since: float = 0
    reason: str = ""
    last_call: float = 0


class Queues:
    """Queues, members and whoever waits."""

    def __init__(self, keys: NodeKeys) -> None:
        self.keys = keys

    def add(self, queue: Queue) -> None:
        """From now on there is such a queue."""
        self.keys.put({f"queue/{queue.name}": json.dumps(asdict(queue))})

    def all(self) -> dict[str, Queue]:
        """By name."""
        found = self.keys.get(self.keys.names("queue/")).values()
        return {each.name: each for each in (Queue(**json.loads(text)) for text in found)}

    def put(self, member: Member) -> None:
        """Somebody is in the queue, or is otherwise there than before."""
        self.keys.put({f"member/{member.queue}/{member.number}": json.dumps(asdict(member))})

    def drop(self, member: Member) -> None:
        """No more."""
        self.keys.delete([f"member/{member.queue}/{member.number}"])

    def member(self, queue: str, number: str) -> Member | None:
        """One member."""
        return next(self._members([f"member/{queue}/{number}"]), None)

    def members(self) -> list[Member]:
        """All of all queues."""
        return list(self._members(self.keys.names("member/")))

    def pause(self, member: Member, reason: str) -> None:
        """Asterisk counts a pause from when it was last said."""
        self.put(replace(member, paused_since=self.keys.clock(), reason=reason))

    def resume(self, member: Member) -> None:
        """Back at work."""
        self.put(replace(member, paused_since=0, reason=""))

    def let_wait(self, queue: str, moments: list[float]) -> None:
        """Since when the callers have waited that there are, from now on."""
        self.keys.put({f"waiting/{queue}": json.dumps(moments)})

    def waiting(self, queue: Queue) -> list[float]:
        """Since when each caller waits, the longest first."""
        held = self.keys.get([f"waiting/{queue.name}"]).get(f"waiting/{queue.name}", "[]")
        visitors = _visitors(queue.name, self.keys.clock()) if queue.has_visitors else []
        return sorted([*json.loads(held), *visitors])

    def _members(self, names: list[str]) -> Iterator[Member]:
        for text in self.keys.get(names).values():
            yield Member(**json.loads(text))


def _visitors(queue: str, now: float) -> list[float]:
    """Who came within the last moments and was not served yet; the same for every process."""
    latest = int(now // SLOT_SECONDS)
    found: list[float] = []
    for slot in range(latest - BUSIEST_WAIT // SLOT_SECONDS - 1, latest + 1):
        chance = Random(f"{queue}{slot}")  # noqa: S311 - nothing secret
        came = slot * SLOT_SECONDS + chance.uniform(0, SLOT_SECONDS)
        stays = chance.uniform(5, BUSIEST_WAIT)
        if chance.random() < VISITOR_CHANCE and came <= now < came + stays:
            found.append(came)
    return found
