"""Subscribers and their devices."""

from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language_info, gettext
from django.utils.translation import gettext_lazy as _

from portal import phone
from portal.models.classes import PendingQuerySet, ServiceClass
from portal.pbx.projection import MAX_NAME
from portal.pbx.routing import allows

DIGITS = RegexValidator(r"\A[0-9]+\Z", _("Escribe solo cifras."))


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


def voicemail_languages() -> list[tuple[str, str]]:
    """In which languages the telephone system can speak, besides its own choice."""
    codes = settings.VOICEMAIL_LANGUAGES
    return [(code, get_language_info(code)["name_translated"].capitalize()) for code in codes]


def portal_languages() -> list[tuple[str, str]]:
    """In which languages the pages can be had."""
    return list(settings.LANGUAGES)


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
        _("PIN de acceso"),
        max_length=12,
        unique=True,
        null=True,
        blank=True,
        validators=[DIGITS],
        help_text=_("Dice quién es al entrar en un teléfono. La clave la pone cada persona."),
        error_messages={"unique": _("Ese PIN de acceso ya es de otra persona.")},
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
    mobile = models.CharField(_("móvil"), max_length=40, blank=True)
    department = models.CharField(
        _("departamento"), max_length=60, blank=True, validators=[PRINTABLE]
    )
    language = models.CharField(_("idioma"), max_length=10, blank=True, choices=portal_languages)
    time_zone = models.CharField(
        _("zona horaria"), max_length=64, choices=zone_choices, default=company_zone
    )
    shortcuts = models.BooleanField(_("atajos de una tecla"), default=True, editable=False)
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

    @property
    def letters_in(self) -> str:
        """The language to write to the person in, when it is not a page that they look at."""
        return (
            self.language if self.language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        )

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


def clean_display_name(text: str) -> str:
    """One line of printable text that fits on a telephone. Raises ``ValidationError``."""
    name = " ".join(text.split())
    if len(name) > MAX_NAME:
        raise ValidationError(
            gettext("El nombre puede tener %(most)d caracteres como mucho; este tiene %(has)d.")
            % {"most": MAX_NAME, "has": len(name)}
        )
    PRINTABLE(name)
    return name


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
