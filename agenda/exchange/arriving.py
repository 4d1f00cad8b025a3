"""Taking a file in: what is worth keeping of it, and what it would do to a book."""

import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from io import BytesIO
from itertools import islice
from typing import Any, BinaryIO

from django.db import transaction
from django.utils.translation import gettext as _

from agenda.exchange import csv_read, lines, vcard
from agenda.exchange.checking import Checked, checked
from agenda.exchange.headings import column, columns, is_enough
from agenda.exchange.matching import Known, compared
from agenda.exchange.models import ContactImport, ImportRow
from agenda.exchange.record import Record
from agenda.models import Contact
from portal import csv_table
from portal.csv_table import NotReadable
from portal.models import Subscriber

MOST_ROWS = 50_000
AT_ONCE = 200
SEEN = 8 * 1024
VCARD, CSV = "vcard", "csv"
State, Outcome = ContactImport.State, ImportRow.Outcome


def take_in(
    owner: Subscriber | None, actor: Any, file: BinaryIO, name: str, at: datetime
) -> ContactImport:
    """A new import of that file; an earlier one that was not carried out makes room for it.

    Raises ``NotReadable``.
    """
    kind, content, total = _worth_keeping(file)
    kinds: list[str] = []
    if kind == CSV:
        kinds = [each.kind for each in columns(csv_table.read(zlib.decompress(content)).headings)]
    state = State.READING if kind == VCARD or is_enough(kinds) else State.MAPPING
    if total > MOST_ROWS:
        raise NotReadable(_too_many())
    with transaction.atomic():
        mine = ContactImport.objects.into_book_of(owner)
        mine.filter(actor=actor, stored_at=None).exclude(state__in=ContactImport.WORKING).delete()
        return ContactImport.objects.create(
            owner=owner,
            actor=actor,
            name=" ".join(name.split())[:100],
            kind=kind,
            content=content,
            columns=kinds,
            state=state,
            total=total,
            uploaded_at=at,
        )


def _worth_keeping(file: BinaryIO) -> tuple[str, bytes, int]:
    """Kind of file, its content compressed and without pictures, about how many people it has."""
    file.seek(0)
    head = file.read(SEEN)
    if b"BEGIN:VCARD" in head.replace(b"\0", b"").upper():
        return (VCARD, *_slim(file))
    if head.startswith(csv_table.OTHER_PROGRAMS):
        csv_table.read(head)
    file.seek(0)
    text = csv_table.decoded(file.read())
    return CSV, zlib.compress(text.encode("utf-8", "replace")), max(0, text.count("\n") - 1)


def _slim(file: BinaryIO) -> tuple[bytes, int]:
    packer, packed, begins = zlib.compressobj(), bytearray(), 0
    for line in lines.kept(file):
        packed += packer.compress(line + b"\n")
        begins += line[-5:].upper() == b"VCARD" and line.lstrip()[:5].upper() == b"BEGIN"
    packed += packer.flush()
    return bytes(packed), begins


def headings_of(batch: ContactImport) -> list[str]:
    """The first line of an import's table."""
    return csv_table.read(zlib.decompress(batch.content)).headings


def samples_of(batch: ContactImport, count: int) -> list[list[str]]:
    """The first lines of an import's table after its headings."""
    rows = csv_table.read(zlib.decompress(batch.content)).rows()
    return [cells for _number, cells in islice(rows, count)]


def records_of(batch: ContactImport) -> Iterator[Record]:
    """The people in an import's file. Raises ``NotReadable`` where that ends."""
    content = zlib.decompress(batch.content)
    if batch.kind == VCARD:
        yield from vcard.read(BytesIO(content))
        return
    found = csv_table.read(content)
    named = zip(found.headings, batch.columns, strict=True)
    yield from csv_read.read(found, [column(heading, kind) for heading, kind in named])


def read_on(batch: ContactImport, records: Iterator[Record]) -> bool:
    """Make rows of the next records. ``False`` when there are no more."""
    chunk = list(islice(records, AT_ONCE))
    if batch.done + len(chunk) > MOST_ROWS:
        raise NotReadable(_too_many())
    with transaction.atomic():
        ImportRow.objects.bulk_create(_rows(batch, chunk))
        batch.done += len(chunk)
        batch.total = max(batch.total, batch.done)
        batch.save(update_fields=["done", "total"])
    return len(chunk) == AT_ONCE


def begin_again(batch: ContactImport) -> None:
    """Compare the file with the book once more, as after an import that was taken back."""
    with transaction.atomic():
        batch.imported.all().delete()
        batch.rows.all().delete()
        batch.enter(State.READING, total=batch.total)


def _rows(batch: ContactImport, records: Sequence[Record]) -> list[ImportRow]:
    found = [(record, checked(record)) for record in records]
    good = [each.data for _record, each in found if not each.problem]
    known = Known(batch.owner, good)
    numbers = {data["number"] for data in good}
    earlier = batch.rows.filter(number__in=numbers).exclude(outcome=Outcome.REFUSED)
    seen = dict(earlier.values_list("number", "place"))
    rows = []
    for record, each in found:
        contact = None if each.problem else known.find(each.data)
        rows.append(_row(batch, record.place, each, contact, seen))
    return rows


def _row(
    batch: ContactImport,
    place: int,
    found: Checked,
    contact: Contact | None,
    seen: dict[str, int],
) -> ImportRow:
    row = ImportRow(batch=batch, place=place, data=found.data, reason=found.reason, contact=contact)
    row.number = found.data["number"]
    if found.problem:
        row.outcome = Outcome.REFUSED
    elif row.number in seen:
        row.outcome, row.number = Outcome.REFUSED, ""
        row.reason = (
            _("Tiene el mismo número que el n.º %d del archivo.") % seen[found.data["number"]]
        )
    elif contact is None:
        row.outcome = Outcome.NEW
    else:
        row.fills, row.differs = compared(contact, found.data)
        row.outcome = Outcome.CHANGED if row.fills or row.differs else Outcome.SAME
    seen.setdefault(found.data["number"], place)
    row.is_chosen = row.outcome == Outcome.NEW or bool(row.fills)
    return row


def _too_many() -> str:
    return _("El archivo trae más de %d contactos. Pártelo en varios.") % MOST_ROWS


def counts(batch: ContactImport) -> dict[str, Any]:
    """How many rows there are of each outcome, and how many are chosen."""
    by_outcome = {str(each): batch.rows.filter(outcome=each).count() for each in Outcome}
    return {**by_outcome, "chosen": batch.rows.filter(is_chosen=True).count()}
