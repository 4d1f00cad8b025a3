"""Telling by e-mail of messages that arrived: noted first, then sent until it succeeds."""

import logging
import smtplib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from threading import Lock, Thread

from django.core.mail import get_connection
from django.db import connections, models
from django.utils import timezone

from buzon.changing import tell_owners
from buzon.letter import letter
from buzon.listing import find, read
from buzon.models import ForwardedMessage, MailboxOptions, NoticedMessage, options_of
from portal.pbx.errors import NotFound, PBXError
from portal.pbx.types import VoicemailMessage

log = logging.getLogger(__name__)

State = NoticedMessage.State

LATEST = timedelta(days=7)
"""Of messages older than that nobody is told any more."""

FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
GIVE_UP = timedelta(days=3)
AT_ONCE = 50

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


def send_due() -> None:
    """A job of the link: begin to send what is due. A mail server that hangs holds up nobody."""
    if _due().exists() and _sending.acquire(blocking=False):
        Thread(target=_send_and_release, name="notices", daemon=True).start()


def send_now() -> None:
    """Send what is due. Ends at the first sign that the mail server is away."""
    rows = list(_due()[:AT_ONCE])
    mail = get_connection()
    try:
        for row in rows:
            if not _send(row, mail):
                return
    finally:
        mail.close()


def _send_and_release() -> None:
    try:
        send_now()
    except Exception:
        log.exception("notices could not be sent and will be tried again")
    finally:
        connections.close_all()
        _sending.release()


def _send(row: NoticedMessage, mail: object) -> bool:
    """Send one, and note it; whether the mail server is there."""
    options = options_of(row.subscriber)
    try:
        found = find(row.subscriber, row.msg_id)
        if found.is_heard or not options.wants_notices:
            raise NotFound(row.msg_id)
        letter(options, found, mail).send()
    except NotFound:
        _settle(row, State.NEEDLESS)
    except PBXError as error:
        _postpone(row, error)
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _reason in error.recipients.values()]
        if codes and min(codes) >= 500:
            _settle(row, State.FAILED, str(error))
        else:
            _postpone(row, error)
    except (smtplib.SMTPException, OSError) as error:
        log.warning("the mail server did not take a notice: %s", error)
        _postpone(row, error)
        return False
    else:
        _settle(row, State.SENT)
    return True


def _settle(row: NoticedMessage, state: str, error: str = "") -> None:
    row.state, row.error = state, error[:300]
    row.save(update_fields=["state", "error"])


def _postpone(row: NoticedMessage, error: Exception) -> None:
    """Try again after a pause that doubles each time, for some days."""
    now = timezone.now()
    if now - row.found_at > GIVE_UP:
        _settle(row, State.FAILED, str(error))
        return
    row.next_try = now + min(FIRST_PAUSE * 2 ** min(row.tries, 10), LONGEST_PAUSE)
    row.tries += 1
    row.error = str(error)[:300]
    row.save(update_fields=["tries", "next_try", "error"])


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
