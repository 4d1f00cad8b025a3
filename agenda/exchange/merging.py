"""Making one contact of several; the log entry undoes it as any other change."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import combinations
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from agenda.changes import BINNED, WHO, content
from agenda.exchange import duplicates
from agenda.exchange.checking import DETAILS, NAMES
from agenda.forms import MOST_FURTHER_NUMBERS
from agenda.models import Contact, ContactNumber, Favourite, ToldApart
from portal.audit import record
from portal.folding import fold
from portal.models import AuditEvent, Subscriber

FILLED = (*DETAILS, "email")
MOST_IN_A_GROUP = 20


class TooManyNumbers(Exception):
    """Together they would have more numbers than a contact may have."""


def found_in_book_of(subscriber: Subscriber) -> list[duplicates.Group]:
    """Who of the subscriber's own contacts may be the same."""
    own = Contact.objects.editable_by(subscriber).order_by("pk")
    further: dict[int, list[str]] = {}
    rows = ContactNumber.objects.filter(contact__in=own.order_by().values("pk"))
    for key, number in rows.values_list("contact_id", "number"):
        further.setdefault(key, []).append(number)
    fields = ("pk", "name_key", "company_key", "email", "number")
    known = [
        duplicates.Known(pk, name, company, email.lower(), (number, *further.get(pk, [])))
        for pk, name, company, email, number in own.values_list(*fields)
    ]
    return duplicates.groups(known, set(told_apart(subscriber).values_list("low", "high")))


def told_apart(subscriber: Subscriber) -> QuerySet[ToldApart]:
    """The pairs of own contacts that are two people."""
    return ToldApart.objects.filter(low__owner=subscriber, high__owner=subscriber)


def tell_apart(contacts: Iterable[Contact]) -> None:
    """Never again take any of these for another of them."""
    keys = sorted(contact.pk for contact in contacts)
    pairs = [ToldApart(low_id=low, high_id=high) for low, high in combinations(keys, 2)]
    ToldApart.objects.bulk_create(pairs, ignore_conflicts=True)


def fullest(contacts: Iterable[Contact]) -> Contact:
    """Whoever most is known of; of several, the oldest."""
    return max(contacts, key=lambda each: (_filled(each), -each.pk))


def _filled(contact: Contact) -> int:
    names = (*FILLED, *NAMES)
    return sum(bool(getattr(contact, name)) for name in names) + contact.more_numbers.count()


def merge(
    request: HttpRequest,
    subscriber: Subscriber,
    kept: Contact,
    others: Sequence[Contact],
    at: datetime,
) -> AuditEvent:
    """Let ``kept`` take in what it lacks of the others, who go into the bin.

    What it says otherwise stays as it is. Raises ``TooManyNumbers``.
    """
    with transaction.atomic():
        before = content(kept)
        _fill(kept, others)
        kept.revision += 1
        kept.save()
        kept.write_numbers(_numbers(kept, others))
        after = content(kept)
        changed = [name for name in after if before[name] != after[name]]
        keys = [other.pk for other in others]
        if Favourite.objects.filter(subscriber=subscriber, contact__in=keys).exists():
            Favourite.objects.get_or_create(subscriber=subscriber, contact=kept)
        Contact.objects.filter(pk__in=keys).put_into_bin(at)
        was: dict[str, Any] = {str(kept.pk): {name: before[name] for name in changed}}
        now: dict[str, Any] = {str(kept.pk): {name: after[name] for name in changed}}
        now[str(kept.pk)][WHO] = str(kept)
        for other in others:
            was[str(other.pk)] = {BINNED: False}
            now[str(other.pk)] = {WHO: str(other), BINNED: True}
        action = AuditEvent.Action.CONTACT
        return record(request, subscriber, action, before=was, after=now, at=at)


def _fill(kept: Contact, others: Sequence[Contact]) -> None:
    for other in others:
        for name in FILLED:
            setattr(kept, name, getattr(kept, name) or getattr(other, name))
        # Surnames of somebody with another first name would be nobody's.
        if fold(kept.first_name) == fold(other.first_name):
            for name in NAMES:
                setattr(kept, name, getattr(kept, name) or getattr(other, name))


def _numbers(kept: Contact, others: Sequence[Contact]) -> list[tuple[str, str]]:
    numbers: dict[str, str] = {}
    for contact in (kept, *others):
        numbers.setdefault(contact.number, contact.number_type)
        for row in contact.more_numbers.order_by("pk"):
            numbers.setdefault(row.number, row.number_type)
    numbers.pop(kept.number, None)
    if len(numbers) > MOST_FURTHER_NUMBERS:
        raise TooManyNumbers
    return list(numbers.items())
