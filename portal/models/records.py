"""What is written down beside the data itself: who changed what, and news for open pages."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.models.subscribers import Subscriber


class AddedOnlyQuerySet(models.QuerySet[Any]):
    """Rows that nobody changes or removes."""

    def update(self, **values: Any) -> int:
        """Never."""
        raise TypeError("the log is only ever added to")

    def bulk_update(self, *args: Any, **kwargs: Any) -> int:
        """Never."""
        raise TypeError("the log is only ever added to")

    def delete(self) -> tuple[int, dict[str, int]]:
        """Never."""
        raise TypeError("the log is only ever added to")


class AuditEvent(models.Model):
    """One change: who, when, what of whom, before, after, from where. Never changed or removed.

    The database refuses it too (migration 0011), but that users and subscribers who are gone let go
    of their entries, which keep their names.
    """

    class Action(models.TextChoices):
        """What was changed."""

        FORWARDING = "forwarding", _("Desvíos")
        TELEPHONE = "telephone", _("Desvíos desde el teléfono")
        OVERTAKEN = "overtaken", _("Desvíos desde el teléfono, sin efecto")  # a later one holds
        CALENDAR = "calendar", _("Calendario")
        FEED = "feed", _("Suscripción a un calendario")
        VOICEMAIL = "voicemail", _("Mensajes de voz")
        GREETING = "greeting", _("Saludos del buzón")
        PIN = "pin", _("PIN del buzón")
        CONTACT = "contact", _("Contactos")
        PROFILE = "profile", _("Datos de contacto")
        SECURITY = "security", _("Seguridad de la entrada")
        QUEUE = "queue", _("Colas")
        SUBSCRIBER = "subscriber", _("Usuarios de telefonía")
        ADMIN = "admin", _("Administración")

    at = models.DateTimeField(_("cuándo"), db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("quién"),
    )
    actor_name = models.CharField(_("nombre de quién"), max_length=150)
    address = models.GenericIPAddressField(_("desde dónde"), null=True)
    subscriber = models.ForeignKey(
        Subscriber, on_delete=models.SET_NULL, null=True, verbose_name=_("usuario de telefonía")
    )
    subscriber_number = models.CharField(_("número"), max_length=15)
    action = models.CharField(_("qué"), max_length=20, choices=Action)
    revision = models.PositiveIntegerField(default=0)
    # NULL is what the release before writes, and what was written outside requests and jobs.
    request_id = models.CharField(  # noqa: DJ001
        _("petición"), max_length=64, null=True, blank=True
    )
    before: Any = models.JSONField(_("antes"), default=dict)
    after: Any = models.JSONField(_("después"), default=dict)

    objects = AddedOnlyQuerySet.as_manager()

    class Meta:
        verbose_name = _("cambio")
        verbose_name_plural = _("registro de cambios")
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["subscriber", "-at"], name="audit_of_subscriber")]

    def __str__(self) -> str:
        at = timezone.localtime(self.at)
        return f"{at:%Y-%m-%d %H:%M} {self.actor_name} {self.subscriber_number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add it. Raises ``TypeError`` for one that is there already."""
        if not self._state.adding:
            raise TypeError("the log is only ever added to")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Never."""
        raise TypeError("the log is only ever added to")


class NewsItem(models.Model):
    """Something changed for a subscriber, for open pages to look again. Kept for minutes."""

    at = models.DateTimeField(db_index=True)
    subscriber_number = models.CharField(max_length=15)
    topic = models.CharField(max_length=20)

    class Meta:
        verbose_name = _("novedad")
        verbose_name_plural = _("novedades")

    def __str__(self) -> str:
        return f"{self.at:%H:%M:%S} {self.subscriber_number} {self.topic}"


class Heartbeat(models.Model):
    """The last sign of life of the active link: one row, and which nodes it heard then."""

    at = models.DateTimeField()
    host = models.CharField(max_length=255)
    nodes: Any = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("señal de vida")
        verbose_name_plural = _("señales de vida")

    def __str__(self) -> str:
        return f"{self.host} {self.at:%Y-%m-%d %H:%M:%S}"
