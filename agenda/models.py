"""Contacts: each subscriber's own, and those of the company that everybody sees."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal import phone
from portal.models import Subscriber


class ContactQuerySet(models.QuerySet["Contact"]):
    """Contacts."""

    def visible_to(self, subscriber: Subscriber) -> "ContactQuerySet":
        """The subscriber's own contacts and the company's."""
        return self.filter(Q(book=Contact.Book.CORPORATE) | Q(owner=subscriber))

    def editable_by(self, subscriber: Subscriber) -> "ContactQuerySet":
        """The subscriber's own contacts."""
        return self.filter(book=Contact.Book.PERSONAL, owner=subscriber)


class Contact(models.Model):
    """Somebody with a telephone number. ``number`` holds the digits to dial."""

    class Book(models.TextChoices):
        """Whose it is."""

        PERSONAL = "personal", _("Personal")
        CORPORATE = "corporate", _("Corporativa")

    class NumberType(models.TextChoices):
        """What kind of telephone it is."""

        LANDLINE = "landline", _("Fijo")
        MOBILE = "mobile", _("Móvil")

    book = models.CharField(_("tipo agenda"), max_length=10, choices=Book, default=Book.PERSONAL)
    owner = models.ForeignKey(
        Subscriber,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="contacts",
        verbose_name=_("de quién es"),
        help_text=_("Solo en los contactos personales."),
    )
    first_name = models.CharField(_("nombre"), max_length=60)
    last_name = models.CharField(_("apellido 1"), max_length=60, blank=True)
    second_last_name = models.CharField(_("apellido 2"), max_length=60, blank=True)
    display_name = models.CharField(_("nombre en pantalla"), max_length=80)
    company = models.CharField(_("empresa"), max_length=80, blank=True)
    address = models.CharField(_("dirección"), max_length=120, blank=True)
    postcode = models.CharField(_("código postal"), max_length=12, blank=True)
    city = models.CharField(_("localidad"), max_length=60, blank=True)
    province = models.CharField(_("provincia"), max_length=60, blank=True)
    number = models.CharField(_("número de teléfono"), max_length=40)
    number_type = models.CharField(
        _("tipo"), max_length=10, choices=NumberType, default=NumberType.MOBILE
    )

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contacto")
        verbose_name_plural = _("contactos")
        ordering = ["display_name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(book="personal", owner__isnull=False)
                | Q(book="corporate", owner__isnull=True),
                name="contact_owner_fits_book",
                violation_error_message=_(
                    "Un contacto personal es de alguien; uno corporativo, de nadie."
                ),
            ),
            models.CheckConstraint(
                condition=Q(number__regex=r"^[0-9]{1,17}$") & ~Q(number__regex=r"[^0-9]"),
                name="contact_number_is_digits",
                violation_error_message=_("Escribe solo cifras."),
            ),
            models.CheckConstraint(
                condition=~Q(first_name="") & ~Q(display_name=""),
                name="contact_has_names",
                violation_error_message=_("Faltan el nombre o el nombre en pantalla."),
            ),
            models.CheckConstraint(
                condition=Q(number_type__in=["landline", "mobile"]),
                name="contact_number_type_known",
            ),
        ]
        indexes = [models.Index(fields=["number", "owner"], name="contact_number")]

    def __str__(self) -> str:
        return self.display_name

    def clean_fields(self, exclude: Any = None) -> None:
        """Also bring the number into the form in which it is dialled."""
        super().clean_fields(exclude)
        try:
            self.number = phone.normalise(self.number, settings.PHONE_REGION)
        except phone.InvalidNumber as error:
            raise ValidationError({"number": str(error)}) from error
