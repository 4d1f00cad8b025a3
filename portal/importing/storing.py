"""Doing what a table says: all of it in one transaction, or nothing."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from portal.audit import entry
from portal.importing.comparing import Outcome, Row
from portal.importing.headings import DEVICES, EMAIL, USERNAME
from portal.importing.lines import CLASSES
from portal.models import AuditEvent, Device, PendingQuerySet, Subscriber, SubscriberImport

AT_ONCE = 500
OF_USER = (USERNAME, EMAIL)
PLAIN = ("display_name", "access_pin", "mailbox", "department", "mobile", *CLASSES)
HIDDEN = "access_pin"
"""Of which the log says only that it changed."""


def store(request: Any, batch: SubscriberImport, rows: list[Row], at: datetime) -> None:
    """Add who is new, change who changes, write each down; the link applies them.

    Call it in the transaction in which ``rows`` were compared; none of them may be refused.
    """
    new = [row for row in rows if row.outcome is Outcome.NEW]
    changed = [row for row in rows if row.outcome is Outcome.CHANGED]
    with transaction.atomic():
        users = _users([*new, *changed])
        _add(new, users)
        _change(changed, users)
        _add_devices([*new, *changed])
        _write_down(request, [*new, *changed], at)
        batch.content, batch.stored_at = b"", at
        batch.added, batch.changed = len(new), len(changed)
        batch.save()


def _users(rows: Iterable[Row]) -> dict[str, User]:
    """The logins that the rows name, by name. A new one opens with no password yet."""
    names = [row.after[USERNAME] for row in rows if USERNAME in row.after]
    known = _by_name(names)
    fresh = [User(username=name) for name in names if name not in known]
    for user in fresh:
        user.set_unusable_password()
    User.objects.bulk_create(fresh, batch_size=AT_ONCE)
    return known | _by_name([user.username for user in fresh])


def _by_name(names: list[str]) -> dict[str, User]:
    found: dict[str, User] = {}
    for start in range(0, len(names), AT_ONCE):
        rows = User.objects.filter(username__in=names[start : start + AT_ONCE])
        found |= {row.username: row for row in rows}
    return found


def _add(rows: list[Row], users: dict[str, User]) -> None:
    for row in rows:
        row.subscriber = Subscriber(number=row.line.number)
        _put(row, users)
    Subscriber.objects.bulk_create([_subscriber(row) for row in rows], batch_size=AT_ONCE)
    _save_emails(rows)


def _change(rows: list[Row], users: dict[str, User]) -> None:
    for row in rows:
        _put(row, users)
        _subscriber(row).revision += 1
    people = PendingQuerySet(Subscriber)
    fields = [*PLAIN, "user", "revision"]
    people.bulk_update([_subscriber(row) for row in rows], fields, batch_size=AT_ONCE)
    _save_emails(rows)


def _put(row: Row, users: dict[str, User]) -> None:
    subscriber = _subscriber(row)
    for name in PLAIN:
        if name in row.after:
            setattr(subscriber, name, row.after[name])
    if USERNAME in row.after:
        subscriber.user = users[row.after[USERNAME]]


def _save_emails(rows: Iterable[Row]) -> None:
    with_email = []
    for row in rows:
        user = _subscriber(row).user
        if EMAIL in row.after and user:
            user.email = row.after[EMAIL]
            with_email.append(user)
    User.objects.bulk_update(with_email, ["email"], batch_size=AT_ONCE)


def _add_devices(rows: Iterable[Row]) -> None:
    Device.objects.bulk_create(
        (
            Device(name=name, owner=_subscriber(row))
            for row in rows
            for name in row.after.get(DEVICES, [])
            if name not in row.before.get(DEVICES, [])
        ),
        batch_size=AT_ONCE,
    )


def _write_down(request: Any, rows: Iterable[Row], at: datetime) -> None:
    action = AuditEvent.Action.SUBSCRIBER
    AuditEvent.objects.bulk_create(
        (
            entry(
                request,
                _subscriber(row),
                action,
                before=_told(row.before, changed=False),
                after=_told(row.after, changed=True),
                at=at,
            )
            for row in rows
        ),
        batch_size=AT_ONCE,
    )


def _told(values: dict[str, Any], *, changed: bool) -> dict[str, Any]:
    told = {name: str(v) if name in CLASSES else v for name, v in values.items()}
    return told | ({HIDDEN: changed} if HIDDEN in told else {})


def _subscriber(row: Row) -> Subscriber:
    assert row.subscriber is not None  # noqa: S101 - who is new was made, who changes was found
    return row.subscriber
