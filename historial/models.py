"""What subscribers said about their missed calls; the calls themselves are the call log's."""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.models import Subscriber


class Dismissal(models.Model):
    """The missed calls of a number up to a moment need no returning, says the subscriber.

    ``batch`` is shared by what one press of a button dismissed, so that it is undone together.
    """

    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="dismissals")
    number = models.CharField(max_length=20)
    until: "models.DateTimeField[datetime, datetime]" = models.DateTimeField()
    batch = models.UUIDField()

    class Meta:
        verbose_name = _("llamada dada por devuelta")
        verbose_name_plural = _("llamadas dadas por devueltas")
        indexes = [models.Index(fields=["subscriber", "until"], name="dismissal_of_subscriber")]

    def __str__(self) -> str:
        return f"{self.subscriber_id} {self.number} {self.until:%Y-%m-%d %H:%M:%S}"
