"""What belongs to a contact: further numbers, whose favourite it is, the words that find it."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agenda.folding import LONGEST_WORD
from portal import phone
from portal.models import Subscriber

ONLY_DIGITS = Q(number__regex=r"^[0-9]{1,17}$") & ~Q(number__regex=r"[^0-9]")


def as_dialled(number: str) -> str:
    """The number of a field ``number`` in the form in which it is dialled, or what is wrong."""
    try:
        return phone.normalise(number, settings.PHONE_REGION)
    except phone.InvalidNumber as error:
        raise ValidationError({"number": str(error)}) from error


class NumberType(models.TextChoices):
    """What kind of telephone it is."""

    LANDLINE = "landline", _("Fijo")
    MOBILE = "mobile", _("Móvil")


class ContactNumber(models.Model):
    """A further number of a contact."""

    contact = models.ForeignKey(
        "agenda.Contact", on_delete=models.CASCADE, related_name="more_numbers"
    )
    number = models.CharField(_("número de teléfono"), max_length=40)
    number_type = models.CharField(_("tipo"), max_length=10, choices=NumberType)

    class Meta:
        verbose_name = _("otro número")
        verbose_name_plural = _("otros números")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=ONLY_DIGITS, name="more_number_is_digits"),
            models.UniqueConstraint(fields=["contact", "number"], name="more_number_once"),
        ]
        indexes = [models.Index(fields=["number", "contact"], name="more_number")]

    def __str__(self) -> str:
        return self.number

    def clean_fields(self, exclude: Any = None) -> None:
        """Also bring the number into the form in which it is dialled."""
        super().clean_fields(exclude)
        self.number = as_dialled(self.number)


class Favourite(models.Model):
    """A contact that a subscriber wants to find first, the own or the company's."""

    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="favourites")
    contact = models.ForeignKey(
        "agenda.Contact", on_delete=models.CASCADE, related_name="favourites"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subscriber", "contact"], name="favourite_once")
        ]

    def __str__(self) -> str:
        return f"{self.subscriber_id} {self.contact_id}"


class ToldApart(models.Model):
    """Two contacts that look alike, of whom somebody has said that they are two people."""

    low = models.ForeignKey("agenda.Contact", on_delete=models.CASCADE, related_name="+")
    high = models.ForeignKey("agenda.Contact", on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["low", "high"], name="told_apart_once"),
            models.CheckConstraint(condition=Q(low__lt=models.F("high")), name="told_apart_order"),
        ]

    def __str__(self) -> str:
        return f"{self.low_id} {self.high_id}"


class ContactWord(models.Model):
    """A word by whose beginning a contact is found; none for what is in the bin."""

    contact = models.ForeignKey(
        "agenda.Contact", on_delete=models.CASCADE, related_name="word_rows"
    )
    owner = models.ForeignKey(
        Subscriber, on_delete=models.CASCADE, null=True, related_name="+", db_index=False
    )
    word = models.CharField(max_length=LONGEST_WORD)

    class Meta:
        verbose_name = _("palabra de un contacto")
        verbose_name_plural = _("palabras de contactos")
        indexes = [models.Index(fields=["owner", "word", "contact"], name="contact_word")]

    def __str__(self) -> str:
        return self.word
