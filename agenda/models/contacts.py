"""Contacts: each subscriber's own, and those of the company that everybody sees."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.core.validators import RegexValidator
from django.db import connection, models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agenda.folding import words_in
from agenda.models.parts import ONLY_DIGITS, ContactNumber, ContactWord, NumberType, as_dialled
from portal.folding import LONGEST_KEY, fold
from portal.models import PRINTABLE, Subscriber

VISIBLE = RegexValidator(PRINTABLE.regex, _("Contiene caracteres que no se ven."))
KEYS = ("name_key", "last_name_key", "company_key")
AT_ONCE = 500
IN_USE = Q(binned_at__isnull=True)
INSERT_WORD = "INSERT INTO agenda_contactword (contact_id, owner_id, word) VALUES (%s, %s, %s)"


class ContactQuerySet(models.QuerySet["Contact"]):
    """Contacts. Who writes many at once uses ``bulk_create`` and ``bulk_update``, never ``update``
    for names and numbers: both keep what the search reads."""

    def in_use(self) -> "ContactQuerySet":
        """Those that are not in the bin."""
        return self.filter(IN_USE)

    def visible_to(self, subscriber: Subscriber) -> "ContactQuerySet":
        """The subscriber's own contacts and the company's."""
        return self.in_use().filter(Q(book=Contact.Book.CORPORATE) | Q(owner=subscriber))

    def editable_by(self, subscriber: Subscriber) -> "ContactQuerySet":
        """The subscriber's own contacts."""
        return self.in_use().filter(book=Contact.Book.PERSONAL, owner=subscriber)

    def in_bin_of(self, subscriber: Subscriber) -> "ContactQuerySet":
        """What the subscriber deleted and may still bring back."""
        return self.filter(owner=subscriber, binned_at__isnull=False)

    def with_number(self, numbers: Iterable[str]) -> "ContactQuerySet":
        """Those who have one of these numbers, in the form in which they are dialled."""
        wanted = list(numbers)
        more = ContactNumber.objects.filter(number__in=wanted).values("contact")
        return self.filter(Q(number__in=wanted) | Q(pk__in=more))

    def put_into_bin(self, at: datetime) -> int:
        """Nobody finds them there; the owner may bring them back. Returns how many."""
        with transaction.atomic():
            ContactWord.objects.filter(contact__in=self).delete()
            return self.update(binned_at=at)

    def take_out_of_bin(self) -> int:
        """As they were before. Returns how many."""
        contacts = list(self)
        with transaction.atomic():
            count = self.update(binned_at=None)
            for contact in contacts:
                contact.binned_at = None
            write_words(contacts)
        return count

    def bulk_create(self, objs: Iterable["Contact"], *args: Any, **kwargs: Any) -> list["Contact"]:
        """Also store what the search reads. Further numbers: ``write_numbers`` afterwards."""
        contacts = list(objs)
        for contact in contacts:
            contact.fill_keys()
        with transaction.atomic():
            created = super().bulk_create(contacts, *args, **kwargs)
            write_words(created)
        return created

    def bulk_update(
        self, objs: Iterable["Contact"], fields: Iterable[str], *args: Any, **kwargs: Any
    ) -> int:
        """Also store what the search reads."""
        contacts = list(objs)
        for contact in contacts:
            contact.fill_keys()
        with transaction.atomic():
            count = super().bulk_update(contacts, {*fields, *KEYS}, *args, **kwargs)
            write_words(contacts)
        return count


