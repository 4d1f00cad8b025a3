"""Holidays, which administrators keep: series of forwarding pause on them, and services close.

Tables, rights and addresses in the administration are those of ``desvios``, where they began.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.models.subscribers import Subscriber


class HolidayCalendar(models.Model):
    """Days on which a series can pause, and a service be closed."""

    name = models.CharField(_("nombre"), max_length=60, unique=True)
    subscribers = models.ManyToManyField(
        Subscriber,
        blank=True,
        related_name="holiday_calendars",
        verbose_name=_("para quién"),
        help_text=_("En blanco: para todos."),
    )

    class Meta:
        app_label = "desvios"
        verbose_name = _("calendario de festivos")
        verbose_name_plural = _("calendarios de festivos")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Holiday(models.Model):
    """One day."""

    calendar = models.ForeignKey(HolidayCalendar, on_delete=models.CASCADE, related_name="days")
    date = models.DateField(_("día"))
    name = models.CharField(_("nombre"), max_length=80)

    class Meta:
        app_label = "desvios"
        verbose_name = _("festivo")
        verbose_name_plural = _("festivos")
        ordering = ["date"]
        constraints = [models.UniqueConstraint(fields=["calendar", "date"], name="holiday_once")]

    def __str__(self) -> str:
        return f"{self.date} {self.name}"
