"""A conversation between somebody and an agent."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from chat.models.agents import Agent
from chat.models.offered import Service
from portal.models import Subscriber

BEST = 5


class State(models.TextChoices):
    """How far a conversation has come."""

    WAITING = "waiting", _("Esperando")
    ACTIVE = "active", _("En curso")
    CLOSED = "closed", _("Terminada")
    CALLBACK = "callback", _("Llamada por devolver")


OPEN = [State.WAITING.value, State.ACTIVE.value]
CLOSED = [State.CLOSED.value, State.CALLBACK.value]


class ConversationQuerySet(models.QuerySet["Conversation"]):
    """Conversations by what they are to somebody."""

    def open(self) -> Self:
        """Not over."""
        return self.filter(state__in=OPEN)

    def waiting(self) -> Self:
        """For an agent, the longest first."""
        return self.filter(state=State.WAITING).order_by("opened_at", "pk")

    def active(self) -> Self:
        """With an agent."""
        return self.filter(state=State.ACTIVE).order_by("opened_at", "pk")

    def for_agent(self, agent: Agent) -> Self:
        """What the agent may see: what is or was the agent's, and what waits where the agent sits.

        Nobody attends a conversation of their own.
        """
        queues = agent.seats.values("queue")
        waits = Q(service__queue__in=queues, state__in=[State.WAITING, State.CALLBACK])
        mine = self.filter(Q(agent=agent) | Q(offered_to=agent) | waits)
        return mine.exclude(subscriber=agent.subscriber_id)

    def unread_by_user(self, subscriber: Subscriber) -> Self:
        """The person's own with lines not seen yet, also where it is over meanwhile."""
        return self.filter(subscriber=subscriber, last_line__gt=F("read_by_user"))

    def new_to_agent(self, agent: Agent) -> Self:
        """With lines that the agent has not seen yet, and those offered."""
        unread = Q(agent=agent, last_line__gt=F("read_by_agent"))
        return self.open().filter(unread | Q(offered_to=agent))


class Conversation(models.Model):
    """One of them. ``last_line`` counts its lines, ``user_line`` and ``agent_line`` are the last
    that each side wrote, and each has read up to some number."""

    service = models.ForeignKey(
        Service, on_delete=models.PROTECT, related_name="conversations", verbose_name=_("servicio")
    )
    subscriber = models.ForeignKey(
        Subscriber, on_delete=models.CASCADE, related_name="chats", verbose_name=_("quién pregunta")
    )
    state = models.CharField(_("estado"), max_length=10, choices=State, default=State.WAITING)
    agent = models.ForeignKey(
        Agent,
        on_delete=models.PROTECT,
        null=True,
        related_name="conversations",
        verbose_name=_("agente"),
    )
    offered_to = models.ForeignKey(
        Agent, on_delete=models.PROTECT, null=True, related_name="offered", editable=False
    )
    offered_at = models.DateTimeField(null=True, editable=False)
    opened_at = models.DateTimeField(_("empezada"))
    queued_at = models.DateTimeField(_("en espera desde"))
    taken_at = models.DateTimeField(_("atendida"), null=True)
    closed_at = models.DateTimeField(_("terminada"), null=True)
    close_reason = models.CharField(_("motivo"), max_length=60, blank=True)
    last_line = models.PositiveIntegerField(default=0)
    last_line_at = models.DateTimeField()
    user_line = models.PositiveIntegerField(default=0)
    agent_line = models.PositiveIntegerField(default=0)
    read_by_user = models.PositiveIntegerField(default=0)
    read_by_agent = models.PositiveIntegerField(default=0)
    user_typed_at = models.DateTimeField(null=True)
    agent_typed_at = models.DateTimeField(null=True)
    user_marked_at = models.DateTimeField(null=True)
    agent_marked_at = models.DateTimeField(null=True)
    rating = models.PositiveSmallIntegerField(_("valoración"), null=True)
    rating_comment = models.CharField(_("comentario"), max_length=300, blank=True)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        verbose_name = _("conversación")
        verbose_name_plural = _("conversaciones")
        ordering = ["-opened_at", "-pk"]
        indexes = [
            models.Index(fields=["subscriber", "-opened_at"], name="chats_of_subscriber"),
            models.Index(fields=["service", "opened_at"], name="chats_of_service"),
            models.Index(fields=["closed_at"], name="chats_by_end"),
            models.Index(
                fields=["service", "state"], condition=Q(state__in=OPEN), name="chats_open"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["subscriber"], condition=Q(state__in=OPEN), name="chat_one_open"
            ),
            models.CheckConstraint(
                condition=Q(state=State.WAITING, agent__isnull=True)
                | Q(state=State.ACTIVE, agent__isnull=False)
                | Q(state__in=CLOSED),
                name="chat_active_has_agent",
            ),
            models.CheckConstraint(
                condition=Q(state__in=OPEN, closed_at__isnull=True)
                | Q(state__in=CLOSED, closed_at__isnull=False),
                name="chat_over_has_end",
            ),
            models.CheckConstraint(
                condition=Q(offered_to__isnull=True, offered_at__isnull=True)
                | Q(offered_to__isnull=False, offered_at__isnull=False, state=State.WAITING),
                name="chat_offered_while_waiting",
            ),
            models.CheckConstraint(
                condition=Q(rating__isnull=True) | Q(rating__range=(1, BEST)),
                name="chat_rating_in_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.opened_at:%Y-%m-%d %H:%M} {self.subscriber_id} {self.service_id}"

    @property
    def is_open(self) -> bool:
        """Whether more can be said."""
        return self.state in OPEN

    def place(self) -> int:
        """Which one it is among those that wait for the service; 1 comes next."""
        before = Q(opened_at__lt=self.opened_at) | Q(opened_at=self.opened_at, pk__lt=self.pk)
        others = Conversation.objects.filter(service=self.service_id, state=State.WAITING)
        return others.filter(before).count() + 1

    def seconds_waited(self, now: datetime) -> int:
        """Until somebody took it, or until now."""
        return int(((self.taken_at or self.closed_at or now) - self.opened_at).total_seconds())
