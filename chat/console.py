"""What an agent sees: what is offered, what waits, what is the agent's, and who is to be called."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Subquery

from chat.models import (
    Agent,
    CallbackTask,
    Conversation,
    ConversationQuerySet,
    Line,
    Seat,
    Service,
)
from chat.text import shown

MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Place:
    """One queue of the agent's."""

    seat: Seat
    title: str


def console(agent: Agent, now: datetime) -> dict[str, Any]:
    """The console of this agent."""
    mine = list(_rows(Conversation.objects.active().filter(agent=agent)))
    queues = agent.seats.values("queue")
    waiting = Conversation.objects.waiting().filter(service__queue__in=queues)
    waiting = waiting.exclude(subscriber=agent.subscriber_id)
    offered = _rows(waiting.filter(offered_to=agent))
    return {
        "agent": agent,
        "places": places(agent),
        "mine": mine,
        "is_full": len(mine) >= agent.limit,
        "offered": list(offered),
        "in_line": list(_rows(waiting.exclude(offered_to=agent))[:MOST_SHOWN]),
        "in_line_count": waiting.count(),
        "callbacks": callbacks(agent),
        "now": now,
    }


def places(agent: Agent) -> list[Place]:
    """The queues, by their titles."""
    titles = dict(Service.objects.values_list("queue", "title"))
    seats = agent.seats.order_by("queue")
    return [Place(seat, titles[seat.queue]) for seat in seats if seat.queue in titles]


def callbacks(agent: Agent) -> list[tuple[CallbackTask, str]]:
    """Who is to be called, the longest waiting first, with what they wrote."""
    queues = agent.seats.values("queue")
    due = CallbackTask.objects.filter(done_at=None, conversation__service__queue__in=queues)
    rows = due.select_related("conversation__subscriber", "conversation__service")
    rows = rows.exclude(conversation__subscriber=agent.subscriber_id)
    first = _first_line("conversation")
    return [
        (row, shown(row.first_text or "")) for row in rows.annotate(first_text=first)[:MOST_SHOWN]
    ]


def colleagues(conversation: Conversation, agent: Agent, now: datetime) -> list[Agent]:
    """To whom the conversation may be handed over within its service."""
    free = Agent.objects.on_duty(conversation.service.queue, now).free()
    others = free.exclude(pk=agent.pk).exclude(subscriber=conversation.subscriber_id)
    return list(others.order_by("name"))


def other_services(conversation: Conversation) -> list[Service]:
    """Where else it may go."""
    return list(Service.objects.filter(is_offered=True).exclude(pk=conversation.service_id))


def mine(agent: Agent) -> list[Conversation]:
    """The agent's own, for going from one to another."""
    return list(_rows(Conversation.objects.active().filter(agent=agent)))


def _rows(rows: ConversationQuerySet) -> ConversationQuerySet:
    related = rows.select_related("service", "subscriber", "agent")
    return related.annotate(first_text=_first_line("pk"))


def _first_line(conversation: str) -> Subquery:
    lines = Line.objects.filter(conversation=OuterRef(conversation), number=1)
    return Subquery(lines.values("text")[:1])
