"""What a process remembers, up to a weight: what was used longest ago goes first."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Shelf(Generic[K, V]):
    """A bounded dictionary, for any number of threads."""

    def __init__(self, most: int, weigh: Callable[[V], int]) -> None:
        self.most = most
        self.weight = 0
        self._weigh = weigh
        self._lock = Lock()
        self._held: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K) -> V | None:
        """What was put there, if it is still remembered."""
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
            return self._held.get(key)

    def put(self, key: K, value: V) -> None:
        """Remember it, in place of what was there."""
        with self._lock:
            self._drop(key)
            self._held[key] = value
            self.weight += self._weigh(value)
            while self.weight > self.most and self._held:
                self._drop(next(iter(self._held)))

    def _drop(self, key: K) -> None:
        if key in self._held:
            self.weight -= self._weigh(self._held.pop(key))