class Contact(models.Model):
    """Somebody with a telephone number. ``number`` holds the digits to dial.

    Further numbers are in ``more_numbers``. One in the bin has ``binned_at``. ``revision`` counts
    the changes. The keys are the folded names by which lists are sorted.
    """

    class Book(models.TextChoices):
        """Whose it is."""

        PERSONAL = "personal", _("Personal")
        CORPORATE = "corporate", _("Corporativa")

    NumberType = NumberType

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
    first_name = models.CharField(_("nombre"), max_length=60, validators=[VISIBLE])
    last_name = models.CharField(_("apellido 1"), max_length=60, blank=True, validators=[VISIBLE])
    second_last_name = models.CharField(
        _("apellido 2"), max_length=60, blank=True, validators=[VISIBLE]
    )
    display_name = models.CharField(_("nombre en pantalla"), max_length=80, validators=[VISIBLE])
    company = models.CharField(_("empresa"), max_length=80, blank=True, validators=[VISIBLE])
    address = models.CharField(_("dirección"), max_length=120, blank=True, validators=[VISIBLE])
    postcode = models.CharField(_("código postal"), max_length=12, blank=True, validators=[VISIBLE])
    city = models.CharField(_("localidad"), max_length=60, blank=True, validators=[VISIBLE])
    province = models.CharField(_("provincia"), max_length=60, blank=True, validators=[VISIBLE])
    number = models.CharField(_("número de teléfono"), max_length=40)
    number_type = models.CharField(
        _("tipo"), max_length=10, choices=NumberType, default=NumberType.MOBILE
    )
    email = models.EmailField(_("correo electrónico"), max_length=120, blank=True)
    binned_at = models.DateTimeField(_("en la papelera desde"), null=True, editable=False)
    revision = models.PositiveIntegerField(default=1, editable=False)
    name_key = models.CharField(max_length=LONGEST_KEY, editable=False, default="")
    last_name_key = models.CharField(max_length=LONGEST_KEY, editable=False, default="")
    company_key = models.CharField(max_length=LONGEST_KEY, editable=False, default="")

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
                condition=ONLY_DIGITS,
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
        indexes = [
            models.Index(fields=["number", "owner"], name="contact_number"),
            models.Index(
                fields=["owner", "name_key", "id"], condition=IN_USE, name="contact_by_name"
            ),
            models.Index(
                fields=["owner", "last_name_key", "id"],
                condition=IN_USE,
                name="contact_by_last_name",
            ),
            models.Index(
                fields=["owner", "company_key", "id"], condition=IN_USE, name="contact_by_company"
            ),
            models.Index(
                fields=["owner", "number", "id"], condition=IN_USE, name="contact_by_number"
            ),
            models.Index(
                fields=["binned_at"], condition=Q(binned_at__isnull=False), name="contact_in_bin"
            ),
        ]

    def __str__(self) -> str:
        return self.display_name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Also store what the search reads."""
        self.fill_keys()
        if fields := kwargs.get("update_fields"):
            kwargs["update_fields"] = {*fields, *KEYS}
        with transaction.atomic():
            super().save(*args, **kwargs)
            write_words([self])

    def clean_fields(self, exclude: Any = None) -> None:
        """Also bring the number into the form in which it is dialled."""
        super().clean_fields(exclude)
        self.number = as_dialled(self.number)

    def fill_keys(self) -> None:
        """The folded names by which lists are sorted."""
        names = (self.first_name, self.last_name, self.second_last_name)
        self.name_key = fold(" ".join(names))
        self.last_name_key = fold(" ".join([*names[1:], names[0]]))
        self.company_key = fold(self.company)

    def words(self, more: Sequence[str]) -> set[str]:
        """What it is found by, given its further numbers."""
        names = (self.first_name, self.last_name, self.second_last_name, self.display_name)
        return words_in([*names, self.company, self.email], [self.number, *more])

    def is_editable_by(self, subscriber: Subscriber) -> bool:
        """Whether it is the subscriber's own."""
        return self.book == self.Book.PERSONAL and self.owner_id == subscriber.pk

    def write_numbers(self, numbers: Iterable[tuple[str, str]]) -> None:
        """Have these further numbers, each with its type, in place of the earlier ones.

        The main number, and what is there twice, are left out. It must have been saved.
        """
        wanted = {number: kind for number, kind in numbers if number != self.number}
        with transaction.atomic():
            self.more_numbers.all().delete()
            ContactNumber.objects.bulk_create(
                ContactNumber(contact=self, number=number, number_type=kind)
                for number, kind in wanted.items()
            )
            write_words([self])


def write_words(contacts: Sequence[Contact]) -> None:
    """Let the search find these contacts by what they and their further numbers are now."""
    for start in range(0, len(contacts), AT_ONCE):
        _write_words(contacts[start : start + AT_ONCE])


def _write_words(contacts: Sequence[Contact]) -> None:
    more: dict[int, list[str]] = {contact.pk: [] for contact in contacts}
    numbers = ContactNumber.objects.filter(contact__in=more.keys())
    for key, number in numbers.values_list("contact_id", "number"):
        more[key].append(number)
    ContactWord.objects.filter(contact__in=more.keys()).delete()
    rows = [
        (contact.pk, contact.owner_id, word)
        for contact in contacts
        if contact.binned_at is None
        for word in sorted(contact.words(more[contact.pk]))
    ]
    # A large import writes a million of these; as objects they would take ten times as long.
    with connection.cursor() as cursor:
        cursor.executemany(INSERT_WORD, rows)
