"""The people of the company, found by name or number; they are in nobody's address book."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

from django.db.models import Count, Max, Sum
from django.db.models.functions import Length

from agenda.folding import terms
from portal.folding import fold
from portal.models import Subscriber

Colleague = tuple[str, str]
"""Number and name."""


def colleagues_found(subscriber: Subscriber, typed: str, most: int) -> list[Colleague]:
    """The others of those that ``people_found`` finds."""
    others = (row for row in people_found(typed) if row[0] != subscriber.number)
    return list(islice(others, most))


def people_found(typed: str) -> Iterator[Colleague]:
    """Those with, for each word typed, one that begins with it; sorted by name."""
    wanted = [f" {term}" for term in terms(typed)]
    if not wanted:
        return
    for text, number, name in _folded(_stamp()):
        if all(each in text for each in wanted):
            yield number, name


def _stamp() -> tuple[int, ...]:
    """Differs as soon as a subscriber comes, goes or is renamed."""
    sums = Subscriber.objects.aggregate(
        Count("pk"), Max("pk"), Sum("revision"), letters=Sum(Length("display_name"))
    )
    return tuple(int(value or 0) for value in sums.values())


@lru_cache(maxsize=1)
def _folded(stamp: tuple[int, ...]) -> list[tuple[str, str, str]]:
    rows = Subscriber.objects.values_list("number", "display_name")
    folded = [(f" {fold(name)} {number}", number, name) for number, name in rows]
    return sorted(folded)
