"""What an administrator lets members do with a queue."""

from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.models import PRINTABLE, Subscriber

MOST_PENALTY = 100

QUEUE_NAME = RegexValidator(
    r"\A[0-9A-Za-z_.-]+\Z",
    _("Usa solo letras sin acento, cifras, puntos y guiones, como en la centralita."),
)


class QueueRights(models.Model):
    """One queue as people see it. A queue without this can be paused, and not entered or left."""

    name = models.CharField(
        _("nombre en la centralita"), max_length=60, unique=True, validators=[QUEUE_NAME]
    )
    title = models.CharField(
        _("nombre que ven los agentes"), max_length=60, blank=True, validators=[PRINTABLE]
    )
    may_pause = models.BooleanField(_("los agentes pueden ponerse en pausa"), default=True)
    agents = models.ManyToManyField(
        Subscriber,
        blank=True,
        related_name="+",
        verbose_name=_("quién puede entrar y salir"),
        help_text=_("Los que están fijos en la centralita no pueden salir."),
    )
    penalty = models.PositiveSmallIntegerField(
        _("penalización al entrar"), default=0, validators=[MaxValueValidator(MOST_PENALTY)]
    )

    class Meta:
        verbose_name = _("cola")
        verbose_name_plural = _("colas")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.title or self.name
