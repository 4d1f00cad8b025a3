"""What somebody said to agents, and heard of them, as files."""

import json
from collections.abc import Iterator

from chat.models import Conversation
from chat.transcript import transcript
from portal.models import Subscriber
from portal.own_data import File

BATCH = 100


def export(subscriber: Subscriber) -> Iterator[File]:
    """One file, a conversation a line."""
    rows = Conversation.objects.filter(subscriber=subscriber).select_related("service")
    found = rows.prefetch_related("lines").iterator(BATCH)
    yield "conversaciones.json", _listed(found)


def _listed(rows: Iterator[Conversation]) -> Iterator[bytes]:
    between = "[\n"
    for row in rows:
        entry = {
            "service": row.service.title,
            "opened_at": row.opened_at.isoformat(),
            "closed_at": row.closed_at.isoformat() if row.closed_at else None,
            "rating": row.rating,
            "rating_comment": row.rating_comment,
            "lines": list(transcript(row)),
        }
        yield (between + json.dumps(entry, ensure_ascii=False)).encode()
        between = ",\n"
    yield b"[]\n" if between == "[\n" else b"\n]\n"
