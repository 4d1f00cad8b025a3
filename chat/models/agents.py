"""Who attends: members of the queues, as the telephone system last said."""

from datetime import datetime, timedelta
from typing import Self

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Count, F, Q
from django.utils.translation import gettext_lazy as _

from portal.models import Subscriber

GONE_AFTER = timedelta(seconds=45)
"""An agent is absent after so long without a sign of life; pages give one every 15 s."""

USUAL_LIMIT = 3


class AgentQuerySet(models.QuerySet["Agent"]):
    """Agents, by where they sit and whether they are there."""

    def present(self, now: datetime) -> Self:
        """Those with a page open."""
        return self.filter(seen_at__gt=now - GONE_AFTER, subscriber__isnull=False)

    def on_duty(self, queue: str, now: datetime) -> Self:
        """Those who attend the queue: members, not paused, present. With ``busy_with``."""
        seats = Seat.objects.filter(queue=queue, is_paused=False)
        return self.present(now).filter(seats__in=seats).counted()

    def counted(self) -> Self:
        """With ``busy_with``: how many conversations each has, or is being offered."""
        return self.annotate(
            busy_with=Count("conversations", filter=Q(conversations__state="active"), distinct=True)
            + Count("offered", filter=Q(offered__state="waiting"), distinct=True)
        )

    def free(self) -> Self:
        """Of those counted, who can take one more."""
        return self.filter(busy_with__lt=F("limit"))


class Agent(models.Model):
    """A member of some queue that offers chat. Outlives the subscriber, for the history."""

    subscriber = models.OneToOneField(
        Subscriber,
        on_delete=models.SET_NULL,
        null=True,
        related_name="chat_agent",
        verbose_name=_("usuario de telefonía"),
    )
    name = models.CharField(_("nombre"), max_length=60)
    limit = models.PositiveSmallIntegerField(
        _("conversaciones a la vez"), default=USUAL_LIMIT, validators=[MinValueValidator(1)]
    )
    seen_at = models.DateTimeField(_("visto"), null=True, editable=False)
    idle_since = models.DateTimeField(_("libre desde"), null=True, editable=False)

    busy_with: int
    """By ``AgentQuerySet.counted``."""

    objects = AgentQuerySet.as_manager()

    class Meta:
        verbose_name = _("agente")
        verbose_name_plural = _("agentes")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def number(self) -> str:
        """Of the subscriber, "" for one who has left."""
        return self.subscriber.number if self.subscriber else ""

    def is_present(self, now: datetime) -> bool:
        """Whether a page of the agent's is open."""
        return self.seen_at is not None and self.seen_at > now - GONE_AFTER


class Seat(models.Model):
    """What an agent is to one queue, as the telephone system said last."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="seats")
    queue = models.CharField(_("cola"), max_length=60)
    penalty = models.PositiveSmallIntegerField(_("penalización"), default=0)
    is_paused = models.BooleanField(_("en pausa"), default=False)
    reason = models.CharField(_("motivo"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("puesto")
        verbose_name_plural = _("puestos")
        constraints = [
            models.UniqueConstraint(fields=["agent", "queue"], name="chat_one_seat_a_queue")
        ]
        indexes = [models.Index(fields=["queue"], name="chat_seats_of_queue")]

    def __str__(self) -> str:
        return f"{self.agent_id} {self.queue}"
