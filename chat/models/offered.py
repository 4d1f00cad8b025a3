"""The services that people may write to, and their hours."""

from datetime import timedelta

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal.models import PRINTABLE, HolidayCalendar

QUEUE_NAME = RegexValidator(
    r"\A[0-9A-Za-z_.-]+\Z",
    _("Usa solo letras sin acento, cifras, puntos y guiones, como en la centralita."),
)


class Service(models.Model):
    """A queue of the telephone system whose agents also answer in writing. Lengths in seconds."""

    queue = models.CharField(
        _("cola de la centralita"), max_length=60, unique=True, validators=[QUEUE_NAME]
    )
    title = models.CharField(_("nombre"), max_length=60, validators=[PRINTABLE])
    description = models.CharField(
        _("para qué es"), max_length=160, blank=True, validators=[PRINTABLE]
    )
    is_offered = models.BooleanField(_("se ofrece a los usuarios"), default=True)
    position = models.PositiveSmallIntegerField(_("orden"), default=0)
    answer_within = models.PositiveIntegerField(
        _("objetivo para atender (s)"), default=60, help_text=_("Para el nivel de servicio.")
    )
    offer_seconds = models.PositiveIntegerField(
        _("tiempo para aceptar (s)"),
        default=30,
        help_text=_("Después, la conversación se ofrece a otro agente."),
    )
    patience_seconds = models.PositiveIntegerField(
        _("espera máxima (s)"),
        default=600,
        help_text=_("Después, lo escrito queda como una llamada por devolver."),
    )

    holiday_calendars = models.ManyToManyField(
        HolidayCalendar,
        blank=True,
        related_name="chat_services",
        # A portal of before this table removes services and calendars without looking here.
        db_constraint=False,
        verbose_name=_("calendarios de festivos"),
        help_text=_(
            "En sus días está cerrado, diga lo que diga el horario, y la página dice por qué."
        ),
    )

    class Meta:
        verbose_name = _("servicio con chat")
        verbose_name_plural = _("servicios con chat")
        ordering = ["position", "title"]

    def __str__(self) -> str:
        return self.title

    @property
    def patience(self) -> timedelta:
        """How long somebody waits for an agent."""
        return timedelta(seconds=self.patience_seconds)


class OpenHours(models.Model):
    """Hours of one day of the week, on the company's clock. Without any it is always open."""

    class Weekday(models.IntegerChoices):
        """As ``date.weekday()``."""

        MONDAY = 0, _("lunes")
        TUESDAY = 1, _("martes")
        WEDNESDAY = 2, _("miércoles")
        THURSDAY = 3, _("jueves")
        FRIDAY = 4, _("viernes")
        SATURDAY = 5, _("sábado")
        SUNDAY = 6, _("domingo")

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="hours")
    weekday = models.PositiveSmallIntegerField(_("día"), choices=Weekday)
    opens = models.TimeField(_("desde"))
    closes = models.TimeField(_("hasta"))

    class Meta:
        verbose_name = _("horario")
        verbose_name_plural = _("horario")
        ordering = ["weekday", "opens"]
        constraints = [
            models.CheckConstraint(
                condition=Q(opens__lt=F("closes")),
                name="chat_hours_in_order",
                violation_error_message=_("La hora de cierre va después de la de apertura."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens:%H:%M}–{self.closes:%H:%M}"
