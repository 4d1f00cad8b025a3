"""Conversations as a CSV file, line by line; without what was said."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from chat.models import Conversation
from portal.csv_cells import BOM, written
from portal.templatetags.portal import motivo

AT_ONCE = 500


def lines(conversations: QuerySet[Conversation]) -> Iterator[str]:
    """The file in parts; what is in memory does not grow with the number of conversations."""
    language = translation.get_language()
    with translation.override(language):
        head = BOM + written([_headings()])
    yield head
    rows = conversations.select_related("service", "subscriber", "agent")
    found = rows.iterator(chunk_size=AT_ONCE)
    while batch := list(islice(found, AT_ONCE)):
        with translation.override(language):
            part = written([_row(each) for each in batch])
        yield part


def _headings() -> list[str]:
    return [
        *(_("Empezada"), _("Servicio"), _("Número"), _("Nombre"), _("Agente"), _("Estado")),
        *(_("Atendida"), _("Terminada"), _("Espera (s)"), _("Líneas"), _("Motivo")),
        *(_("Valoración"), _("Comentario")),
    ]


def _row(each: Conversation) -> list[str | int]:
    return [
        _moment(each.opened_at),
        each.service.title,
        each.subscriber.number,
        each.subscriber.display_name,
        each.agent.name if each.agent else "",
        str(each.get_state_display()),
        _moment(each.taken_at),
        _moment(each.closed_at),
        each.seconds_waited(timezone.now()),
        each.last_line,
        motivo(each.close_reason),
        each.rating or "",
        each.rating_comment,
    ]


def _moment(at: datetime | None) -> str:
    return timezone.localtime(at).isoformat(sep=" ", timespec="seconds") if at else ""
