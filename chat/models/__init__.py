"""Conversations with agents: who offers them, who attends them, what was said."""

from chat.models.agents import GONE_AFTER, Agent, AgentQuerySet, Seat
from chat.models.conversations import CLOSED, OPEN, Conversation, ConversationQuerySet, State
from chat.models.lines import MOST_TEXT, Kind, Line, Role
from chat.models.offered import OpenHours, Service
from chat.models.records import CallbackTask, HandOver, Note, Offer

__all__ = [
    "CLOSED",
    "GONE_AFTER",
    "MOST_TEXT",
    "OPEN",
    "Agent",
    "AgentQuerySet",
    "CallbackTask",
    "Conversation",
    "ConversationQuerySet",
    "HandOver",
    "Kind",
    "Line",
    "Note",
    "Offer",
    "OpenHours",
    "Role",
    "Seat",
    "Service",
    "State",
]
