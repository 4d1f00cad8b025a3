"""What subscribers may call, and where to forward calls: categories of numbers."""

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from portal import phone
from portal.pbx.projection import MAX_VALUE_BYTES
from portal.pbx.routing import allows

KEY = RegexValidator(r"\A[a-z0-9-]+\Z", _("Usa solo minúsculas sin acento, cifras y guiones."))


class PendingQuerySet(models.QuerySet[Any]):
    """Rows with a version that the telephone system carries out."""

    def pending(self) -> "PendingQuerySet":
        """Those whose latest version some node has not confirmed."""
        return self.filter(applied_revision__lt=F("revision"))

    def bump(self) -> int:
        """Mark as changed: the link applies them. Returns how many there were."""
        return self.update(revision=F("revision") + 1)


class ServiceClass(models.Model):
    """A category: the kinds of numbers that may be called, or calls be forwarded to."""

    name = models.CharField(_("nombre"), max_length=60, unique=True)
    code = models.CharField(_("código"), max_length=20, unique=True, validators=[KEY])
    revision = models.PositiveIntegerField(default=1, editable=False)
    applied_revision = models.PositiveIntegerField(default=0, editable=False)

    objects = PendingQuerySet.as_manager()

    class Meta:
        verbose_name = _("categoría")
        verbose_name_plural = _("categorías")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def regex(self) -> str:
        """The patterns as one regular expression, as it stands on the nodes."""
        return phone.to_regex([row.pattern for row in self.patterns.all()])

    def allows(self, number: str) -> bool:
        """Whether the dialled digits are permitted."""
        return allows({self.code: self.regex()}, self.code, number)


def check_fits(patterns: list[str]) -> None:
    """Refuse patterns whose expression a node could not hold."""
    if len(phone.to_regex(patterns)) > MAX_VALUE_BYTES:
        raise ValidationError(
            _("Son demasiados patrones para una categoría. Junta algunos, como 9[1-8]XXXXXXX.")
        )


class NumberPattern(models.Model):
    """One kind of number that a service class allows."""

    service_class = models.ForeignKey(
        ServiceClass, on_delete=models.CASCADE, related_name="patterns", verbose_name=_("categoría")
    )
    label = models.CharField(_("qué números son"), max_length=60)
    pattern = models.CharField(
        _("patrón"),
        max_length=40,
        help_text=_(
            "X: una cifra; Z: del 1 al 9; N: del 2 al 9; [1-8]: una de esas; punto: el resto."
        ),
    )

    class Meta:
        verbose_name = _("tipo de números")
        verbose_name_plural = _("tipos de números")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["service_class", "pattern"], name="pattern_once_a_class"
            )
        ]

    def __str__(self) -> str:
        return f"{self.label} ({self.pattern})"

    def matches(self, number: str) -> bool:
        """Whether the dialled digits are of this kind."""
        return re.search(phone.to_regex([self.pattern]), number) is not None

    def clean(self) -> None:
        if not phone.is_pattern(self.pattern):
            raise ValidationError(
                {
                    "pattern": _(
                        "El patrón no es válido: usa cifras, X, Z, N, [1-8] y un punto final."
                    )
                }
            )
