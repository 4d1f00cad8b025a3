"""What is kept about a conversation beside its lines."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from chat.models.agents import Agent
from chat.models.conversations import Conversation
from chat.models.offered import Service

MOST_NOTE = 1000


class Note(models.Model):
    """What agents tell each other; the user never sees it."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="notes")
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="+")
    text = models.CharField(_("nota"), max_length=MOST_NOTE)
    at = models.DateTimeField(_("cuándo"))

    class Meta:
        verbose_name = _("nota")
        verbose_name_plural = _("notas")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.conversation_id} {self.at:%Y-%m-%d %H:%M}"


class Offer(models.Model):
    """The conversation was offered to an agent, and what came of it."""

    class Outcome(models.TextChoices):
        """``LAPSED``: it ended without the agent having had the whole time."""

        PENDING = "pending", _("pendiente")
        TAKEN = "taken", _("aceptada")
        MISSED = "missed", _("sin respuesta")
        DECLINED = "declined", _("rechazada")
        LAPSED = "lapsed", _("retirada")

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="offers")
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="offers")
    at = models.DateTimeField(_("cuándo"))
    ended_at = models.DateTimeField(_("hasta"), null=True)
    outcome = models.CharField(
        _("resultado"), max_length=10, choices=Outcome, default=Outcome.PENDING
    )

    class Meta:
        verbose_name = _("ofrecimiento")
        verbose_name_plural = _("ofrecimientos")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.conversation_id} {self.agent_id} {self.outcome}"


class HandOver(models.Model):
    """An agent passed the conversation on: to another agent, or to a service."""

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="hand_overs"
    )
    giver = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="+")
    receiver = models.ForeignKey(Agent, on_delete=models.PROTECT, null=True, related_name="+")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("cuándo"))

    class Meta:
        verbose_name = _("traspaso")
        verbose_name_plural = _("traspasos")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.conversation_id} {self.giver_id} → {self.receiver_id or self.service_id}"


class CallbackTask(models.Model):
    """Somebody wants to be called, because nobody could answer in writing."""

    conversation = models.OneToOneField(
        Conversation, on_delete=models.CASCADE, related_name="callback"
    )
    number = models.CharField(_("número al que llamar"), max_length=32)
    made_at = models.DateTimeField(_("pedida"))
    done_at = models.DateTimeField(_("hecha"), null=True)
    done_by = models.ForeignKey(
        Agent, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("por quién")
    )

    class Meta:
        verbose_name = _("llamada por devolver")
        verbose_name_plural = _("llamadas por devolver")
        ordering = ["made_at", "pk"]
        indexes = [
            models.Index(
                fields=["made_at"], condition=models.Q(done_at__isnull=True), name="callbacks_due"
            )
        ]

    def __str__(self) -> str:
        return f"{self.made_at:%Y-%m-%d %H:%M} {self.number}"
