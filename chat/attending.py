"""What agents do with conversations. Of two who do the same at once, the database lets one."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from chat.availability import numbers_on, waiting_in
from chat.models import (
    OPEN,
    Agent,
    CallbackTask,
    Conversation,
    HandOver,
    Kind,
    Note,
    Offer,
    Service,
    State,
)
from chat.talking import PORTAL, Writer, append, as_agent, both_sides
from portal.news import Topic, tell


class NotDone(Exception):
    """Nothing was changed; the message says why, to the agent."""


def take(conversation: Conversation, agent: Agent, now: datetime) -> None:
    """Attend a conversation that waits. Raises ``NotDone``; exactly one agent gets it."""
    with transaction.atomic():
        _check_room(conversation, agent, now)
        waiting = Conversation.objects.filter(pk=conversation.pk, state=State.WAITING)
        waiting = waiting.exclude(subscriber=agent.subscriber_id)
        fields = {"state": State.ACTIVE, "agent": agent, "offered_to": None, "offered_at": None}
        if not waiting.update(**fields):
            raise NotDone(_("Otro agente ha cogido ya esta conversación, o ha terminado."))
        Conversation.objects.filter(pk=conversation.pk, taken_at=None).update(taken_at=now)
        _end_offers(conversation, agent, Offer.Outcome.TAKEN, now)
        append(conversation, as_agent(agent), "", now, kind=Kind.TAKEN)
        _tell_queue(conversation, now)


def decline(conversation: Conversation, agent: Agent, now: datetime) -> None:
    """Let it be offered to somebody else. Nothing happens where it was not offered."""
    with transaction.atomic():
        if withdraw(conversation, agent, Offer.Outcome.DECLINED, now):
            _tell_queue(conversation, now)


def withdraw(conversation: Conversation, agent: Agent, why: Offer.Outcome, now: datetime) -> bool:
    """End an offer. Whether there was one."""
    offered = Conversation.objects.filter(pk=conversation.pk, state=State.WAITING, offered_to=agent)
    if not offered.update(offered_to=None, offered_at=None):
        return False
    _end_offers(conversation, agent, why, now)
    tell([agent.number], Topic.CHAT)
    return True


def hand_over(
    conversation: Conversation, agent: Agent, service: Service, to: Agent | None, now: datetime
) -> None:
    """Pass a conversation on: it waits for the service, and is offered to ``to`` first.

    Raises ``NotDone``.
    """
    if to and not (to != agent and _can_receive(to, service, conversation, now)):
        raise NotDone(_("Ese agente no puede atenderla ahora: elige a otro, o la cola."))
    with transaction.atomic():
        fields = {"state": State.WAITING, "agent": None, "service": service, "queued_at": now}
        offered = {"offered_to": to, "offered_at": now if to else None}
        _rest(agent, now)
        if not _mine(conversation, agent).update(**fields, **offered):
            raise NotDone(_("Esta conversación ya no es tuya."))
        HandOver.objects.create(
            conversation=conversation, giver=agent, receiver=to, service=service, at=now
        )
        if to:
            Offer.objects.create(conversation=conversation, agent=to, at=now)
        whom = to.name if to else service.title
        writer = Writer(PORTAL.role, agent.name)
        append(conversation, writer, whom, now, kind=Kind.PASSED, always=True)
        _tell_queue(conversation, now, agent)


def put_back(conversation: Conversation, agent: Agent, now: datetime) -> bool:
    """Its agent has gone: it waits again, in its place. Whether it was still the agent's."""
    with transaction.atomic():
        fields = {"state": State.WAITING, "agent": None, "queued_at": now}
        if not _mine(conversation, agent).update(**fields):
            return False
        writer = Writer(PORTAL.role, agent.name)
        append(conversation, writer, "", now, kind=Kind.RETURNED, always=True)
        _tell_queue(conversation, now, agent)
    return True


def close(conversation: Conversation, agent: Agent, reason: str, now: datetime) -> None:
    """The agent ends it. Raises ``NotDone``."""
    with transaction.atomic():
        _rest(agent, now)
        if not _end(_mine(conversation, agent), conversation, as_agent(agent), reason, now):
            raise NotDone(_("Esta conversación ya no es tuya."))


