"""Calls that the portal begins: one at a time, by the subscriber's category, and how they go.

Pages begin and end them; the link hears from the nodes how far they come, writes it down and tells
open pages. What was not heard is asked of the call records.
"""

import logging
from contextlib import suppress
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from portal import phone
from portal.models import BegunCall, Subscriber
from portal.news import Topic, tell
from portal.pbx import get_pbx
from portal.pbx.begun import new_linkedid
from portal.pbx.errors import PBXError, PBXUnavailable
from portal.pbx.types import BEING_BEGUN, GOING_ON, CallState

log = logging.getLogger(__name__)

SHOWN_AFTER = timedelta(seconds=10)
"""How long a page says how a call ended."""

KEEP = timedelta(days=1)

BEING_BEGUN_FOR = timedelta(seconds=90)
"""After this long a call of which nothing is heard keeps nobody from beginning another."""

UNHEARD_FOR = timedelta(minutes=15)
"""After this long without news, and without a record, nobody will say how a call ended."""

RECORDED_AFTER = timedelta(seconds=15)
"""A call without news for so long is looked for in the records; they come some seconds late."""

MOST, WITHIN = 10, timedelta(minutes=1)
"""How many calls one subscriber may begin in which time."""

ORDER = [CallState.OWN, CallState.CALLING, CallState.RINGING]
"""What comes before what; having been answered, and having ended, come after all of them."""


class NotAllowed(Exception):
    """The call was not begun, and nothing rang; the message says why, to whoever wants it."""


def begin(subscriber: Subscriber, number: str, name: str = "") -> BegunCall:
    """Ring the subscriber's telephones, and then the number, in dialled form.

    Raises ``NotAllowed``, ``NotFound`` where no telephone of the subscriber can be reached, and
    other ``PBXError``.
    """
    _check(subscriber, number)
    call = _reserve(subscriber, number, name)
    try:
        get_pbx().dialer.call(subscriber.number, number, name=name, linkedid=call.linkedid)
    except PBXError as error:
        if isinstance(error, PBXUnavailable):
            _end_quietly(call.linkedid)  # it may have been begun all the same
        call.delete()
        raise
    tell([subscriber.number], Topic.CALL)
    return call


def current(subscriber: Subscriber) -> BegunCall | None:
    """The call to show: the latest, while it goes on and for a moment afterwards."""
    latest = BegunCall.objects.filter(subscriber=subscriber).order_by("-began_at").first()
    if latest is None or latest.was_put_away:
        return None
    recent = latest.changed_at > timezone.now() - SHOWN_AFTER
    return latest if recent or latest.is_going_on else None


def put_down(subscriber: Subscriber) -> None:
    """End the subscriber's call, or show it no more where it has ended. Raises ``PBXError``."""
    if (call := current(subscriber)) is None:
        return
    if call.is_going_on:
        get_pbx().dialer.hang_up(call.linkedid)
    else:
        BegunCall.objects.filter(pk=call.pk).update(was_put_away=True)
    tell([subscriber.number], Topic.CALL)


def follow(linkedid: str, state: str) -> None:
    """The link heard that a call has come so far. What it had passed already is no news."""
    heard = CallState(state)
    calls = BegunCall.objects.filter(linkedid=linkedid)
    if heard not in GOING_ON:
        spoken = calls.filter(state__in=GOING_ON - BEING_BEGUN)
        changed = _move(spoken, CallState.OVER) or _move(calls.filter(state__in=GOING_ON), heard)
    else:
        changed = _move(calls.filter(state__in=_before(heard)), heard)
    if changed:
        tell(calls.values_list("subscriber__number", flat=True), Topic.CALL)


def look_after() -> None:
    """A job of the link: learn from the records how calls ended of which nothing is heard."""
    now = timezone.now()
    silent = BegunCall.objects.filter(state__in=GOING_ON, changed_at__lt=now - RECORDED_AFTER)
    for call in silent:
        if state := get_pbx().call_log.ending(call.linkedid):
            follow(call.linkedid, state)
    lost = Q(state__in=BEING_BEGUN, changed_at__lt=now - UNHEARD_FOR)
    lost |= Q(state=CallState.OWN, changed_at__lt=now - BEING_BEGUN_FOR)
    for linkedid in BegunCall.objects.filter(lost).values_list("linkedid", flat=True):
        follow(linkedid, CallState.LOST)


def forget() -> None:
    """A job of the link: calls are history after a day, and history has its own records."""
    BegunCall.objects.filter(began_at__lt=timezone.now() - KEEP).delete()


def _check(subscriber: Subscriber, number: str) -> None:
    if number == subscriber.number:
        raise NotAllowed(_("Es tu propio número."))
    if not _may_call(subscriber, number):
        log.warning("refused: a call that the category of %s forbids", subscriber.number)
        raise NotAllowed(
            _("Tu categoría (%(category)s) no permite llamar al %(number)s.")
            % {"category": subscriber.call_class, "number": phone.display(number)}
        )
    began = BegunCall.objects.filter(subscriber=subscriber, began_at__gt=timezone.now() - WITHIN)
    if began.count() >= MOST:
        log.warning("refused: %s begins too many calls", subscriber.number)
        raise NotAllowed(_("Has empezado muchas llamadas seguidas. Espera un minuto."))


def _may_call(subscriber: Subscriber, number: str) -> bool:
    """As the nodes will decide it; they have the last word."""
    if phone.is_emergency(number) or subscriber.call_class.allows(number):
        return True
    return Subscriber.objects.filter(number=number).exists()


def _reserve(subscriber: Subscriber, number: str, name: str) -> BegunCall:
    """The row of the call, which the database lets be one at a time."""
    now = timezone.now()
    stale = Q(subscriber=subscriber, state__in=BEING_BEGUN, changed_at__lt=now - BEING_BEGUN_FOR)
    _move(BegunCall.objects.filter(stale), CallState.LOST)
    try:
        with transaction.atomic():
            return BegunCall.objects.create(
                subscriber=subscriber,
                number=number,
                name=name[:160],
                linkedid=new_linkedid(),
                began_at=now,
                changed_at=now,
            )
    except IntegrityError as error:
        raise NotAllowed(_("Ya estás llamando a alguien: cuelga esa llamada primero.")) from error


def _end_quietly(linkedid: str) -> None:
    with suppress(PBXError):
        get_pbx().dialer.hang_up(linkedid)


def _before(state: CallState) -> list[CallState]:
    """The states from which a call comes to this one."""
    if state not in ORDER:
        return ORDER
    return ORDER[: ORDER.index(state)]


def _move(calls: QuerySet[BegunCall], state: CallState) -> int:
    return calls.update(state=state, changed_at=timezone.now())
