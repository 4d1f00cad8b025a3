"""What callers hear: putting greetings in force, and taking them out again.

Each function may raise ``changes.Busy``, ``PBXUnavailable`` or ``PBXRejected``.
"""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from buzon.changing import holding, tell_owners
from buzon.models import MailboxOptions, options_of
from buzon.sound import convert
from portal.audit import record
from portal.models import AuditEvent, Subscriber
from portal.pbx import get_pbx
from portal.pbx.errors import PBXError
from portal.pbx.types import Greeting


def put(
    request: HttpRequest,
    subscriber: Subscriber,
    greeting: Greeting,
    wav: bytes,
    until: datetime | None = None,
) -> None:
    """Put a sound that ``convert`` made in force; a temporary greeting ``until`` that moment."""
    with holding(subscriber.mailbox):
        _put(request, subscriber, greeting, wav, until)


def remove(request: HttpRequest, subscriber: Subscriber, greeting: Greeting) -> None:
    """Let the telephone system speak again. Nothing happens where there was none."""
    with holding(subscriber.mailbox):
        if greeting in get_pbx().voicemail.greetings(subscriber.mailbox):
            _log(request, subscriber, greeting, {"recorded": True}, {"recorded": False})
            get_pbx().voicemail.remove_greeting(subscriber.mailbox, greeting)
        if greeting is Greeting.TEMPORARY:
            _end(subscriber, None)
    tell_owners(subscriber.mailbox)


def take_draft(
    request: HttpRequest,
    subscriber: Subscriber,
    greeting: Greeting,
    until: datetime | None = None,
) -> None:
    """Put in force what was recorded at a telephone. Raises ``NotFound``, ``ValidationError``."""
    with holding(subscriber.mailbox):
        with get_pbx().voicemail.open_draft(subscriber.mailbox, greeting) as file:
            wav = convert(file)
        _put(request, subscriber, greeting, wav, until)
        get_pbx().voicemail.remove_draft(subscriber.mailbox, greeting)


def drop_draft(subscriber: Subscriber, greeting: Greeting) -> None:
    """Throw away what was recorded at a telephone and never put in force."""
    with holding(subscriber.mailbox):
        get_pbx().voicemail.remove_draft(subscriber.mailbox, greeting)
    tell_owners(subscriber.mailbox)


def temporary_until(subscriber: Subscriber) -> datetime | None:
    """When the temporary greeting ends; ``None`` for never. Without one it means nothing."""
    return options_of(subscriber).temporary_until


def _put(
    request: HttpRequest,
    subscriber: Subscriber,
    greeting: Greeting,
    wav: bytes,
    until: datetime | None,
) -> None:
    """The end first: a greeting must never stay for ever because a process died."""
    before = {"recorded": greeting in get_pbx().voicemail.greetings(subscriber.mailbox)}
    after: dict[str, Any] = {"recorded": True} | ({"until": until.isoformat()} if until else {})
    _log(request, subscriber, greeting, before, after)
    rows = MailboxOptions.objects.filter(subscriber=subscriber)
    end_before = rows.values_list("temporary_until", flat=True).first()
    if greeting is Greeting.TEMPORARY:
        _end(subscriber, until)
    try:
        get_pbx().voicemail.write_greeting(subscriber.mailbox, greeting, wav)
    except PBXError:
        _log(request, subscriber, greeting, after, before)
        rows.update(temporary_until=end_before)
        raise
    tell_owners(subscriber.mailbox)


def _end(subscriber: Subscriber, until: datetime | None) -> None:
    MailboxOptions.objects.update_or_create(
        subscriber=subscriber, defaults={"temporary_until": until}
    )


def _log(
    request: HttpRequest,
    subscriber: Subscriber,
    greeting: Greeting,
    before: dict[str, Any],
    after: dict[str, Any],
) -> None:
    named = {"greeting": greeting.value}
    action = AuditEvent.Action.GREETING
    record(
        request,
        subscriber,
        action,
        before=named | before,
        after=named | after,
        at=timezone.now(),
    )
