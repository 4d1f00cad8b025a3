"""Which contacts of a book may be the same person. Pure.

The same number, the same e-mail, or much the same name in the same company.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

MOST_COMPARED = 60
"""Contacts of one company whose names are compared letter by letter; of more, word by word."""

ALIKE = 0.9
NUMBER, EMAIL, NAME = "number", "email", "name"


@dataclass(frozen=True, slots=True)
class Known:
    """What is compared of a contact; name and company are folded."""

    pk: int
    name: str
    company: str
    email: str
    numbers: tuple[str, ...]


@dataclass
class Group:
    """Contacts that may be one, by their keys in ascending order, and why."""

    keys: list[int]
    reasons: set[str] = field(default_factory=set)


def groups(contacts: Sequence[Known], apart: Collection[tuple[int, int]] = ()) -> list[Group]:
    """All groups of two or more. ``apart`` are pairs of keys, in order, known to be two people."""
    leader = {contact.pk: contact.pk for contact in contacts}
    found: list[tuple[int, int, str]] = []

    def first_of(key: int) -> int:
        while leader[key] != key:
            leader[key] = leader[leader[key]]
            key = leader[key]
        return key

    for one, other, reason in _pairs(contacts):
        if (min(one, other), max(one, other)) in apart:
            continue
        found.append((one, other, reason))
        low, high = sorted((first_of(one), first_of(other)))
        leader[high] = low
    together: dict[int, Group] = {}
    for one, other, reason in found:
        group = together.setdefault(first_of(one), Group([]))
        group.keys += [one, other]
        group.reasons.add(reason)
    for group in together.values():
        group.keys = sorted(set(group.keys))
    return [together[key] for key in sorted(together)]


def _pairs(contacts: Sequence[Known]) -> Iterable[tuple[int, int, str]]:
    """Each contact with one before it that may be the same."""
    yield from _sharing(((c.pk, number) for c in contacts for number in c.numbers), NUMBER)
    yield from _sharing(((c.pk, c.email) for c in contacts if c.email), EMAIL)
    # The same words in another order; where nothing is known of the company, a whole name.
    words = ((c, " ".join(sorted(c.name.split()))) for c in contacts)
    yield from _sharing(
        ((c.pk, f"{c.company}/{name}") for c, name in words if c.company or " " in name), NAME
    )
    companies = defaultdict(list)
    for contact in contacts:
        if contact.company:
            companies[contact.company].append(contact)
    for colleagues in companies.values():
        if len(colleagues) <= MOST_COMPARED:
            yield from _alike(colleagues)


def _sharing(values: Iterable[tuple[int, str]], reason: str) -> Iterable[tuple[int, int, str]]:
    first: dict[str, int] = {}
    for key, value in values:
        if (before := first.setdefault(value, key)) != key:
            yield before, key, reason


def _alike(colleagues: Sequence[Known]) -> Iterable[tuple[int, int, str]]:
    for at, one in enumerate(colleagues):
        for other in colleagues[:at]:
            if _same_name(one.name, other.name):
                yield other.pk, one.pk, NAME


def _same_name(one: str, other: str) -> bool:
    """Whether one is the other with a surname more, or with a slip of the pen."""
    short, long = sorted((one.split(), other.split()), key=len)
    if len(short) > 1 and set(short) <= set(long):
        return True
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= ALIKE
