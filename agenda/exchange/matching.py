"""Who of a book a record is about, and what it would change: filling in, never overwriting."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q
from django.db.models.functions import Lower

from agenda.exchange.checking import DETAILS, NAMES, NUMBERS
from agenda.forms import MOST_FURTHER_NUMBERS
from agenda.models import Contact, ContactQuerySet
from portal.folding import fold
from portal.models import Subscriber

Data = dict[str, Any]


def book_of(owner: Subscriber | None) -> ContactQuerySet:
    """The contacts of somebody's own book, or of the company's (``None``)."""
    if owner:
        return Contact.objects.editable_by(owner)
    return Contact.objects.in_use().filter(book=Contact.Book.CORPORATE)


class Known:
    """Those of a book who may be meant by some records: same number, e-mail, or name and company.

    Where there are several, the oldest is meant.
    """

    def __init__(self, owner: Subscriber | None, records: Sequence[Data]) -> None:
        self.by_number: dict[str, Contact] = {}
        self.by_email: dict[str, Contact] = {}
        self.by_name: dict[tuple[str, str], Contact] = {}
        for contact in self._candidates(owner, records):
            numbers = [contact.number, *(row.number for row in contact.more_numbers.all())]
            for number in numbers:
                self.by_number.setdefault(number, contact)
            if contact.email:
                self.by_email.setdefault(contact.email.lower(), contact)
            if contact.company_key:
                self.by_name.setdefault((contact.name_key, contact.company_key), contact)

    @staticmethod
    def _candidates(owner: Subscriber | None, records: Sequence[Data]) -> Iterable[Contact]:
        book = book_of(owner)
        numbers = {number for data in records for number in numbers_of(data)}
        emails = {data["email"].lower() for data in records if data["email"]}
        names = {name_key(data)[0] for data in records if data["company"]}
        keys = set(book.with_number(numbers).values_list("pk", flat=True))
        if emails:
            lowered = book.exclude(email="").annotate(lower_email=Lower("email"))
            keys |= set(lowered.filter(lower_email__in=emails).values_list("pk", flat=True))
        if names:
            named = book.filter(~Q(company_key=""), name_key__in=names)
            keys |= set(named.values_list("pk", flat=True))
        return book.filter(pk__in=keys).prefetch_related("more_numbers").order_by("pk")

    def find(self, data: Data) -> Contact | None:
        """Whom the record is about."""
        for number in numbers_of(data):
            if number in self.by_number:
                return self.by_number[number]
        if data["email"] and (found := self.by_email.get(data["email"].lower())):
            return found
        return self.by_name.get(name_key(data)) if data["company"] else None


def numbers_of(data: Data) -> list[str]:
    """All its numbers, the main one first."""
    return [data["number"], *(number for number, _kind in data[NUMBERS])]


def name_key(data: Data) -> tuple[str, str]:
    """Name and company as the lists are sorted by them."""
    return fold(" ".join(data[name] for name in NAMES)), fold(data["company"])


def compared(contact: Contact, data: Data) -> tuple[Data, dict[str, list[str]]]:
    """What the contact lacks, and what it says otherwise: pairs of its own and the file's."""
    fills: Data = {}
    differs: dict[str, list[str]] = {}
    for name in _fields_to_compare(contact, data):
        own, its = getattr(contact, name), data[name]
        if not its or its.casefold() == own.casefold():
            continue
        # Half a name of one and half of the other would be nobody's.
        if own or (name in NAMES and not _same(contact, data, NAMES[:1])):
            differs[name] = [own, its]
        else:
            fills[name] = its
    if added := _further(contact, data):
        fills[NUMBERS] = added
    return fills, differs


def _fields_to_compare(contact: Contact, data: Data) -> tuple[str, ...]:
    """The parts of a name do not matter where the whole is the same."""
    names = () if _same(contact, data, NAMES) else (*NAMES, "display_name")
    return (*names, *DETAILS, "email")


def _same(contact: Contact, data: Data, names: Sequence[str]) -> bool:
    own = " ".join(getattr(contact, name) for name in names)
    its = " ".join(data[name] for name in names)
    return own.casefold().split() == its.casefold().split()


def _further(contact: Contact, data: Data) -> list[list[str]]:
    """The numbers that the contact does not have yet, as many as there is room for."""
    more = list(contact.more_numbers.all())
    known = {contact.number, *(row.number for row in more)}
    numbers = [[data["number"], data["number_type"]], *data[NUMBERS]]
    added = [each for each in numbers if each[0] not in known]
    return added[: max(0, MOST_FURTHER_NUMBERS - len(more))]
