"""Carrying an import out in one transaction, and taking it back in one.

The words by which the search finds contacts are many; ``index_on`` writes them afterwards, a piece
at a time, so that the transaction is short.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from agenda.exchange.checking import NUMBERS
from agenda.exchange.matching import compared
from agenda.exchange.models import ContactImport, ImportedContact, ImportRow
from agenda.forms import FIELDS, MOST_FURTHER_NUMBERS
from agenda.models import Contact, ContactNumber, ContactWord, Favourite, write_words
from agenda.models.contacts import KEYS
from portal.models import AuditEvent

AT_ONCE = 500
PLAIN: QuerySet[Contact] = QuerySet(model=Contact)
"""Writes contacts, and nothing else."""

State, Outcome = ContactImport.State, ImportRow.Outcome


def store(batch: ContactImport, at: datetime) -> None:
    """Everything that is chosen, or nothing."""
    chosen = batch.rows.filter(is_chosen=True)
    known = chosen.filter(outcome=Outcome.CHANGED).prefetch_related("contact__more_numbers")
    with transaction.atomic():
        added = sum(_add(batch, rows) for rows in _chunks(chosen.filter(outcome=Outcome.NEW)))
        changed = sum(_change(batch, rows) for rows in _chunks(known))
        values = {"stored_at": at, "added": added, "changed": changed, "kept": 0}
        batch.enter(State.INDEXING, total=added + changed, **values)
        _write_down(batch, at, {"added": added, "changed": changed})


def _chunks(rows: QuerySet[ImportRow]) -> Iterator[list[ImportRow]]:
    place = -1
    while chunk := list(rows.filter(place__gt=place)[:AT_ONCE]):
        yield chunk
        place = chunk[-1].place


def _add(batch: ContactImport, rows: list[ImportRow]) -> int:
    book = Contact.Book.PERSONAL if batch.owner else Contact.Book.CORPORATE
    contacts = [
        Contact(owner=batch.owner, book=book, **{name: row.data[name] for name in FIELDS})
        for row in rows
    ]
    for contact in contacts:
        contact.fill_keys()
    created = PLAIN.bulk_create(contacts)
    _add_numbers(zip(created, (row.data[NUMBERS] for row in rows), strict=True))
    ImportedContact.objects.bulk_create(
        ImportedContact(batch=batch, contact=contact) for contact in created
    )
    return len(created)


def _change(batch: ContactImport, rows: list[ImportRow]) -> int:
    """What is still to be changed: somebody may have changed it since the preview."""
    done, added = [], []
    for row in rows:
        contact = row.contact
        if contact is None or contact.binned_at or contact.owner != batch.owner:
            continue
        fills, differs = compared(contact, row.data)
        wanted = fills | ({n: its for n, (_own, its) in differs.items()} if row.replaces else {})
        if not wanted:
            continue
        before = content(contact)
        after = {**wanted, NUMBERS: [*before[NUMBERS], *wanted.get(NUMBERS, [])]}
        before = {name: before[name] for name in after}
        done.append(ImportedContact(batch=batch, contact=contact, before=before, after=after))
        added.append((contact, wanted.get(NUMBERS, [])))
        _put(contact, wanted)
    _update([each.contact for each in done])
    _add_numbers(added)
    ImportedContact.objects.bulk_create(done)
    return len(done)


def content(contact: Contact) -> dict[str, Any]:
    """Everything that an import can change, from a contact whose numbers have been fetched."""
    further = sorted(contact.more_numbers.all(), key=lambda row: row.pk)
    numbers = [[row.number, row.number_type] for row in further]
    return {**{name: getattr(contact, name) for name in FIELDS}, NUMBERS: numbers}


def _put(contact: Contact, values: dict[str, Any]) -> None:
    for name in FIELDS:
        if name in values:
            setattr(contact, name, values[name])
    contact.revision += 1
    contact.fill_keys()


def _update(contacts: Sequence[Contact]) -> None:
    """Store many at once: an insert that finds them there, far quicker than ``bulk_update``."""
    fields = [*FIELDS, *KEYS, "revision"]
    PLAIN.bulk_create(contacts, update_conflicts=True, unique_fields=["id"], update_fields=fields)


def _add_numbers(pairs: Any) -> None:
    ContactNumber.objects.bulk_create(
        ContactNumber(contact=contact, number=number, number_type=kind)
        for contact, numbers in pairs
        for number, kind in numbers[:MOST_FURTHER_NUMBERS]
        if number != contact.number
    )


def index_on(batch: ContactImport) -> bool:
    """Let the search find the next of the contacts as they are. ``False`` after the last ones."""
    rows = batch.imported.order_by("pk").select_related("contact")
    chunk = [each.contact for each in rows[batch.done : batch.done + AT_ONCE]]
    with transaction.atomic():
        write_words(chunk)
        batch.done += len(chunk)
        batch.save(update_fields=["done"])
    return len(chunk) == AT_ONCE


def undo(batch: ContactImport, at: datetime) -> None:
    """Take the import back: what it added goes, what it changed is as before.

    What somebody has changed or deleted since then stays; ``kept`` says how many those are.
    """
    with transaction.atomic():
        kept = sum(_restore(chunk) for chunk in _changed(batch))
        added = batch.imported.filter(before__isnull=True)
        untouched = added.filter(contact__revision=1, contact__binned_at=None)
        kept += added.count() - untouched.count()
        keys = untouched.values("contact")
        for related in (ContactWord, ContactNumber, Favourite):
            related.objects.filter(contact__in=keys).delete()
        Contact.objects.filter(pk__in=keys).delete()
        left = batch.imported.count()
        batch.enter(State.INDEXING, total=left, stored_at=None, kept=kept)
        _write_down(batch, at, {"undone": True, "kept": kept})


def _changed(batch: ContactImport) -> Iterator[list[ImportedContact]]:
    rows = batch.imported.filter(before__isnull=False).order_by("pk")
    rows = rows.select_related("contact").prefetch_related("contact__more_numbers")
    key = 0
    while chunk := list(rows.filter(pk__gt=key)[:AT_ONCE]):
        yield chunk
        key = chunk[-1].pk


def _restore(rows: list[ImportedContact]) -> int:
    """Put back what was before; returns how many stay as somebody has made them since."""
    done = []
    for each in rows:
        now = content(each.contact)
        same = all(now[name] == value for name, value in each.after.items())
        if same and not each.contact.binned_at:
            _put(each.contact, each.before)
            done.append(each)
    _update([each.contact for each in done])
    contacts = [each.contact for each in done]
    ContactNumber.objects.filter(contact__in=contacts).delete()
    _add_numbers((each.contact, each.before[NUMBERS]) for each in done)
    return len(rows) - len(done)


def _write_down(batch: ContactImport, at: datetime, what: dict[str, Any]) -> None:
    AuditEvent.objects.create(
        at=at,
        actor=batch.actor,
        actor_name=batch.actor.get_username() if batch.actor else "",
        subscriber=batch.owner,
        subscriber_number=batch.owner.number if batch.owner else "",
        action=AuditEvent.Action.CONTACT,
        after={"import": batch.name, **what},
    )
