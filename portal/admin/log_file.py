"""The log of changes as a CSV file, line by line."""

from collections.abc import Iterator
from itertools import islice

from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from portal.admin.log_words import after_in_words, before_in_words
from portal.csv_cells import BOM, written
from portal.models import AuditEvent

AT_ONCE = 500


def lines(events: QuerySet[AuditEvent]) -> Iterator[str]:
    """The file in parts; what is in memory does not grow with the number of entries.

    The language is that of whoever asks for the first part.
    """
    language = translation.get_language()
    with translation.override(language):
        head = BOM + written([_headings()])
    yield head
    rows = events.iterator(chunk_size=AT_ONCE)
    while batch := list(islice(rows, AT_ONCE)):
        with translation.override(language):
            part = written([_row(event) for event in batch])
        yield part


def _headings() -> list[str]:
    return [
        _("Cuándo"),
        _("Quién"),
        _("Desde dónde"),
        _("Número"),
        _("Nombre"),
        _("Qué"),
        _("Antes"),
        _("Después"),
        _("Petición"),
    ]


def _row(event: AuditEvent) -> list[str]:
    return [
        timezone.localtime(event.at).isoformat(sep=" ", timespec="seconds"),
        event.actor_name,
        event.address or "",
        event.subscriber_number,
        event.subscriber.display_name if event.subscriber else "",
        event.get_action_display(),
        "\n".join(before_in_words(event)),
        "\n".join(after_in_words(event)),
        event.request_id or "",
    ]
