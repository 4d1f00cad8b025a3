"""Changing one's own contacts: each change together with its log entry, which can undo it.

An entry holds, for every contact by its id, what was before and what is after; ``who`` only says
whom it is about.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from agenda.forms import FIELDS
from agenda.models import Contact, ContactQuerySet
from portal.audit import record
from portal.models import AuditEvent, Subscriber

BINNED, NUMBERS, WHO = "binned", "more_numbers", "who"


class Conflict(Exception):
    """Somebody saved the same contact meanwhile: ``current`` is what stands there now."""

    def __init__(self, current: Contact) -> None:
        super().__init__(f"changed meanwhile, now at revision {current.revision}")
        self.current = current


class ChangedSince(Exception):
    """What is to be undone has been changed again."""


def content(contact: Contact) -> dict[str, Any]:
    """Everything about it that can be changed and undone."""
    numbers = [[row.number, row.number_type] for row in contact.more_numbers.order_by("pk")]
    values = {name: getattr(contact, name) for name in FIELDS}
    return {**values, NUMBERS: numbers, BINNED: contact.binned_at is not None}


def save(
    request: HttpRequest,
    subscriber: Subscriber,
    contact: Contact,
    numbers: Iterable[tuple[str, str]],
    *,
    at: datetime,
    seen_revision: int = 0,
) -> AuditEvent | None:
    """Store a new or changed contact with its further numbers. ``None`` when nothing changed.

    Raises ``Conflict`` if it was changed since that revision, ``Contact.DoesNotExist`` if it is
    gone.
    """
    with transaction.atomic():
        before: dict[str, Any] = {BINNED: True}
        if contact.pk:
            own = Contact.objects.editable_by(subscriber).select_for_update()
            current = own.get(pk=contact.pk)
            if current.revision != seen_revision:
                raise Conflict(current)
            before = content(current)
            contact.revision = current.revision + 1
        contact.save()
        contact.write_numbers(numbers)
        after = content(contact)
        changed = {name for name in after if before.get(name) != after[name]}
        if not changed:
            transaction.set_rollback(True)
            return None
        key = str(contact.pk)
        return _record(
            request,
            subscriber,
            {key: {name: before[name] for name in changed if name in before}},
            {key: {WHO: str(contact), **{name: after[name] for name in changed}}},
            at,
        )


def discard(
    request: HttpRequest, subscriber: Subscriber, contacts: ContactQuerySet, at: datetime
) -> AuditEvent | None:
    """Put own contacts into the bin. ``None`` when there are none."""
    return _binned(request, subscriber, contacts, at, into=True)


def restore(
    request: HttpRequest, subscriber: Subscriber, contacts: ContactQuerySet, at: datetime
) -> AuditEvent | None:
    """Take contacts out of the subscriber's bin. ``None`` when there are none."""
    return _binned(request, subscriber, contacts, at, into=False)


def _binned(
    request: HttpRequest,
    subscriber: Subscriber,
    contacts: ContactQuerySet,
    at: datetime,
    *,
    into: bool,
) -> AuditEvent | None:
    with transaction.atomic():
        names = dict(contacts.order_by("pk").values_list("pk", "display_name"))
        if not names:
            return None
        if into:
            contacts.put_into_bin(at)
        else:
            contacts.take_out_of_bin()
        return _record(
            request,
            subscriber,
            {str(key): {BINNED: not into} for key in names},
            {str(key): {WHO: name, BINNED: into} for key, name in names.items()},
            at,
        )


def events_of(subscriber: Subscriber) -> QuerySet[AuditEvent]:
    """The log of the subscriber's contacts, newest first."""
    return AuditEvent.objects.filter(subscriber=subscriber, action=AuditEvent.Action.CONTACT)


def undo(
    request: HttpRequest, subscriber: Subscriber, event: AuditEvent, at: datetime
) -> AuditEvent | None:
    """Put back what one change changed, where that has not been changed again.

    Raises ``ChangedSince`` if none of it can be put back.
    """
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    with transaction.atomic():
        own = Contact.objects.filter(owner=subscriber).select_for_update()
        for contact in list(own.filter(pk__in=event.before.keys())):
            wanted, left = event.before[str(contact.pk)], dict(event.after[str(contact.pk)])
            left.pop(WHO, None)
            now = content(contact)
            if any(now[name] != left[name] for name in left if name in wanted):
                continue
            before[str(contact.pk)] = {name: now[name] for name in wanted}
            after[str(contact.pk)] = {WHO: str(contact), **wanted}
            _put_back(contact, wanted, at)
        if not before:
            raise ChangedSince
        return _record(request, subscriber, before, after, at)


def _put_back(contact: Contact, wanted: dict[str, Any], at: datetime) -> None:
    for name in FIELDS:
        if name in wanted:
            setattr(contact, name, wanted[name])
    if BINNED in wanted:
        contact.binned_at = at if wanted[BINNED] else None
    contact.revision += 1
    contact.save()
    if NUMBERS in wanted:
        contact.write_numbers([(number, kind) for number, kind in wanted[NUMBERS]])


def _record(
    request: HttpRequest,
    subscriber: Subscriber,
    before: dict[str, Any],
    after: dict[str, Any],
    at: datetime,
) -> AuditEvent:
    action = AuditEvent.Action.CONTACT
    return record(request, subscriber, action, before=before, after=after, at=at)
