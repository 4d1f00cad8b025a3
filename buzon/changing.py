"""One change of a mailbox at a time over all processes, and what became of each message."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from buzon.listing import SLUGS, read, twice
from buzon.models import BinnedMessage
from portal.audit import record
from portal.locks import LockTimeout, lock
from portal.models import AuditEvent, Subscriber
from portal.news import Topic, tell
from portal.pbx import get_pbx
from portal.pbx.types import VoicemailMessage

PATIENCE = 2.0
"""Seconds to wait for somebody who is changing the same mailbox."""

Messages = dict[str, VoicemailMessage]


class Busy(Exception):
    """Somebody else is changing the mailbox at this moment."""


class Left(models.TextChoices):
    """Why something was left as it was."""

    GONE = "gone", _("El mensaje ya no está.")
    AMBIGUOUS = "ambiguous", _("La centralita tiene dos mensajes con la misma identificación.")
    NOT_IN_BIN = "not in bin", _("El mensaje no está en la papelera.")
    IN_BIN = "in bin", _("El mensaje está en la papelera.")
    NOT_DONE = "not done", _("La centralita no lo ha cambiado: quizá la carpeta está llena.")
    HAS_IT = "has it", _("Ya tiene ese mensaje.")
    IN_USE = "in use", _("Su buzón, o el tuyo, se está usando en un teléfono o en otra página.")
    FULL = "full", _("Su buzón no lo ha aceptado: quizá está lleno.")
    AWAY = "away", _("La centralita no responde. Prueba de nuevo dentro de un minuto.")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of each: ids of messages, or the colleagues' numbers when sending on."""

    done: frozenset[str] = frozenset()
    left: Mapping[str, Left] = field(default_factory=dict)


class Change:
    """One change of one mailbox, under its lock. ``wanted`` are the messages still to change."""

    def __init__(self, request: HttpRequest, subscriber: Subscriber, ids: Iterable[str]) -> None:
        self.request = request
        self.logged: dict[str, str] = {}
        self.subscriber = subscriber
        self.mailbox = subscriber.mailbox
        messages = read(self.mailbox)
        asked, ambiguous = set(ids), twice(messages)
        self.wanted: Messages = {
            each.msg_id: each
            for each in messages
            if each.msg_id in asked and each.msg_id not in ambiguous
        }
        self.done: set[str] = set()
        self.left = dict.fromkeys(asked - set(self.wanted), Left.GONE)
        self.left |= dict.fromkeys(asked & ambiguous, Left.AMBIGUOUS)

    def leave(self, test: Callable[[VoicemailMessage], bool], why: Left) -> None:
        """Those are left as they are."""
        for msg_id in [msg_id for msg_id, each in self.wanted.items() if test(each)]:
            del self.wanted[msg_id]
            self.left[msg_id] = why

    def take(self, test: Callable[[VoicemailMessage], bool]) -> None:
        """Those are already as they should be."""
        for msg_id in [msg_id for msg_id, each in self.wanted.items() if test(each)]:
            del self.wanted[msg_id]
            self.done.add(msg_id)

    def move(self, folder: str, chosen: Iterable[str] | None = None) -> None:
        """Move what is wanted, or those of it."""
        ids = sorted(self.wanted if chosen is None else chosen)
        if ids:
            self.settle(get_pbx().voicemail.move(self.mailbox, ids, folder), ids)

    def settle(self, changed: frozenset[str], asked: Iterable[str] | None = None) -> None:
        """Note which of them the telephone system has changed."""
        for msg_id in list(self.wanted if asked is None else asked):
            del self.wanted[msg_id]
            if msg_id in changed:
                self.done.add(msg_id)
            else:
                self.left[msg_id] = Left.NOT_DONE

    def note_bin(self) -> None:
        """Remember when, and from where, what is wanted goes into the bin."""
        now = timezone.now()
        BinnedMessage.objects.bulk_create(
            [
                BinnedMessage(
                    mailbox=self.mailbox, msg_id=each.msg_id, folder=each.folder, binned_at=now
                )
                for each in self.wanted.values()
            ],
            update_conflicts=True,
            unique_fields=["mailbox", "msg_id"],
            update_fields=["folder", "binned_at"],
        )

    def origins(self) -> dict[str, str]:
        """The folder from which each came into the bin."""
        rows = BinnedMessage.objects.filter(mailbox=self.mailbox, msg_id__in=self.wanted)
        known = dict(rows.values_list("msg_id", "folder"))
        return {msg_id: known.get(msg_id, "Old") for msg_id in self.wanted}

    def forget_bin(self) -> None:
        """Those that were changed are in the bin no more."""
        BinnedMessage.objects.filter(mailbox=self.mailbox, msg_id__in=self.done).delete()

    def log(self, slug: str, chosen: Iterable[str] | None = None) -> None:
        """Write down who puts what is wanted, or those of it, where; ``""`` is nowhere."""
        picked = self.wanted.values() if chosen is None else [self.wanted[each] for each in chosen]
        before = {each.msg_id: SLUGS[each.folder] for each in picked}
        if before:
            after = dict.fromkeys(before, slug)
            log(self.request, self.subscriber, before, after)
            self.logged |= after

    def look_again(self) -> None:
        """Where are those that were not changed? Gone, perhaps; and the log must not lie."""
        doubtful = (set(self.logged) | set(self.left)) - self.done
        if not doubtful:
            return
        now = {each.msg_id: SLUGS[each.folder] for each in read(self.mailbox)}
        self.left |= {each: Left.GONE for each in self.left if each not in now}
        wrong = [each for each in self.logged if now.get(each, "") != self.logged[each]]
        if wrong:
            before = {each: self.logged[each] for each in wrong}
            log(self.request, self.subscriber, before, {each: now.get(each, "") for each in wrong})

    def outcome(self) -> Outcome:
        """What became of each."""
        return Outcome(frozenset(self.done), dict(self.left))


def log(
    request: HttpRequest, subscriber: Subscriber, before: dict[str, Any], after: dict[str, Any]
) -> None:
    """Write a change of messages down."""
    action = AuditEvent.Action.VOICEMAIL
    record(request, subscriber, action, before=before, after=after, at=timezone.now())


@contextmanager
def changing(request: HttpRequest, subscriber: Subscriber, ids: Iterable[str]) -> Iterator[Change]:
    """A change of the subscriber's own mailbox; afterwards open pages look again."""
    with holding(subscriber.mailbox):
        change = Change(request, subscriber, ids)
        is_change = bool(change.wanted)
        try:
            yield change
        finally:
            if is_change:
                tell_owners(subscriber.mailbox)
            change.look_again()


@contextmanager
def holding(*mailboxes: str, timeout: float = PATIENCE) -> Iterator[None]:
    """The locks of these mailboxes over all processes. Raises ``Busy``."""
    with ExitStack() as locks:
        try:
            for mailbox in sorted(set(mailboxes)):
                locks.enter_context(lock(f"mailbox-{mailbox}", timeout=timeout))
        except LockTimeout as error:
            raise Busy(str(error)) from error
        yield


def tell_owners(*mailboxes: str) -> None:
    """Let open pages that show these mailboxes look again."""
    owners = Subscriber.objects.filter(mailbox__in=mailboxes)
    tell(owners.values_list("number", flat=True), Topic.MAILBOX)
