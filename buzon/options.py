"""Saving what a subscriber chose for the mailbox."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from buzon.changing import holding
from buzon.models import options_of
from portal.audit import record
from portal.models import AuditEvent, Subscriber
from portal.pbx import get_pbx
from portal.pbx.errors import PBXError


def save(
    request: HttpRequest, subscriber: Subscriber, *, notice: str, email: str, language: str
) -> bool:
    """Store and log what differs. Returns whether anything did.

    Another language is a new version of the subscriber's plan, which the link applies.
    """
    wanted = {"notice": notice, "email": email, "language": language}
    with transaction.atomic():
        current = Subscriber.objects.select_for_update().get(pk=subscriber.pk)
        before = content(current)
        changed = {name: value for name, value in wanted.items() if before[name] != value}
        if not changed:
            return False
        _store(current, wanted, changed)
        subscriber.refresh_from_db()
        record(
            request,
            subscriber,
            AuditEvent.Action.VOICEMAIL,
            before={name: before[name] for name in changed},
            after=changed,
            at=timezone.now(),
        )
    return True


def content(subscriber: Subscriber) -> dict[str, Any]:
    """What can be chosen, by the names of the form."""
    options = options_of(subscriber)
    return {
        "notice": options.notice,
        "email": options.email,
        "language": subscriber.voicemail_language,
    }


def set_pin(request: HttpRequest, subscriber: Subscriber, pin: str) -> None:
    """Change the PIN that telephones ask for; it is kept nowhere here.

    Raises ``Busy``, ``PBXUnavailable`` or ``PBXRejected``; then the old one is still in force.
    """
    with holding(subscriber.mailbox):
        _log_pin(request, subscriber, {}, {"pin": True})
        try:
            get_pbx().voicemail.set_pin(subscriber.mailbox, pin)
        except PBXError:
            _log_pin(request, subscriber, {"pin": True}, {"pin": False})
            raise


def _log_pin(
    request: HttpRequest, subscriber: Subscriber, before: dict[str, Any], after: dict[str, Any]
) -> None:
    """Write down that it was to be changed, or was not changed after all; never the PIN."""
    action = AuditEvent.Action.PIN
    record(request, subscriber, action, before=before, after=after, at=timezone.now())


def _store(subscriber: Subscriber, wanted: dict[str, Any], changed: dict[str, Any]) -> None:
    options = options_of(subscriber)
    was_on = options.wants_notices
    options.notice, options.email = wanted["notice"], wanted["email"]
    if options.wants_notices and not was_on:
        # Asterisk's times have no fractions.
        options.notices_since = timezone.now().replace(microsecond=0)
    options.save()
    if "language" in changed:
        subscriber.voicemail_language = wanted["language"]
        subscriber.revision += 1
        subscriber.save(update_fields=["voicemail_language", "revision"])
