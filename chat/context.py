"""What the frame of every page shows of conversations."""

from functools import partial
from typing import Any

from django.http import HttpRequest

from chat.models import Conversation, Seat
from portal.access import subscriber_of
from portal.models import Subscriber


def chat(request: HttpRequest) -> dict[str, Any]:
    """``chats``: how many have something new; ``attends_chat``: whether it is an agent's page."""
    subscriber = subscriber_of(request)
    return {
        "chats": partial(count_new, subscriber),
        "attends_chat": partial(_attends, subscriber),
    }


def count_new(subscriber: Subscriber | None) -> int:
    """Conversations with lines that the person has not seen, and offers to an agent."""
    return Conversation.objects.unread_by(subscriber).count() if subscriber else 0


def _attends(subscriber: Subscriber | None) -> bool:
    if subscriber is None:
        return False
    return Seat.objects.filter(agent__subscriber=subscriber).exists()
