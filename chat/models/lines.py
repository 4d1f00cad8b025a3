"""What was said, and what happened, in order."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual
from django.utils.translation import gettext_lazy as _

from chat.models.conversations import Conversation

MOST_TEXT = 2000
"""Characters of one line."""


class Role(models.TextChoices):
    """Whose line it is."""

    USER = "user", _("usuario")
    AGENT = "agent", _("agente")
    PORTAL = "portal", _("portal")


class Kind(models.TextChoices):
    """What a line tells. All but the first are the portal's own."""

    TEXT = "text", _("texto")
    TAKEN = "taken", _("atendida")
    PASSED = "passed", _("pasada")
    RETURNED = "returned", _("devuelta a la cola")
    ENDED = "ended", _("terminada")
    CALLBACK = "callback", _("llamada por devolver")


class Line(models.Model):
    """One line. ``number`` counts within the conversation, without gaps; the server gives it.

    ``client_id`` is made where it was written: the same one sent again is the same line. A line
    never changes, and goes only with its conversation.
    """

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="lines")
    number = models.PositiveIntegerField()
    client_id = models.UUIDField()
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.TEXT)
    role = models.CharField(max_length=10, choices=Role)
    name = models.CharField(_("quién"), max_length=60)
    text = models.TextField(_("texto"), blank=True)
    folded = models.TextField(editable=False, blank=True)
    at = models.DateTimeField(_("cuándo"))

    class Meta:
        verbose_name = _("línea")
        verbose_name_plural = _("líneas")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["conversation", "number"], name="chat_line_numbered"),
            models.UniqueConstraint(fields=["conversation", "client_id"], name="chat_line_once"),
            models.CheckConstraint(
                condition=LessThanOrEqual(Length("text"), MOST_TEXT), name="chat_line_length"
            ),
            models.CheckConstraint(
                condition=~Q(kind="text") | ~Q(role="portal"), name="chat_portal_says_events"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.conversation_id}/{self.number} {self.kind}"