def end(conversation: Conversation, writer: Writer, now: datetime, reason: str = "") -> bool:
    """The user, or the portal, ends it. Whether it was not over."""
    with transaction.atomic():
        row = Conversation.objects.filter(pk=conversation.pk, state__in=OPEN)
        return _end(row, conversation, writer, reason, now)


def note(conversation: Conversation, agent: Agent, text: str, now: datetime) -> Note:
    """Write down what only agents see."""
    added = Note.objects.create(conversation=conversation, agent=agent, text=text, at=now)
    tell([agent.number], Topic.CHAT)
    return added


def call_done(task: CallbackTask, agent: Agent, now: datetime) -> bool:
    """Somebody was called. Whether nobody had done it before."""
    due = CallbackTask.objects.filter(pk=task.pk, done_at=None)
    if not due.update(done_at=now, done_by=agent):
        return False
    tell(numbers_on([task.conversation.service.queue], now), Topic.CHAT)
    return True


def _check_room(conversation: Conversation, agent: Agent, now: datetime) -> None:
    """The agent's row is locked, so that two windows do not take one more than the limit."""
    locked = Agent.objects.select_for_update().get(pk=agent.pk)
    if Conversation.objects.active().filter(agent=locked).count() >= locked.limit:
        words = _("Ya llevas %(limit)d conversaciones: termina una antes de coger otra.")
        raise NotDone(words % {"limit": locked.limit})
    _rest(locked, now)


def _rest(agent: Agent, now: datetime) -> None:
    """The agent did something. Comes before the conversation's row, as in ``take``: no deadlock."""
    Agent.objects.filter(pk=agent.pk).update(idle_since=now)


def _mine(conversation: Conversation, agent: Agent) -> QuerySet[Conversation]:
    return Conversation.objects.filter(pk=conversation.pk, state=State.ACTIVE, agent=agent)


def _end(
    row: QuerySet[Conversation],
    conversation: Conversation,
    writer: Writer,
    reason: str,
    now: datetime,
) -> bool:
    told = both_sides(conversation)
    fields = {"state": State.CLOSED, "closed_at": now, "close_reason": reason}
    if not row.update(**fields, offered_to=None, offered_at=None):
        return False
    Offer.objects.filter(conversation=conversation, outcome=Offer.Outcome.PENDING).update(
        outcome=Offer.Outcome.LAPSED, ended_at=now
    )
    append(conversation, writer, reason, now, kind=Kind.ENDED, always=True)
    queue = [conversation.service.queue]
    tell({*told, *numbers_on(queue, now), *waiting_in(queue)}, Topic.CHAT)
    return True


def _can_receive(to: Agent, service: Service, conversation: Conversation, now: datetime) -> bool:
    free = Agent.objects.on_duty(service.queue, now).free()
    return free.filter(~Q(subscriber=conversation.subscriber_id), pk=to.pk).exists()


def _end_offers(
    conversation: Conversation, agent: Agent, outcome: Offer.Outcome, now: datetime
) -> None:
    """The agent's has this outcome; others' lapse with it."""
    pending = Offer.objects.filter(conversation=conversation, outcome=Offer.Outcome.PENDING)
    pending.filter(agent=agent).update(outcome=outcome, ended_at=now)
    if outcome is Offer.Outcome.TAKEN:
        pending.exclude(agent=agent).update(outcome=Offer.Outcome.LAPSED, ended_at=now)


def _tell_queue(conversation: Conversation, now: datetime, *others: Agent) -> None:
    """Both sides, those others, and everybody whose list of what waits changes."""
    rows = Conversation.objects.filter(pk=conversation.pk)
    queue = list(rows.values_list("service__queue", flat=True))
    numbers = {*both_sides(conversation), *numbers_on(queue, now), *waiting_in(queue)}
    tell({*numbers, *(each.number for each in others if each.number)}, Topic.CHAT)
