"""Finding contacts: by the beginnings of words, filtered, sorted, a page at a time.

The subscriber's own contacts and the company's are two shelves. Each is walked along an index of
its own and only as far as the page reaches, so what others keep costs nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import phonenumbers
from django.conf import settings
from django.db.models import CharField, Count, Lookup, Q, QuerySet

from agenda.folding import terms
from agenda.models import Contact, ContactQuerySet, ContactWord, Favourite
from portal.folding import LONGEST_KEY, fold
from portal.models import Subscriber

NAME, LAST_NAME, COMPANY, BOOK, NUMBER = "nombre", "apellido", "empresa", "agenda", "telefono"
KEYS = {
    NAME: "name_key",
    LAST_NAME: "last_name_key",
    COMPANY: "company_key",
    BOOK: "name_key",
    NUMBER: "number",
}
"""What each column is sorted by, on one shelf."""

NUMBER_KEY = KEYS[NUMBER]
MAY_BE_EMPTY = {KEYS[LAST_NAME], KEYS[COMPANY]}
FEW = 2000
HIGHEST = "\U0010ffff"


@CharField.register_lookup
class Begins(Lookup):
    """The text begins with letters and digits; answered by an index on every database."""

    lookup_name = "begins"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """A range: SQLite compares the texts byte by byte."""
        column, params = self.process_lhs(compiler, connection)
        ends = (self.rhs, *params, f"{self.rhs}{HIGHEST}")
        return f"({column} >= %s AND {column} < %s)", (*params, *ends)

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """A pattern: in the order of a language a range would be another."""
        column, params = self.process_lhs(compiler, connection)
        return f"{column} LIKE %s", (*params, f"{self.rhs}%")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list is to show. ``sort`` is a key of ``KEYS``, ``letter`` one from a to z."""

    text: str = ""
    book: str = ""
    number_type: str = ""
    favourites: bool = False
    letter: str = ""
    sort: str = NAME
    descending: bool = False

    @property
    def is_filtered(self) -> bool:
        """Whether there may be contacts that it does not show."""
        return bool(self.text or self.book or self.number_type or self.favourites or self.letter)


class Found:
    """The contacts that a subscriber asked for; has a length and is sliced, as pages need it."""

    def __init__(self, subscriber: Subscriber, asked: Asked) -> None:
        key = KEYS[asked.sort]
        sign = "-" if asked.descending else ""
        self.order = [f"{sign}{key}", f"{sign}pk"]
        if asked.sort == BOOK:
            self.order = [f"{sign}book", key, "pk"]
        owners = {
            Contact.Book.PERSONAL: Q(owner=subscriber),
            Contact.Book.CORPORATE: Q(owner__isnull=True),
        }
        shelves = [
            Shelf(subscriber, owner, asked, self.order[-2:])
            for book, owner in owners.items()
            if asked.book in {"", book}
        ]
        self.groups = list(zip(*(shelf.parts for shelf in shelves), strict=True))

    def __len__(self) -> int:
        return sum(len(part) for group in self.groups for part in group)

    def __iter__(self) -> Iterator[Contact]:
        return iter(self[0 : len(self)])

    def __getitem__(self, window: slice) -> list[Contact]:
        start, stop = window.start or 0, window.stop
        rows: list[Contact] = []
        for parts in self.groups:
            size = sum(len(part) for part in parts)
            if start < size and stop > 0:
                rows += self._merged(parts, max(start, 0), min(stop, size))
            start, stop = start - size, stop - size
        return rows

    def _merged(self, parts: "Sequence[Part]", start: int, stop: int) -> list[Contact]:
        """Those from ``start`` to ``stop`` of the parts sorted together.

        What stands in a part so early that all of the other parts before it would not bring it
        to the window is not even looked at.
        """
        size, left_out, keys = sum(len(part) for part in parts), 0, list[int]()
        for part in parts:
            first = max(0, start - (size - len(part)))
            keys += part.keys(first, min(len(part), stop))
            left_out += min(first, len(part))
        rows = Contact.objects.filter(pk__in=keys).order_by(*self.order)
        return list(rows[start - left_out : stop - left_out])


