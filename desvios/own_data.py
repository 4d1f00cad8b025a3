"""The person's rules and calendar."""

import json
from collections.abc import Iterator
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from desvios.changes import content
from desvios.exchange.own import own_calendar
from portal.models import Subscriber
from portal.own_data import File


def export(subscriber: Subscriber) -> Iterator[File]:
    """The rules and subscriptions as JSON, the calendar as every calendar reads it."""
    yield "desvios.json", [_json({"rules": content(subscriber), "feeds": _feeds(subscriber)})]
    yield "calendario.ics", [own_calendar(subscriber)]
    for feed in subscriber.feeds.in_use():
        yield f"suscripciones/{feed.pk}.ics", [bytes(feed.content)]


def _feeds(subscriber: Subscriber) -> list[dict[str, Any]]:
    names = ("pk", "name", "url", "destination", "enabled", "fetched_at")
    return list(subscriber.feeds.in_use().values(*names))


def _json(value: Any) -> bytes:
    return json.dumps(value, indent=2, ensure_ascii=False, cls=DjangoJSONEncoder).encode()
