"""What a user set: the rules that ``plan`` compiles and the telephone system carries out."""

from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from desvios.calendar.series import read
from desvios.exchange.models import CalendarFeed
from desvios.plan import MAX_RING_SECONDS, MIN_RING_SECONDS, Facts, Kind, Rule, Rules
from portal.models import Subscriber
from portal.pbx.types import Window

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

GONE = "-"
"""The stamp of an event that is not there."""

CONTENT = [
    field
    for kind in Kind
    for field in (f"{kind}_to_voicemail", f"{kind}_number", f"{kind}_number_enabled")
] + ["do_not_disturb", "ring_seconds", "calendar_enabled"]
"""The names of the fields that a user sets."""


def _to_voicemail(label: "StrOrPromise") -> Any:
    return models.BooleanField(label, default=False)


def _number(label: "StrOrPromise") -> Any:
    return models.CharField(label, max_length=20, blank=True)


def _enabled(label: "StrOrPromise") -> Any:
    return models.BooleanField(label, default=False)


class ForwardingRules(models.Model):
    """One row a subscriber; no row means that nothing is forwarded."""

    subscriber = models.OneToOneField(
        Subscriber, on_delete=models.CASCADE, related_name="forwarding", verbose_name=_("usuario")
    )

    unconditional_to_voicemail = _to_voicemail(_("Desvío incondicional a mensa"))
    unconditional_number = _number(_("Desvío incondicional"))
    unconditional_number_enabled = _enabled(_("Desviar a este número"))

    not_connected_to_voicemail = _to_voicemail(_("Desvío por no conectado a mensa"))
    not_connected_number = _number(_("Desvío por no conectado"))
    not_connected_number_enabled = _enabled(_("Desviar a este número"))

    busy_to_voicemail = _to_voicemail(_("Desvío por ocupado a mensa"))
    busy_number = _number(_("Desvío ocupado"))
    busy_number_enabled = _enabled(_("Desviar a este número"))

    no_answer_to_voicemail = _to_voicemail(_("Desvío por no contestación a mensa"))
    no_answer_number = _number(_("Desvío por no contestación"))
    no_answer_number_enabled = _enabled(_("Desviar a este número"))

    calendar_enabled = models.BooleanField(_("Desvío incondicional por calendario"), default=True)
    do_not_disturb = models.BooleanField(_("No molestar"), default=False)
    ring_seconds = models.PositiveSmallIntegerField(
        _("Segundos antes de «no contesta»"),
        default=20,
        validators=[MinValueValidator(MIN_RING_SECONDS), MaxValueValidator(MAX_RING_SECONDS)],
    )

    # When each of the rules was last changed: milliseconds since 1970, by name of the kind.
    changed_at: Any = models.JSONField(default=dict, editable=False)

    class Meta:
        verbose_name = _("desvíos de un usuario")
        verbose_name_plural = _("desvíos")
        constraints = [
            models.CheckConstraint(
                condition=Q(ring_seconds__range=(MIN_RING_SECONDS, MAX_RING_SECONDS)),
                name="ring_seconds_in_range",
            ),
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{kind}_number_enabled": False}) | ~Q(**{f"{kind}_number": ""}),
                    name=f"{kind}_enabled_has_number",
                )
                for kind in Kind
            ),
        ]

    def __str__(self) -> str:
        return str(self.subscriber)

    def content(self) -> dict[str, Any]:
        """What the user set, by field name: for the log, for undo, for telling what changed."""
        return {name: getattr(self, name) for name in CONTENT}

    def rules(self) -> Rules:
        """The same as a value."""
        return Rules(
            **{
                kind: Rule(
                    to_voicemail=getattr(self, f"{kind}_to_voicemail"),
                    number=getattr(self, f"{kind}_number"),
                    number_enabled=getattr(self, f"{kind}_number_enabled"),
                )
                for kind in Kind
            },
            do_not_disturb=self.do_not_disturb,
            ring_seconds=self.ring_seconds,
            calendar_enabled=self.calendar_enabled,
        )


