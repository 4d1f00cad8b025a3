"""Telling by e-mail of messages that arrived: noted first, then sent until it succeeds."""

import logging
import smtplib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from threading import Lock, Thread

from django.db import connections, models
from django.utils import timezone, translation

from buzon.changing import tell_owners
from buzon.letter import letter
from buzon.listing import find, read
from buzon.models import ForwardedMessage, MailboxOptions, NoticedMessage, options_of
from portal import logs
from portal.pbx.errors import NotFound, PBXError
from portal.pbx.types import VoicemailMessage

log = logging.getLogger(__name__)

State = NoticedMessage.State

LATEST = timedelta(days=7)
"""Of messages older than that nobody is told any more."""

FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
GIVE_UP = timedelta(days=3)
AT_ONCE = 50

PERMANENT = 500
"""SMTP's answers from here on are for good (RFC 5321, 4.2.1)."""

_sending = Lock()


def on_mailbox(mailbox: str) -> None:
    """What the link does when it hears that a mailbox changed."""
    tell_owners(mailbox)
    wanting = _wanting().filter(subscriber__mailbox=mailbox)
    if wanting:
        note(wanting, read(mailbox))


def note(wanting: Iterable[MailboxOptions], messages: Sequence[VoicemailMessage]) -> None:
    """Put each message that these subscribers have not been told of into the outbox, once."""
    now = timezone.now()
    for options in wanting:
        subscriber = options.subscriber
        known = NoticedMessage.objects.filter(subscriber=subscriber, mailbox=subscriber.mailbox)
        told = set(known.values_list("msg_id", flat=True))
        since = max(options.notices_since or now, now - LATEST)
        sent_on = _sent_on(subscriber.mailbox, since)
        rows = [
            NoticedMessage(
                subscriber=subscriber,
                mailbox=subscriber.mailbox,
                msg_id=each.msg_id,
                state=State.PENDING
                if each.is_new and (each.received_at >= since or each.msg_id in sent_on)
                else State.NEEDLESS,
                found_at=now,
                next_try=now,
            )
            for each in messages
            if each.msg_id not in told
        ]
        NoticedMessage.objects.bulk_create(rows, ignore_conflicts=True)


def waiting() -> dict[str, float]:
    """Notices by e-mail that are still to be sent."""
    return {"": NoticedMessage.objects.filter(state=State.PENDING).count()}


def send_due() -> None:
    """A job of the link: begin to send what is due. A mail server that hangs holds up nobody."""
    if _due().exists() and _sending.acquire(blocking=False):
        Thread(target=logs.carried(_send_and_release), name="notices", daemon=True).start()


def send_now() -> None:
    """Send what is due. Ends at the first sign that the mail server is away."""
    for row in list(_due()[:AT_ONCE]):
        if not _send(row):
            return


def _send_and_release() -> None:
    try:
        send_now()
    except Exception:
        log.exception("notices could not be sent and will be tried again")
    finally:
        connections.close_all()
        _sending.release()


def _send(row: NoticedMessage) -> bool:
    """Send one, and note it; whether the mail server is there."""
    if not _claim(row):
        return True
    options = options_of(row.subscriber)
    try:
        with translation.override(row.subscriber.letters_in):
            found = find(row.subscriber, row.msg_id)
            if found.is_heard or not options.wants_notices:
                raise NotFound(row.msg_id)
            letter(options, found).send()
    except NotFound:
        _settle(row, State.NEEDLESS)
    except (PBXError, OSError) as error:  # smtplib's errors among them
        log.warning("a notice to %s was not sent: %s", row.subscriber.number, error)
        is_over = _is_refusal(error) or timezone.now() - row.found_at > GIVE_UP
        _settle(row, State.FAILED if is_over else State.PENDING, str(error))
        return isinstance(error, ANSWERS)
    else:
        _settle(row, State.SENT)
    return True


ANSWERS = (PBXError, smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused)
"""After these the next notice may well be sent."""


def _is_refusal(error: Exception) -> bool:
    """Whether the mail server will never deliver to that address."""
    if not isinstance(error, smtplib.SMTPRecipientsRefused):
        return False
    return all(code >= PERMANENT for code, _reason in error.recipients.values())


def _claim(row: NoticedMessage) -> bool:
    """Put the next try off by a pause that doubles each time; whether nobody else did so before.

    Before the try, so that whatever goes wrong in it holds up no other notice.
    """
    pause = min(FIRST_PAUSE * 2 ** min(row.tries, 10), LONGEST_PAUSE)
    unclaimed = NoticedMessage.objects.filter(pk=row.pk, state=State.PENDING, tries=row.tries)
    return bool(unclaimed.update(tries=row.tries + 1, next_try=timezone.now() + pause))


def _settle(row: NoticedMessage, state: str, error: str = "") -> None:
    row.state, row.error = state, error[:300]
    row.save(update_fields=["state", "error"])


def _due() -> "models.QuerySet[NoticedMessage]":
    rows = NoticedMessage.objects.filter(state=State.PENDING, next_try__lte=timezone.now())
    return rows.select_related("subscriber__mailbox_options").order_by("next_try", "pk")


def _wanting() -> "models.QuerySet[MailboxOptions]":
    """The options of those who want notices."""
    rows = MailboxOptions.objects.exclude(notice=MailboxOptions.Notice.NONE).exclude(email="")
    return rows.select_related("subscriber")


def _sent_on(mailbox: str, since: datetime) -> set[str]:
    """The messages that colleagues sent on to it since then."""
    rows = ForwardedMessage.objects.filter(mailbox=mailbox, at__gte=since)
    return set(rows.values_list("msg_id", flat=True))
