"""What a user set: the rules that ``plan`` compiles and the telephone system carries out."""

from typing import TYPE_CHECKING, Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from desvios.plan import MAX_RING_SECONDS, MIN_RING_SECONDS, Facts, Kind, Rule, Rules
from portal.models import Subscriber

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

CONTENT = [
    field
    for kind in Kind
    for field in (f"{kind}_to_voicemail", f"{kind}_number", f"{kind}_number_enabled")
] + ["do_not_disturb", "ring_seconds"]
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

    do_not_disturb = models.BooleanField(_("No molestar"), default=False)
    ring_seconds = models.PositiveSmallIntegerField(
        _("Segundos antes de «no contesta»"),
        default=20,
        validators=[MinValueValidator(MIN_RING_SECONDS), MaxValueValidator(MAX_RING_SECONDS)],
    )

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
        )


def rules_of(subscriber: Subscriber) -> ForwardingRules:
    """The subscriber's row, or a fresh one in which everything is off."""
    try:
        return subscriber.forwarding
    except ForwardingRules.DoesNotExist:
        return ForwardingRules(subscriber=subscriber)


def facts_of(subscriber: Subscriber) -> Facts:
    """What else a plan says about a subscriber."""
    return Facts(
        subscriber=subscriber.number,
        revision=subscriber.revision,
        display_name=subscriber.display_name.strip(),
        devices=tuple(device.name for device in subscriber.devices.all()),
        mailbox=subscriber.mailbox,
        call_class=subscriber.call_class.code,
        forward_class=subscriber.forward_class.code,
    )
