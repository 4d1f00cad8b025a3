"""Beginning a conversation, or leaving a message where nobody would answer."""

import logging
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from chat.availability import Availability, availability, numbers_on
from chat.models import CallbackTask, Conversation, Kind, Service, State
from chat.talking import (
    MOST_STARTED,
    PORTAL,
    STARTED_WITHIN,
    NotSent,
    TooFast,
    append,
    as_user,
    both_sides,
    checked,
)
from portal.models import Subscriber
from portal.news import Topic, tell

log = logging.getLogger(__name__)


class NobodyThere(NotSent):
    """The service is closed, or no agent attends it now."""

    def __init__(self, found: Availability) -> None:
        super().__init__(_why_nobody(found))
        self.availability = found


class AlreadyTalking(NotSent):
    """One conversation at a time."""

    def __init__(self, conversation: Conversation) -> None:
        super().__init__(_("Ya tienes una conversación abierta: sigue en ella o termínala antes."))
        self.conversation = conversation


def open_one(subscriber: Subscriber) -> Conversation | None:
    """The conversation that is not over, if there is one."""
    found = Conversation.objects.open().filter(subscriber=subscriber)
    return found.select_related("service", "subscriber", "agent__subscriber").first()


def start(
    subscriber: Subscriber, service: Service, client_id: UUID, text: str, now: datetime
) -> Conversation:
    """Begin to wait for an agent. Raises ``NotSent``; the same line sent again begins nothing."""
    kept = checked(text)
    with transaction.atomic():
        if is_there := _repeated(subscriber, client_id):
            return is_there
        if is_there := open_one(subscriber):
            raise AlreadyTalking(is_there)
        _slow_down(subscriber, now)
        found = availability(service, now)
        if not found.can_wait:
            raise NobodyThere(found)
        conversation = _create(subscriber, service, now, State.WAITING)
        append(conversation, as_user(conversation), kept, now, client_id=client_id)
        tell([subscriber.number, *numbers_on([service.queue], now)], Topic.CHAT)
    return conversation


def leave_message(
    subscriber: Subscriber, service: Service, client_id: UUID, text: str, number: str, now: datetime
) -> Conversation:
    """Ask to be called at the number, in dialled form, about what was written."""
    kept = checked(text)
    with transaction.atomic():
        if is_there := _repeated(subscriber, client_id):
            return is_there
        _slow_down(subscriber, now)
        conversation = _create(subscriber, service, now, State.CALLBACK)
        # Nobody waits with it, so it is over from its beginning.
        writer = as_user(conversation)
        append(conversation, writer, kept, now, client_id=client_id, always=True)
        note_callback(conversation, number, now)
    return conversation


def call_back(conversation: Conversation, number: str, now: datetime) -> bool:
    """Somebody who waits is called instead. Whether it still waited."""
    with transaction.atomic():
        waiting = Conversation.objects.filter(pk=conversation.pk, state=State.WAITING)
        if not waiting.update(
            state=State.CALLBACK, closed_at=now, offered_to=None, offered_at=None
        ):
            return False
        note_callback(conversation, number, now)
    return True


def note_callback(conversation: Conversation, number: str, now: datetime) -> None:
    """Write the task down, and let everybody see it."""
    CallbackTask.objects.create(conversation=conversation, number=number, made_at=now)
    append(conversation, PORTAL, number, now, kind=Kind.CALLBACK)
    told = [*both_sides(conversation), *numbers_on([conversation.service.queue], now)]
    tell(told, Topic.CHAT)


def _why_nobody(found: Availability) -> str:
    if found.is_open:
        return _("Ahora no hay ningún agente en este servicio. Puedes dejarlo como mensaje.")
    if found.holiday:
        text = _("Este servicio está cerrado hoy por «%s». Puedes dejarlo como mensaje.")
        return text % found.holiday
    return _("Este servicio está cerrado ahora. Puedes dejarlo como mensaje.")


def _create(subscriber: Subscriber, service: Service, now: datetime, state: State) -> Conversation:
    return Conversation.objects.create(
        subscriber=subscriber,
        service=service,
        state=state,
        opened_at=now,
        queued_at=now,
        closed_at=now if state is State.CALLBACK else None,
        last_line_at=now,
    )


def _repeated(subscriber: Subscriber, client_id: UUID) -> Conversation | None:
    """The conversation that this line began. Asked one at a time, by the lock of the row."""
    Subscriber.objects.select_for_update().values("pk").get(pk=subscriber.pk)
    rows = Conversation.objects.filter(subscriber=subscriber, lines__client_id=client_id)
    return rows.first()


def _slow_down(subscriber: Subscriber, now: datetime) -> None:
    began = Conversation.objects.filter(subscriber=subscriber, opened_at__gt=now - STARTED_WITHIN)
    if began.count() >= MOST_STARTED:
        log.warning("refused: %s begins too many conversations", subscriber.number)
        raise TooFast(_("Has empezado muchas conversaciones seguidas. Espera unos minutos."))
