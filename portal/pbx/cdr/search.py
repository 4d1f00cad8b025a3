"""Finding a page of a subscriber's calls with an amount of work that has a bound.

A search by kinds, or by a few numbers, is a merge of walks, each along one range of an index. The
beginning of a number, or many numbers, may match almost nothing or almost everything: up to
``FEW`` rows are looked up and put in order; are there more, the latest ``FAR`` calls are looked
through, and the page says where to go on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from django.db.models import Q

from portal.pbx.cdr.numbers import beginning
from portal.pbx.cdr.places import Place
from portal.pbx.cdr.walks import NEWEST, Choice, Rows, merged, within
from portal.pbx.models import CallEntry
from portal.pbx.types import MOST_NUMBERS, CallKind, CallSearch

Kind = CallEntry.Kind

KINDS: dict[CallKind, tuple[int, ...]] = {
    CallKind.MISSED: (Kind.MISSED, Kind.VOICEMAIL, Kind.LOST),
    CallKind.RECEIVED: (Kind.RECEIVED,),
    CallKind.MADE: (Kind.MADE, Kind.TRIED),
    CallKind.FORWARDED: (Kind.FORWARDED, Kind.LOST),
    CallKind.VOICEMAIL: (Kind.VOICEMAIL,),
}
"""Without ``ALL``, which needs no telling apart."""

MOST_WALKS = 48
FEW = 2_000
NEAR, FAR = 1_000, 20_000


@dataclass(frozen=True, slots=True)
class Found:
    """Rows, newest first, and the place after which there may be more."""

    rows: list[CallEntry]
    next: Place | None = None


def find(subscriber: str, search: CallSearch, before: Place | None, limit: int) -> Found:
    """The first ``limit`` calls of a search that come after a place."""
    mine = CallEntry.objects.filter(subscriber=subscriber)
    kinds = KINDS.get(search.kind)
    period = _period(search, before)
    try:
        prefix = beginning(search.prefix) if search.prefix.strip() else ""
    except ValueError:
        return Found([])
    if search.numbers is None and not prefix:
        choices: list[Choice] = [{"kind": kind} for kind in kinds] if kinds else [{}]
    elif search.numbers is None:
        return _scattered(mine, _between(prefix), period, kinds, limit)
    else:
        numbers = _distinct(search.numbers, prefix)
        pairs = list(product(numbers, kinds or Kind.values))
        if len(pairs) > MOST_WALKS:
            return _scattered(mine, Q(other__in=numbers), period, kinds, limit)
        choices = [{"other": number, "kind": kind} for number, kind in pairs]
    return _cut(merged(mine, choices, period, limit + 1), limit)


def _distinct(numbers: Sequence[str], prefix: str) -> list[str]:
    some = list(dict.fromkeys(numbers))[:MOST_NUMBERS]
    return [
        number for number in some if number and "\0" not in number and number.startswith(prefix)
    ]


def _period(search: CallSearch, before: Place | None) -> Q:
    """The time in which the calls begin, as conditions on the row."""
    period = Q()
    if search.since:
        period &= Q(started__gte=search.since)
    if search.until:
        period &= Q(started__lt=search.until)
    if before:
        period &= Q(started__lte=before.started)
        period &= Q(started__lt=before.started) | Q(id__lt=before.id)
    return period


def _between(prefix: str) -> Q:
    """Texts that begin with these digits, as a range: in every collation digits are in order."""
    after = str(int(prefix) + 1).zfill(len(prefix))
    end = Q(other__lt=after) if len(after) == len(prefix) else Q(other__lt="A")
    return Q(other__gte=prefix) & end


def _cut(rows: list[CallEntry], limit: int) -> Found:
    """One row more than the limit says that there is a next page."""
    if len(rows) <= limit:
        return Found(rows)
    last = rows[limit - 1]
    return Found(rows[:limit], Place(last.started, last.id))


def _scattered(mine: Rows, others: Q, period: Q, kinds: Sequence[int] | None, limit: int) -> Found:
    """Rows of many other parties: looked up where few, else looked for among the latest."""
    wanted = period & Q(kind__in=kinds) if kinds else period
    matching = mine.filter(others)
    if matching.order_by()[: FEW + 1].count() <= FEW:
        found = matching.order_by("other", "kind", "started", "id")[:FEW]
        return _cut(within(found, wanted, limit + 1), limit)
    for far in (NEAR, FAR):
        latest = mine.filter(period).order_by(*NEWEST)[:far]
        rows = within(latest, wanted & others, limit + 1)
        if len(rows) > limit:
            return _cut(rows, limit)
    last = mine.filter(period).order_by(*NEWEST).values_list("started", "id")[FAR - 1 : FAR]
    return Found(rows, next((Place(*place) for place in last), None))