class CalendarEvent(models.Model):
    """One event or one series; ``ical`` alone says when and whereto (``calendar.series``).

    ``expanded`` remembers its occurrences up to ``expanded_until``, holidays included, as
    [start, end, destination] in epoch seconds: expanding is what takes long. What came by a
    subscription (``feed``) is changed by its next answer only, never by hand.
    """

    subscriber = models.ForeignKey(
        Subscriber, on_delete=models.CASCADE, related_name="events", verbose_name=_("usuario")
    )
    uid = models.CharField(max_length=200)
    ical = models.TextField()
    enabled = models.BooleanField(_("activo"), default=True)
    skip_holidays = models.BooleanField(_("salvo festivos"), default=False)
    edited_at = models.DateTimeField()
    expanded: Any = models.JSONField(default=list, editable=False)
    expanded_until = models.DateField(null=True, editable=False)
    feed = models.ForeignKey(
        CalendarFeed,
        on_delete=models.CASCADE,
        null=True,
        editable=False,
        related_name="events",
        verbose_name=_("suscripción"),
    )

    class Meta:
        verbose_name = _("evento del calendario")
        verbose_name_plural = _("eventos del calendario")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["subscriber", "uid"], name="event_uid_once")]

    def __str__(self) -> str:
        return read(self.ical).title

    @property
    def stamp(self) -> str:
        """Names what it says, so that whoever changes it can tell whether that is what they saw."""
        said = f"{self.enabled}{self.skip_holidays}{self.ical}"
        return blake2b(said.encode(), digest_size=8).hexdigest()


class CompiledCalendar(models.Model):
    """All events of a subscriber as windows that do not overlap; what pages, trials and nodes use.

    ``won`` is a list of [start, end, destination, event], epoch seconds, from yesterday to
    ``until``. ``version`` changes with the events, not with the days that are added. It outlives
    its subscriber, as it alone knows the day keys that stand on the nodes under ``number``.
    """

    subscriber = models.OneToOneField(
        Subscriber, on_delete=models.SET_NULL, null=True, related_name="compiled_calendar"
    )
    number = models.CharField(max_length=15)
    version = models.CharField(max_length=16)
    until = models.DateField(db_index=True)
    won: Any = models.JSONField(default=list)

    class Meta:
        verbose_name = _("calendario compilado")
        verbose_name_plural = _("calendarios compilados")

    def __str__(self) -> str:
        return f"{self.number} {self.version}"

    def windows(self) -> tuple[Window, ...]:
        """As a node holds them."""
        return tuple(Window(start, end, destination) for start, end, destination, _e in self.won)


class RetiredCalendar(models.Model):
    """Day keys that no plan names any more; the link removes them from a node a while later.

    ``retired_at`` goes up when the node still needed them as the link came by.
    """

    node = models.CharField(max_length=40)
    number = models.CharField(max_length=15)
    version = models.CharField(max_length=16)
    windows: Any = models.JSONField()
    retired_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("calendario retirado")
        verbose_name_plural = _("calendarios retirados")

    def __str__(self) -> str:
        return f"{self.node} {self.number} {self.version}"


def rules_of(subscriber: Subscriber) -> ForwardingRules:
    """The subscriber's row, or a fresh one in which everything is off."""
    try:
        return subscriber.forwarding
    except ForwardingRules.DoesNotExist:
        return ForwardingRules(subscriber=subscriber)


def compiled_of(subscriber: Subscriber) -> CompiledCalendar | None:
    """The subscriber's calendar, if there ever was an event in it."""
    try:
        compiled = subscriber.compiled_calendar
    except CompiledCalendar.DoesNotExist:
        return None
    return compiled if compiled.version else None


def facts_of(subscriber: Subscriber, *, with_windows: bool = True) -> Facts:
    """What else a plan says about a subscriber."""
    compiled = compiled_of(subscriber)
    devices = tuple(device.name for device in subscriber.devices.all())
    return Facts(
        subscriber=subscriber.number,
        revision=subscriber.revision,
        display_name=subscriber.display_name.strip(),
        # Where no device was entered, the number is the endpoint's name, as on most systems.
        devices=devices or (subscriber.number,),
        mailbox=subscriber.mailbox,
        call_class=subscriber.call_class.code,
        forward_class=subscriber.forward_class.code,
        language=subscriber.voicemail_language,
        access_pin=subscriber.access_pin or "",
        access_code=subscriber.access_code if subscriber.access_pin else "",
        calendar=compiled.version if compiled else "",
        until=f"{compiled.until:%Y%m%d}" if compiled else "",
        windows=compiled.windows() if compiled and with_windows else (),
    )