class Part:
    """Some contacts of one shelf, sorted; ``count`` says how many, if there is a quick way."""

    def __init__(
        self,
        contacts: ContactQuerySet,
        order: Sequence[str],
        count: Callable[[], int] | None = None,
    ) -> None:
        # PostgreSQL walks the index only if its first column is named, though it is constant here.
        sign = "-" if order[0].startswith("-") else ""
        self.contacts = contacts.order_by(f"{sign}owner_id", *order)
        self._count = cache(count or contacts.order_by().count)

    def __len__(self) -> int:
        return self._count()

    def keys(self, start: int, stop: int) -> list[int]:
        """The keys of a window. As a query inside another they would cost PostgreSQL a scan."""
        return list(self.contacts.values_list("pk", flat=True)[start:stop]) if start < stop else []


class Shelf:
    """What was asked for among the contacts of one owner, in ``parts`` one after the other.

    First come those whose column begins with the text that was typed, and where nothing was,
    those whose column is not empty.
    """

    def __init__(
        self, subscriber: Subscriber, owner: Q, asked: Asked, order: Sequence[str]
    ) -> None:
        self.owner, self.key, self.order = owner, KEYS[asked.sort], order
        self.terms = typed_terms(asked.text)
        self.filters = _filters(subscriber, asked, self.key)
        self._few: list[int] | None = None
        self.plain = Contact.objects.in_use().filter(owner, *self.filters)
        if asked.text.strip() and not self.terms:
            self.plain = self.plain.none()
        self.parts = self._parts("".join(self.terms) if self.key == NUMBER_KEY else asked.text)

    def _parts(self, typed: str) -> list[Part]:
        if begin := fold(typed)[:LONGEST_KEY]:
            begins = Q(**{f"{self.key}__begins": begin})
            # Who is called so is also found by these words: no need to look at them.
            return self._split(self.plain.filter(begins), self._with_words().exclude(begins))
        if self.key in MAY_BE_EMPTY:
            empty = Q(**{self.key: ""})
            return self._split(self.plain.exclude(empty), self.plain.filter(empty))
        return [Part(self.plain, self.order)]

    def _split(self, first: ContactQuerySet, rest: ContactQuerySet) -> list[Part]:
        before = Part(first, self.order)
        return [before, Part(rest, self.order, lambda: self._count() - len(before))]

    def _with_words(self) -> ContactQuerySet:
        if self.terms and (keys := self._keys_with_all()) is not None:
            return self.plain.filter(pk__in=keys)
        contacts = self.plain
        for term in self.terms:
            contacts = contacts.filter(pk__in=self._words(term).values("contact"))
        return contacts

    def _keys_with_all(self) -> list[int] | None:
        """Who has a word for every term, if they are few: then nothing is looked for twice."""
        if self._few is None:
            rows = [self._words(term).values_list("contact").order_by() for term in self.terms]
            common = rows[0].intersection(*rows[1:]) if rows[1:] else rows[0].distinct()
            self._few = [key for (key,) in common[: FEW + 1]]
        return self._few if len(self._few) <= FEW else None

    def _words(self, term: str) -> QuerySet[ContactWord]:
        return ContactWord.objects.filter(self.owner, word__begins=term)

    def _count(self) -> int:
        """All of its parts together."""
        if self.terms and not self.filters:
            if (keys := self._keys_with_all()) is not None:
                return len(keys)
            if len(self.terms) == 1:
                words = self._words(self.terms[0])
                return int(words.aggregate(n=Count("contact", distinct=True))["n"])
        return self._with_words().count()


def found_by(subscriber: Subscriber, typed: str) -> ContactQuerySet:
    """The visible contacts that have, for each word typed, one that begins with it."""
    contacts = Contact.objects.visible_to(subscriber)
    own = Q(owner=subscriber) | Q(owner__isnull=True)
    found = typed_terms(typed)
    if not found:
        return contacts.none()
    for term in found:
        words = ContactWord.objects.filter(own, word__begins=term)
        contacts = contacts.filter(pk__in=words.values("contact"))
    return contacts


def typed_terms(typed: str) -> list[str]:
    """The beginnings of words that are looked for."""
    return terms(typed, str(phonenumbers.country_code_for_region(settings.PHONE_REGION)))


def _filters(subscriber: Subscriber, asked: Asked, key: str) -> list[Q]:
    filters = []
    if asked.number_type:
        filters.append(Q(number_type=asked.number_type))
    if asked.favourites:
        favourites = Favourite.objects.filter(subscriber=subscriber)
        filters.append(Q(pk__in=favourites.values("contact")))
    if asked.letter:
        # The first of the column that is sorted by, if that has letters.
        lettered = KEYS[NAME] if key == NUMBER_KEY else key
        filters.append(Q(**{f"{lettered}__begins": asked.letter}))
    return filters
