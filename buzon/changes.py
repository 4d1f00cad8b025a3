"""Changing what is in a mailbox: one change at a time, and never against a telephone.

Every change is written down before it is made: the bin's dates, the notes of what is sent on, the
log. The spool is the truth, so a process that dies in between leaves at most rows that say nothing.
Each function may raise ``Busy``, ``InUse``, ``PBXUnavailable`` or ``PBXRejected``.
"""

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from buzon.changing import Busy, Left, Outcome, changing, holding, log, tell_owners
from buzon.listing import BIN, PBX_FOLDERS, RECEIVED, SLUGS, Row, find, read
from buzon.models import ForwardedMessage
from portal.models import Subscriber
from portal.pbx import get_pbx
from portal.pbx.errors import (
    Ambiguous,
    InUse,
    NotFound,
    PBXError,
    PBXRejected,
    PBXUnavailable,
)

MOST_COLLEAGUES = 20

SHORT_PATIENCE = 0.5
"""Seconds to wait for each colleague's mailbox: there may be many."""


def mark_heard(request: HttpRequest, subscriber: Subscriber, ids: Iterable[str]) -> Outcome:
    """As if they had been listened to at a telephone. Not logged: listening does it too."""
    with changing(request, subscriber, ids) as change:
        change.leave(lambda each: SLUGS[each.folder] == BIN and each.is_new, Left.IN_BIN)
        change.take(lambda each: not each.is_new)
        change.move("Old")
    return change.outcome()


def mark_new(request: HttpRequest, subscriber: Subscriber, ids: Iterable[str]) -> Outcome:
    """As if nobody had heard them: the telephones count what is among the new ones."""
    with changing(request, subscriber, ids) as change:
        change.leave(lambda each: SLUGS[each.folder] == BIN, Left.IN_BIN)
        change.take(lambda each: each.is_new)
        change.move("INBOX")
    return change.outcome()


def move(request: HttpRequest, subscriber: Subscriber, ids: Iterable[str], slug: str) -> Outcome:
    """Put messages into a folder of ``listing.FOLDERS``; what was heard stays heard."""
    if slug == BIN:
        return discard(request, subscriber, ids)
    folder = "Old" if slug == RECEIVED else PBX_FOLDERS[slug][0]
    with changing(request, subscriber, ids) as change:
        change.take(lambda each: SLUGS[each.folder] == slug)
        change.log(slug)
        change.move(folder)
        change.forget_bin()
    return change.outcome()


def discard(request: HttpRequest, subscriber: Subscriber, ids: Iterable[str]) -> Outcome:
    """Put messages into the bin; ``restore`` brings each back to where it was."""
    with changing(request, subscriber, ids) as change:
        change.take(lambda each: SLUGS[each.folder] == BIN)
        with transaction.atomic():
            change.log(BIN)
            change.note_bin()
        change.move(PBX_FOLDERS[BIN][0])
    return change.outcome()


def restore(request: HttpRequest, subscriber: Subscriber, ids: Iterable[str]) -> Outcome:
    """Take messages out of the bin, each to where it came from; without a trace of that, heard."""
    with changing(request, subscriber, ids) as change:
        change.take(lambda each: SLUGS[each.folder] != BIN)
        origin = change.origins()
        for folder in sorted(set(origin.values())):
            chosen = {msg_id for msg_id in change.wanted if origin[msg_id] == folder}
            change.log(SLUGS[folder], chosen)
            change.move(folder, chosen)
        change.forget_bin()
    return change.outcome()


def remove(request: HttpRequest, subscriber: Subscriber, ids: Iterable[str]) -> Outcome:
    """Delete for good what lies in the bin."""
    with changing(request, subscriber, ids) as change:
        change.leave(lambda each: SLUGS[each.folder] != BIN, Left.NOT_IN_BIN)
        change.log("")
        if change.wanted:
            gone = get_pbx().voicemail.remove(change.mailbox, sorted(change.wanted))
            change.settle(gone)
        change.forget_bin()
    return change.outcome()


def forward(
    request: HttpRequest, subscriber: Subscriber, msg_id: str, to_numbers: Sequence[str], note: str
) -> Outcome:
    """Copy a message into the mailboxes of colleagues, checked by ``forms.ForwardForm``.

    Raises ``NotFound`` where the subscriber has no such message.
    """
    find(subscriber, msg_id)
    done: set[str] = set()
    left: dict[str, Left] = {}
    for colleague in Subscriber.objects.filter(number__in=to_numbers[:MOST_COLLEAGUES]):
        is_away = Left.AWAY in left.values()  # one deadline is enough
        why = Left.AWAY if is_away else _forward(request, subscriber, msg_id, colleague, note)
        if why:
            left[colleague.number] = why
        else:
            done.add(colleague.number)
    return Outcome(frozenset(done), left)


REFUSALS: tuple[tuple[type[Exception], Left], ...] = (
    (Busy, Left.IN_USE),
    (InUse, Left.IN_USE),
    (NotFound, Left.GONE),
    (Ambiguous, Left.AMBIGUOUS),
    (PBXRejected, Left.FULL),
)


def _forward(
    request: HttpRequest, subscriber: Subscriber, msg_id: str, colleague: Subscriber, note: str
) -> Left | None:
    """Send it to one; why not, where it was not done."""
    try:
        with holding(subscriber.mailbox, colleague.mailbox, timeout=SHORT_PATIENCE):
            if any(each.msg_id == msg_id for each in read(colleague.mailbox)):
                return Left.HAS_IT
            _send_on(request, subscriber, find(subscriber, msg_id), colleague, note)
    except PBXUnavailable:
        return Left.AWAY
    except (Busy, PBXError) as error:
        return next(left for kind, left in REFUSALS if isinstance(error, kind))
    tell_owners(colleague.mailbox)
    return None


def _send_on(
    request: HttpRequest, subscriber: Subscriber, row: Row, colleague: Subscriber, note: str
) -> None:
    """The note first, which means nothing until the message is there."""
    msg_id = row.message.msg_id
    mine, theirs = {msg_id: row.folder}, {"to": colleague.number}
    with transaction.atomic():
        log(request, subscriber, mine, mine | theirs)
        told, _created = ForwardedMessage.objects.update_or_create(
            mailbox=colleague.mailbox,
            msg_id=msg_id,
            defaults={
                "sender": subscriber.display_name or subscriber.number,
                "note": note,
                "at": timezone.now(),
            },
        )
    try:
        get_pbx().voicemail.forward(subscriber.mailbox, msg_id, colleague.mailbox)
    except PBXUnavailable:
        raise  # it may be there all the same
    except PBXError:
        with transaction.atomic():
            log(request, subscriber, mine | theirs, mine)
            told.delete()
        raise
