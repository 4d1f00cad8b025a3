"""Saving what a user changed: together with its log entry, and only what was changed."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from desvios.models import ForwardingRules, rules_of
from desvios.relocating import follow_zone
from portal import access_code
from portal.audit import record
from portal.models import AuditEvent, Subscriber
from portal.pbx.phone_rules import FIELDS

GENERAL = "display_name"
CODE = "access_code"
ZONE = "time_zone"


class Conflict(Exception):
    """Somebody saved meanwhile: ``events`` are the changes that the other one made."""

    def __init__(self, events: list[AuditEvent], revision: int) -> None:
        super().__init__(f"changed meanwhile, now at revision {revision}")
        self.events = events
        self.revision = revision


def content(subscriber: Subscriber) -> dict[str, Any]:
    """Everything on the page that can be changed and undone, by field name."""
    own = {GENERAL: subscriber.display_name, ZONE: subscriber.time_zone}
    return {**own, **rules_of(subscriber).content()}


def save(
    request: HttpRequest,
    subscriber: Subscriber,
    wanted: dict[str, Any],
    *,
    at: datetime,
    seen_revision: int | None = None,
    new_code: str = "",
) -> AuditEvent | None:
    """Store the wanted fields and log what differs. Returns ``None`` when nothing does.

    With ``seen_revision``, raises ``Conflict`` if the subscriber was changed since that revision.
    ``new_code`` is a new clave de acceso; it is hashed, and logged only as changed.
    """
    with transaction.atomic():
        current = Subscriber.objects.select_for_update().get(pk=subscriber.pk)
        if seen_revision is not None and seen_revision != current.revision:
            raise Conflict(list(events_since(current, seen_revision)), current.revision)
        before = content(current)
        changed = {name: value for name, value in wanted.items() if before[name] != value}
        if not changed and not new_code:
            return None
        _store(current, {**before, **changed}, new_code, _later(current, changed, at))
        if ZONE in changed:
            follow_zone(current, ZoneInfo(before[ZONE]), at)
        subscriber.refresh_from_db()
        return record(
            request,
            subscriber,
            AuditEvent.Action.FORWARDING,
            before={name: before[name] for name in changed} | ({CODE: False} if new_code else {}),
            after=changed | ({CODE: True} if new_code else {}),
            at=at,
        )


def _later(subscriber: Subscriber, changed: Iterable[str], at: datetime) -> dict[str, int]:
    """When each rule was last changed, this change included, which comes after all before it."""
    known: dict[str, int] = rules_of(subscriber).changed_at
    moment = int(at.timestamp() * 1000)
    fields = [field for field in FIELDS if any(name.startswith(field) for name in changed)]
    return known | {field: max(moment, known.get(field, 0) + 1) for field in fields}


def _store(
    subscriber: Subscriber, values: dict[str, Any], new_code: str, changed_at: dict[str, int]
) -> None:
    values = dict(values)
    subscriber.display_name, subscriber.time_zone = values.pop(GENERAL), values.pop(ZONE)
    if new_code:
        subscriber.access_code = access_code.protect(new_code)
    subscriber.revision += 1
    subscriber.save(update_fields=["display_name", "time_zone", "access_code", "revision"])
    values["changed_at"] = changed_at
    ForwardingRules.objects.update_or_create(subscriber=subscriber, defaults=values)


AT_TELEPHONE = (AuditEvent.Action.TELEPHONE, AuditEvent.Action.OVERTAKEN)
"""What was dialled; the name of who did it is the telephone's."""


def events_of(subscriber: Subscriber) -> QuerySet[AuditEvent]:
    """The log of the page, newest first."""
    actions = (
        AuditEvent.Action.FORWARDING,
        *AT_TELEPHONE,
        AuditEvent.Action.CALENDAR,
        AuditEvent.Action.FEED,
    )
    return AuditEvent.objects.filter(subscriber=subscriber, action__in=actions)


def undoable(subscriber: Subscriber) -> QuerySet[AuditEvent]:
    """Those of which something held."""
    return events_of(subscriber).exclude(action=AuditEvent.Action.OVERTAKEN)


def events_since(subscriber: Subscriber, revision: int) -> QuerySet[AuditEvent]:
    """What was changed after the revision that somebody saw."""
    return events_of(subscriber).filter(revision__gt=revision)
