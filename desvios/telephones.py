"""What the link does when it hears that somebody changed a rule at a telephone."""

from desvios.apply import bring
from portal.models import Subscriber

_waiting: set[str] = set()
"""Subscribers of whom was heard, and whose change is not taken over yet."""


def on_phone(number: str) -> None:
    """Take the change over and bring it to all nodes.

    Raises ``LockTimeout`` or ``DatabaseError`` where that must wait; ``catch_up`` tries again.
    """
    _waiting.add(number)
    _take(number)


def catch_up() -> None:
    """A job: what had to wait."""
    for number in list(_waiting):
        _take(number)


def _take(number: str) -> None:
    ids = list(Subscriber.objects.filter(number=number).values_list("pk", flat=True))
    bring(ids)
    _waiting.discard(number)
