"""What the frame of every page shows of conversations."""

from functools import cache, partial
from typing import Any

from django.http import HttpRequest

from chat.models import Agent, Conversation
from portal.access import subscriber_of
from portal.models import Subscriber


def chat(request: HttpRequest) -> dict[str, Any]:
    """``chats``: how many have something new; ``attends_chat``: whether it is an agent's page."""
    subscriber = subscriber_of(request)
    agent = cache(partial(_agent, subscriber))
    return {
        "chats": lambda: _count(subscriber, agent()),
        "attends_chat": lambda: agent() is not None,
    }


def _agent(subscriber: Subscriber | None) -> Agent | None:
    """Who is or was a member of a queue that offers chat."""
    return Agent.objects.filter(subscriber=subscriber).first() if subscriber else None


def _count(subscriber: Subscriber | None, agent: Agent | None) -> int:
    if subscriber is None:
        return 0
    count = Conversation.objects.unread_by_user(subscriber).count()
    return count + (Conversation.objects.new_to_agent(agent).count() if agent else 0)
