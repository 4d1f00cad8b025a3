"""Calls that the portal began, while open pages may want to know how they go."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.models.subscribers import Subscriber
from portal.pbx.types import BEING_BEGUN, GOING_ON, CallState


class BegunCall(models.Model):
    """One call: who began it, whom it goes to, and how far it has come. Forgotten after a day.

    The records of calls say the rest; there the call has the same ``linkedid``.
    """

    class State(models.TextChoices):
        """``types.CallState``, in words that say it to whoever calls."""

        OWN = CallState.OWN, _("Suena tu teléfono: descuelga")
        CALLING = CallState.CALLING, _("Llamando…")
        RINGING = CallState.RINGING, _("Sonando…")
        ANSWERED = CallState.ANSWERED, _("Contestada")
        VOICEMAIL = CallState.VOICEMAIL, _("Ha contestado un buzón de voz")
        OVER = CallState.OVER, _("La llamada ha terminado")
        CANCELLED = CallState.CANCELLED, _("Has colgado antes de que contestaran")
        OWN_UNANSWERED = CallState.OWN_UNANSWERED, _("No has descolgado tu teléfono")
        NO_ANSWER = CallState.NO_ANSWER, _("No ha contestado")
        BUSY = CallState.BUSY, _("Ocupado")
        OFFLINE = CallState.OFFLINE, _("No tiene ningún teléfono conectado")
        REFUSED = CallState.REFUSED, _("Tu categoría no permite llamar a ese número")
        FAILED = CallState.FAILED, _("No se ha podido llamar a ese número")
        LOST = CallState.LOST, _("No se sabe cómo ha terminado")

    subscriber = models.ForeignKey(
        Subscriber, on_delete=models.CASCADE, related_name="begun_calls", db_index=False
    )
    number = models.CharField(_("número"), max_length=32)
    name = models.CharField(_("nombre"), max_length=160, blank=True)
    linkedid = models.CharField(max_length=40, unique=True)
    state = models.CharField(_("estado"), max_length=20, choices=State, default=State.OWN)
    began_at = models.DateTimeField(_("empezada"), db_index=True)
    changed_at = models.DateTimeField(_("cambiada"))
    was_put_away = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("llamada empezada en el portal")
        verbose_name_plural = _("llamadas empezadas en el portal")
        indexes = [models.Index(fields=["subscriber", "-began_at"], name="begun_of_subscriber")]
        constraints = [
            models.UniqueConstraint(
                fields=["subscriber"],
                condition=Q(state__in=[state.value for state in sorted(BEING_BEGUN)]),
                name="one_call_being_begun",
            )
        ]

    def __str__(self) -> str:
        return f"{self.began_at:%Y-%m-%d %H:%M:%S} {self.subscriber_id} → {self.number}"

    @property
    def version(self) -> str:
        """Another one with every change that shows."""
        return f"{self.pk}-{self.state}"

    @property
    def is_going_on(self) -> bool:
        """Whether it has not ended."""
        return self.state in GOING_ON

    @property
    def is_being_begun(self) -> bool:
        """Whether nobody has answered it yet."""
        return self.state in BEING_BEGUN
