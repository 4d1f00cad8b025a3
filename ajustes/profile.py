"""Contact data: part of it with the login, part with the number; saved together and logged."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest

from portal.audit import record
from portal.models import AuditEvent, Subscriber

SHOWN = "display_name"
"""What telephones show. It stands on the page Desvíos too, and in that page's log."""

OF_USER = ("first_name", "last_name", "email")
OF_SUBSCRIBER = (SHOWN, "mobile", "department")
FIELDS = (*OF_USER, *OF_SUBSCRIBER)


def content(subscriber: Subscriber) -> dict[str, str]:
    """The contact data by field name."""
    return {name: str(getattr(_place(subscriber, name), name)) for name in FIELDS}


def save(
    request: HttpRequest, subscriber: Subscriber, wanted: dict[str, str], *, at: datetime
) -> set[str]:
    """Store and log what differs. Returns the names of what did.

    Another name to show is a new version of the plan, which the link applies.
    """
    with transaction.atomic():
        current = Subscriber.objects.select_for_update().get(pk=subscriber.pk)
        before = content(current)
        changed = {name: value for name, value in wanted.items() if before[name] != value}
        _store(current, changed)
        subscriber.refresh_from_db()
        for action, names in (
            (AuditEvent.Action.FORWARDING, {SHOWN}),
            (AuditEvent.Action.PROFILE, set(FIELDS) - {SHOWN}),
        ):
            if named := sorted(names & changed.keys()):
                record(
                    request,
                    subscriber,
                    action,
                    before={name: before[name] for name in named},
                    after={name: changed[name] for name in named},
                    at=at,
                )
    return set(changed)


def _store(subscriber: Subscriber, changed: dict[str, str]) -> None:
    for name, value in changed.items():
        setattr(_place(subscriber, name), name, value)
    if of_user := [name for name in OF_USER if name in changed]:
        _user(subscriber).save(update_fields=of_user)
    of_subscriber = [name for name in OF_SUBSCRIBER if name in changed]
    if SHOWN in changed:
        subscriber.revision += 1
        of_subscriber.append("revision")
    if of_subscriber:
        subscriber.save(update_fields=of_subscriber)


def _place(subscriber: Subscriber, name: str) -> Any:
    return _user(subscriber) if name in OF_USER else subscriber


def _user(subscriber: Subscriber) -> User:
    user: User | None = subscriber.user
    if user is None:
        raise ValueError("only who has a login has contact data to change")
    return user
