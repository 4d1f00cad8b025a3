"""Contacts on their way out: as records, some hundred at a time, however many they are."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

import phonenumbers
from django.conf import settings
from django.db.models import prefetch_related_objects
from django.utils import translation

from agenda.exchange import csv_write, vcard_write
from agenda.exchange.checking import DETAILS, NAMES
from agenda.exchange.record import Record
from agenda.models import Contact
from agenda.search import Found
from portal import phone

AT_ONCE = 500


def all_of(found: Found) -> Iterator[Contact]:
    """Everybody who was found, a window at a time."""
    for start in range(0, len(found), AT_ONCE):
        yield from found[start : start + AT_ONCE]


def as_csv(contacts: Iterable[Contact]) -> Iterator[str]:
    """The file in pieces, in the language of whoever asks now, not of whoever reads it later."""
    language = translation.get_language()
    with translation.override(language):
        pieces = list(csv_write.lines([]))
    yield from pieces
    for batch in _batches(contacts):
        yield "".join(csv_write.line(_record(contact, grouped)) for contact in batch)


def as_vcard(contacts: Iterable[Contact]) -> Iterator[bytes]:
    """The file in pieces."""
    for batch in _batches(contacts):
        yield b"".join(vcard_write.card(_record(contact, international)) for contact in batch)


def _batches(contacts: Iterable[Contact]) -> Iterator[Sequence[Contact]]:
    batch: list[Contact] = []
    for contact in contacts:
        batch.append(contact)
        if len(batch) == AT_ONCE:
            prefetch_related_objects(batch, "more_numbers")
            yield batch
            batch = []
    prefetch_related_objects(batch, "more_numbers")
    yield batch


def _record(contact: Contact, written: Callable[[str], str]) -> Record:
    numbers = [contact.number, *(row.number for row in contact.more_numbers.all())]
    texts = {name: getattr(contact, name) for name in (*NAMES, *DETAILS, "display_name")}
    emails = (contact.email,) if contact.email else ()
    return Record(contact.pk, **texts, numbers=tuple(map(written, numbers)), emails=emails)


def grouped(number: str) -> str:
    """As people of the country read it; with spaces alone, so that no spreadsheet calculates."""
    return re.sub(r"[^0-9+]+", " ", phone.display(number, settings.PHONE_REGION)).strip()


def international(number: str) -> str:
    """As a telephone dials it from any country; what is short is only dialled in the company."""
    if number.startswith("00"):
        return f"+{number[2:]}"
    if len(number) <= phone.SHORT:
        return number
    return f"+{phonenumbers.country_code_for_region(settings.PHONE_REGION)}{number}"
