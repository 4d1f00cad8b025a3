"""The person's own contacts, as spreadsheets and as telephones read them."""

from collections.abc import Iterator

from agenda.exchange import csv_write, vcard_write
from agenda.exchange.record import Record
from agenda.models import Contact
from portal.models import Subscriber
from portal.own_data import File

BATCH = 500


def export(subscriber: Subscriber) -> Iterator[File]:
    """CSV and vCard; without what lies in the bin, and without the company's contacts."""
    yield "contactos.csv", (line.encode() for line in csv_write.lines(_records(subscriber)))
    yield "contactos.vcf", (vcard_write.card(record) for record in _records(subscriber))


def _records(subscriber: Subscriber) -> Iterator[Record]:
    own = Contact.objects.filter(owner=subscriber, binned_at=None)
    rows = own.prefetch_related("more_numbers").iterator(BATCH)
    for place, contact in enumerate(rows, 1):
        yield _record(place, contact)


def _record(place: int, contact: Contact) -> Record:
    more = (row.number for row in contact.more_numbers.all())
    return Record(
        place=place,
        first_name=contact.first_name,
        last_name=contact.last_name,
        second_last_name=contact.second_last_name,
        display_name=contact.display_name,
        company=contact.company,
        address=contact.address,
        postcode=contact.postcode,
        city=contact.city,
        province=contact.province,
        numbers=(contact.number, *more),
        emails=tuple(filter(None, [contact.email])),
    )
