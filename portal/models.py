"""Subscribers, what they may call, their devices, and who changed what."""

import re
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from portal import phone
from portal.pbx.projection import MAX_NAME, MAX_VALUE_BYTES
from portal.pbx.routing import allows

DIGITS = RegexValidator(r"\A[0-9]+\Z", _("Escribe solo cifras."))
KEY = RegexValidator(r"\A[a-z0-9-]+\Z", _("Usa solo minúsculas sin acento, cifras y guiones."))
PRINTABLE = RegexValidator(
    r"\A[^\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]*\Z",
    _("El nombre contiene caracteres que no se ven."),
)
DEVICE_NAME = RegexValidator(
    r"\A[A-Za-z0-9-]+\Z", _("Usa solo letras sin acento, cifras y guiones.")
)
MAILBOX = RegexValidator(
    r"\A[A-Za-z0-9-]+@[A-Za-z0-9-]+\Z", _("Escríbelo como buzón@contexto, por ejemplo 201@default.")
)


OTHER_ZONES = ("Etc/", "SystemV/", "US/")
"""Beginnings of names that stand for no place, or for one that has another name."""


def company_zone() -> str:
    """The zone of whoever has not chosen another."""
    return str(settings.TIME_ZONE)


@lru_cache(maxsize=1)
def zone_choices() -> list[tuple[str, str]]:
    """The zones of places by their names in the tz database, and UTC."""
    places = [name for name in available_timezones() if "/" in name]
    named = sorted(name for name in places if not name.startswith(OTHER_ZONES))
    return [(name, name.replace("_", " ")) for name in [*named, "UTC"]]


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


def voicemail_languages() -> list[tuple[str, str]]:
    """In which languages the telephone system can speak, besides its own choice."""
    codes = settings.VOICEMAIL_LANGUAGES
    return [(code, get_language_info(code)["name_translated"].capitalize()) for code in codes]


class Subscriber(models.Model):
    """A person with a number. Forwarding, voicemail and history belong to it, not to a device."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        verbose_name=_("usuario del portal"),
    )
    number = models.CharField(_("número"), max_length=15, unique=True, validators=[DIGITS])
    display_name = models.CharField(
        _("nombre a mostrar"), max_length=MAX_NAME, validators=[PRINTABLE]
    )
    access_pin = models.CharField(
        _("PIN de acceso"), max_length=12, unique=True, null=True, blank=True, validators=[DIGITS]
    )
    access_code = models.CharField(_("clave de acceso"), max_length=80, blank=True, editable=False)
    mailbox = models.CharField(_("buzón"), max_length=60, blank=True, validators=[MAILBOX])
    voicemail_language = models.CharField(
        _("idioma del buzón"), max_length=10, blank=True, choices=voicemail_languages
    )
    call_class = models.ForeignKey(
        ServiceClass, on_delete=models.PROTECT, related_name="+", verbose_name=_("categoría")
    )
    forward_class = models.ForeignKey(
        ServiceClass,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("categoría para desvíos"),
    )
    time_zone = models.CharField(
        _("zona horaria"), max_length=64, choices=zone_choices, default=company_zone
    )
    revision = models.PositiveIntegerField(default=1, editable=False)
    applied_revision = models.PositiveIntegerField(default=0, editable=False)

    objects = PendingQuerySet.as_manager()

    class Meta:
        verbose_name = _("usuario de telefonía")
        verbose_name_plural = _("usuarios de telefonía")
        ordering = ["number"]
        indexes = [
            models.Index(
                fields=["id"],
                condition=Q(applied_revision__lt=F("revision")),
                name="subscriber_pending",
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.display_name}"

    @property
    def zone(self) -> ZoneInfo:
        """Where the person's days begin, and whose clock the pages show."""
        return ZoneInfo(self.time_zone)

    def clean(self) -> None:
        pattern = settings.SUBSCRIBER_PATTERN
        if not allows({"": phone.to_regex([pattern])}, "", self.number):
            raise ValidationError(
                {
                    "number": _("El número no es de los de esta centralita (%(pattern)s).")
                    % {"pattern": pattern}
                }
            )
        if self.user:
            check_digits_login(self.user.get_username(), self)


def check_digits_login(username: str, owner: Subscriber | None) -> None:
    """Refuse a user name made of digits that is not its person's number."""
    if username.isdigit() and (owner is None or username != owner.number):
        raise ValidationError(
            _("Un nombre de usuario hecho de cifras tiene que ser el número de esa persona.")
        )


class Device(models.Model):
    """A telephone that registers, by the name of its endpoint on the telephone system."""

    name = models.CharField(_("nombre"), max_length=40, unique=True, validators=[DEVICE_NAME])
    description = models.CharField(_("descripción"), max_length=60, blank=True)
    owner = models.ForeignKey(
        Subscriber, on_delete=models.CASCADE, related_name="devices", verbose_name=_("de quién es")
    )

    class Meta:
        verbose_name = _("teléfono")
        verbose_name_plural = _("teléfonos")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name


class AuditEvent(models.Model):
    """One change: who, when, what of whom, before, after, from where. Never changed or removed."""

    class Action(models.TextChoices):
        """What was changed."""

        FORWARDING = "forwarding", _("Desvíos")
        CALENDAR = "calendar", _("Calendario")
        FEED = "feed", _("Suscripción a un calendario")
        VOICEMAIL = "voicemail", _("Mensajes de voz")
        GREETING = "greeting", _("Saludos del buzón")
        PIN = "pin", _("PIN del buzón")

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
    before: Any = models.JSONField(_("antes"), default=dict)
    after: Any = models.JSONField(_("después"), default=dict)

    class Meta:
        verbose_name = _("cambio")
        verbose_name_plural = _("registro de cambios")
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["subscriber", "-at"], name="audit_of_subscriber")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_name} {self.subscriber_number}"


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
