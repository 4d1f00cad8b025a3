"""Jobs of the link: the bin is emptied, temporary greetings end, stale rows are forgotten."""

import logging
from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from buzon.changing import Busy, holding, tell_owners
from buzon.listing import BIN, PBX_FOLDERS, SLUGS, read, twice
from buzon.models import BinnedMessage, ForwardedMessage, MailboxOptions, NoticedMessage
from buzon.notices import note
from portal.models import Subscriber
from portal.pbx import get_pbx
from portal.pbx.errors import PBXError
from portal.pbx.types import Greeting, VoicemailMessage

log = logging.getLogger(__name__)

EVERY = timedelta(minutes=10)
"""How long a mailbox goes unlooked at, where no news came of it."""

FORGET = timedelta(days=30)
"""How long rows of messages that are not there are kept: a node may only be away."""

AT_ONCE = 50


def look_after() -> None:
    """Look at the mailboxes whose turn it is, whether or not news of them came."""
    _give_options()
    due = MailboxOptions.objects.exclude(subscriber__mailbox="").exclude(
        looked_at__gt=timezone.now() - EVERY
    )
    in_turn = due.select_related("subscriber").order_by(F("looked_at").asc(nulls_first=True))
    for options in in_turn[:AT_ONCE]:
        try:
            _look_after(options)
        except (PBXError, Busy) as error:
            log.info("mailbox %s is left for the next round: %s", options, error)
        MailboxOptions.objects.filter(pk=options.pk).update(looked_at=timezone.now())


def catch_up(_node: str = "") -> None:
    """A node was away, and with it news of mailboxes: look at all of them again soon."""
    mailboxes = Subscriber.objects.exclude(mailbox="").values_list("mailbox", flat=True)
    tell_owners(*mailboxes)
    MailboxOptions.objects.exclude(notice=MailboxOptions.Notice.NONE).update(looked_at=None)


def empty_bins() -> None:
    """Remove for good what has been in the bin for ``settings.BIN_DAYS``."""
    over = timezone.now() - timedelta(days=settings.BIN_DAYS)
    due = BinnedMessage.objects.filter(binned_at__lt=over)
    for mailbox in list(due.values_list("mailbox", flat=True).distinct().order_by()[:AT_ONCE]):
        try:
            with holding(mailbox, timeout=0):
                _empty(mailbox, list(due.filter(mailbox=mailbox)))
        except (PBXError, Busy) as error:
            log.info("the bin of %s is emptied later: %s", mailbox, error)


def end_greetings() -> None:
    """Take temporary greetings out of force whose end has come."""
    due = MailboxOptions.objects.filter(temporary_until__lte=timezone.now())
    for options in due.select_related("subscriber")[:AT_ONCE]:
        mailbox = options.subscriber.mailbox
        try:
            with holding(mailbox, timeout=0):
                # Somebody may have put another in force meanwhile.
                if due.filter(pk=options.pk).exists():
                    get_pbx().voicemail.remove_greeting(mailbox, Greeting.TEMPORARY)
                    MailboxOptions.objects.filter(pk=options.pk).update(temporary_until=None)
        except (PBXError, Busy) as error:
            log.info("the temporary greeting of %s ends later: %s", mailbox, error)
        else:
            tell_owners(mailbox)


def _give_options() -> None:
    """Every subscriber with a mailbox has a row, which remembers when it was looked at."""
    without = Subscriber.objects.filter(mailbox_options=None).exclude(mailbox="")
    rows = [MailboxOptions(subscriber=subscriber) for subscriber in without]
    MailboxOptions.objects.bulk_create(rows, ignore_conflicts=True)


def _look_after(options: MailboxOptions) -> None:
    mailbox = options.subscriber.mailbox
    with holding(mailbox, timeout=0):
        messages = read(mailbox)
        _keep_bin(mailbox, messages)
        _forget_gone(options.subscriber, messages)
        if options.temporary_until and Greeting.TEMPORARY not in _greetings(mailbox):
            MailboxOptions.objects.filter(pk=options.pk).update(temporary_until=None)
    if options.wants_notices:
        note([options], messages)


def _greetings(mailbox: str) -> frozenset[Greeting]:
    return get_pbx().voicemail.greetings(mailbox)


def _keep_bin(mailbox: str, messages: Sequence[VoicemailMessage]) -> None:
    """What a telephone put into the bin gets its days from now; what is elsewhere loses them."""
    inside = {each.msg_id for each in messages if SLUGS[each.folder] == BIN}
    outside = {each.msg_id for each in messages} - inside
    rows = BinnedMessage.objects.filter(mailbox=mailbox)
    known = set(rows.values_list("msg_id", flat=True))
    now = timezone.now()
    BinnedMessage.objects.bulk_create(
        BinnedMessage(mailbox=mailbox, msg_id=msg_id, folder="Old", binned_at=now)
        for msg_id in sorted(inside - known)
    )
    rows.filter(msg_id__in=known & outside).delete()


def _forget_gone(subscriber: Subscriber, messages: Sequence[VoicemailMessage]) -> None:
    """Drop the notes and notices of messages that are there no more."""
    there = {each.msg_id for each in messages}
    over = timezone.now() - FORGET
    notes = ForwardedMessage.objects.filter(mailbox=subscriber.mailbox, at__lt=over)
    notes.exclude(msg_id__in=there).delete()
    notices = NoticedMessage.objects.filter(subscriber=subscriber, found_at__lt=over)
    notices.exclude(mailbox=subscriber.mailbox, msg_id__in=there).delete()


def _empty(mailbox: str, rows: Sequence[BinnedMessage]) -> None:
    messages = read(mailbox)
    ambiguous = twice(messages)
    inside = {each.msg_id for each in messages if each.folder in PBX_FOLDERS[BIN]} - ambiguous
    due = {row.msg_id for row in rows}
    if chosen := sorted(due & inside):
        gone = get_pbx().voicemail.remove(mailbox, chosen)
        log.info("mailbox %s: %d messages removed from the bin", mailbox, len(gone))
        tell_owners(mailbox)
        due -= set(chosen) - gone
    BinnedMessage.objects.filter(mailbox=mailbox, msg_id__in=due - ambiguous).delete()
