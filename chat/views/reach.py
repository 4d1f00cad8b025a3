"""Whose conversation it is: another's is not found."""

from dataclasses import dataclass

from django.http import Http404

from chat.models import Agent, Conversation, Role
from chat.talking import Writer, as_agent, as_user
from portal.access import SubscriberRequest
from portal.models import Subscriber

ROWS = Conversation.objects.select_related("service", "subscriber", "agent__subscriber")


@dataclass(frozen=True, slots=True)
class Seen:
    """A conversation from one of its two sides."""

    conversation: Conversation
    writer: Writer

    @property
    def side(self) -> Role:
        """Which one."""
        return self.writer.role

    @property
    def agent(self) -> Agent | None:
        """Whoever looks, where it is the agent's side."""
        return self.writer.agent

    @property
    def is_mine(self) -> bool:
        """Whether the one who looks may write."""
        if self.agent:
            return self.conversation.is_open and self.conversation.agent_id == self.agent.pk
        return self.conversation.is_open


def agent_of(subscriber: Subscriber) -> Agent | None:
    """The subscriber as an agent: who sits in some queue that offers chat."""
    return Agent.objects.filter(subscriber=subscriber, seats__isnull=False).distinct().first()


def seen_by(request: SubscriberRequest, pk: int) -> Seen:
    """A conversation of the person's own, or one that the agent may see. Raises ``Http404``."""
    found = ROWS.filter(pk=pk).first()
    if found and found.subscriber_id == request.subscriber.pk:
        return Seen(found, as_user(found))
    if found and found.agent and found.agent.subscriber_id == request.subscriber.pk:
        return Seen(found, as_agent(found.agent))
    conversation, agent = attended_by(request, pk)
    return Seen(conversation, as_agent(agent))


def own_of(request: SubscriberRequest, pk: int) -> Conversation:
    """One of the person's own. Raises ``Http404``."""
    if own := ROWS.filter(pk=pk, subscriber=request.subscriber).first():
        return own
    raise Http404("no such conversation of the subscriber's")


def attended_by(request: SubscriberRequest, pk: int) -> tuple[Conversation, Agent]:
    """One that the person may see as an agent. Raises ``Http404``."""
    agent = Agent.objects.filter(subscriber=request.subscriber).first()
    if agent and (found := ROWS.for_agent(agent).filter(pk=pk).first()):
        return found, agent
    raise Http404("no such conversation of the agent's")
