"""What is kept about the person: contact data, what the administrator set, logins, changes."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from ajustes import profile
from portal.models import AuditEvent, LoginEvent, Subscriber
from portal.own_data import File

BATCH = 200


def export(subscriber: Subscriber) -> Iterator[File]:
    """Three files of JSON, the last two with one entry a line."""
    yield "datos.json", [_json(_facts(subscriber), indent=2)]
    yield "entradas.json", _listed(map(_login, _logins(subscriber)))
    changes = AuditEvent.objects.filter(subscriber=subscriber).iterator(BATCH)
    yield "cambios.json", _listed(map(_change, changes))


def _facts(subscriber: Subscriber) -> dict[str, Any]:
    return {
        "number": subscriber.number,
        "user": subscriber.user.get_username() if subscriber.user else None,
        **profile.content(subscriber),
        "language": subscriber.language,
        "shortcuts": subscriber.shortcuts,
        "time_zone": subscriber.time_zone,
        "mailbox": subscriber.mailbox,
        "voicemail_language": subscriber.voicemail_language,
        "access_pin": subscriber.access_pin,
        "call_class": subscriber.call_class.name,
        "forward_class": subscriber.forward_class.name,
        "devices": [row.name for row in subscriber.devices.all()],
    }


def _logins(subscriber: Subscriber) -> Iterator[LoginEvent]:
    return LoginEvent.objects.filter(user=subscriber.user).iterator(BATCH)


def _login(event: LoginEvent) -> dict[str, Any]:
    names = ("at", "address", "user_agent", "device", "method", "outcome")
    return {name: getattr(event, name) for name in names}


def _change(event: AuditEvent) -> dict[str, Any]:
    names = ("at", "actor_name", "address", "action", "before", "after")
    return {name: getattr(event, name) for name in names}


def _listed(rows: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    between = b"[\n"
    for row in rows:
        yield between + _json(row)
        between = b",\n"
    yield b"[]\n" if between == b"[\n" else b"\n]\n"


def _json(value: Any, indent: int | None = None) -> bytes:
    return json.dumps(value, indent=indent, ensure_ascii=False, cls=DjangoJSONEncoder).encode()
