"""Who is offered what waits: a job of the link, once a second.

The longest waiting first; to the agent with the fewest missed offers of it, the lowest penalty, the
fewest conversations, and the longest time without a new one.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Min, Q
from django.utils import timezone

from chat.attending import end, put_back, withdraw
from chat.models import Agent, Conversation, Offer, Seat, Service, State
from chat.starting import call_back
from chat.talking import PORTAL
from portal.news import Topic, tell

SILENT_FOR = timedelta(hours=2)
"""An agent's conversation in which nobody writes for so long is over."""

REFUSED = [Offer.Outcome.MISSED, Offer.Outcome.DECLINED]


def distribute(now: datetime | None = None) -> None:
    """A job of the link: everything that is due."""
    now = now or timezone.now()
    free_from_the_gone(now)
    withdraw_offers(now)
    give_up(now)
    for service in Service.objects.filter(conversations__state=State.WAITING).distinct():
        offer(service, now)
    end_silent(now)


def offer(service: Service, now: datetime) -> None:
    """Offer what waits for this service, as long as there is an agent who can take it."""
    waiting = Conversation.objects.waiting().filter(service=service, offered_to=None)
    for conversation in waiting:
        if not (agent := candidate(conversation, service, now)):
            if not Agent.objects.on_duty(service.queue, now).free().exists():
                return
            continue  # whoever is free asks this one
        with transaction.atomic():
            free = Conversation.objects.filter(
                pk=conversation.pk, state=State.WAITING, offered_to=None, service=service
            )
            if free.update(offered_to=agent, offered_at=now):
                Offer.objects.create(conversation=conversation, agent=agent, at=now)
                tell([agent.number], Topic.CHAT)


def candidate(conversation: Conversation, service: Service, now: datetime) -> Agent | None:
    """Whom to offer it next; ``None`` while nobody can take one more."""
    refused = Q(offers__conversation=conversation, offers__outcome__in=REFUSED)
    penalty = Q(seats__queue=service.queue)
    agents: Any = Agent.objects.on_duty(service.queue, now).free()
    agents = agents.exclude(subscriber=conversation.subscriber_id).annotate(
        refused=Count("offers", filter=refused, distinct=True),
        penalty=Min("seats__penalty", filter=penalty),
    )
    order = ("refused", "penalty", "busy_with", "idle_since", "pk")
    first: Agent | None = agents.order_by(*order).first()
    return first


def withdraw_offers(now: datetime) -> None:
    """End offers that were not taken in time, or whose agent went away or into a pause."""
    offered = Conversation.objects.filter(state=State.WAITING, offered_to__isnull=False)
    for conversation in offered.select_related("service", "offered_to__subscriber"):
        agent, since = conversation.offered_to, conversation.offered_at
        if agent is None or since is None:
            continue
        patience = timedelta(seconds=conversation.service.offer_seconds)
        if not _attends(agent, conversation.service, now):
            withdraw(conversation, agent, Offer.Outcome.LAPSED, now)
        elif since <= now - patience:
            withdraw(conversation, agent, Offer.Outcome.MISSED, now)


def free_from_the_gone(now: datetime) -> None:
    """Conversations whose agent shows no sign of life wait again."""
    here = Agent.objects.present(now)
    stuck = Conversation.objects.active().exclude(agent__in=here)
    for conversation in stuck.select_related("service", "agent__subscriber"):
        if conversation.agent:
            put_back(conversation, conversation.agent, now)


def give_up(now: datetime) -> None:
    """Who has waited for too long is called instead."""
    waiting = Conversation.objects.waiting().select_related("service", "subscriber")
    for conversation in waiting:
        if conversation.queued_at <= now - conversation.service.patience:
            call_back(conversation, conversation.subscriber.number, now)


def end_silent(now: datetime) -> None:
    """A conversation that was left open by both ends by itself."""
    silent = Conversation.objects.active().filter(last_line_at__lt=now - SILENT_FOR)
    for conversation in silent.select_related("service"):
        end(conversation, PORTAL, now)


def _attends(agent: Agent, service: Service, now: datetime) -> bool:
    if not agent.is_present(now):
        return False
    return Seat.objects.filter(agent=agent, queue=service.queue, is_paused=False).exists()
