"""A file of subscribers between its upload and its import."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SubscriberImport(models.Model):
    """A table that an administrator uploaded. ``content`` is compressed, and kept until imported.

    What its lines would do is worked out anew whenever somebody looks, so it is never out of date.
    """

    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("quién"),
    )
    name = models.CharField(_("archivo"), max_length=100)
    content = models.BinaryField(default=bytes)
    uploaded_at = models.DateTimeField(_("subida"), db_index=True)
    stored_at = models.DateTimeField(_("importada"), null=True)
    added = models.PositiveIntegerField(_("añadidos"), default=0)
    changed = models.PositiveIntegerField(_("cambiados"), default=0)

    class Meta:
        verbose_name = _("importación de usuarios")
        verbose_name_plural = _("importaciones de usuarios")
        ordering = ["-uploaded_at", "-pk"]

    def __str__(self) -> str:
        return self.name
