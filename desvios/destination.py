"""Whereto calls may be sent: one check for every form, with the reason for its field."""

from dataclasses import replace

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from desvios.directory import classes, plan_of, plans_at
from portal import phone
from portal.models import Subscriber
from portal.pbx.routing import find_loop
from portal.pbx.types import VOICEMAIL, ForwardingPlan


def clean_number(subscriber: Subscriber, text: str, *, in_use: bool = True) -> str:
    """The digits to dial for what somebody wrote. Raises ``ValidationError`` with the reason.

    A number that is only kept, not in use, may be one that the category forbids.
    """
    try:
        number = phone.normalise(text, settings.PHONE_REGION)
    except phone.InvalidNumber as error:
        raise ValidationError(str(error)) from error
    if number == subscriber.number:
        raise ValidationError(_("Es tu propio número: las llamadas volverían a ti."))
    if in_use and not subscriber.forward_class.allows(number):
        raise ValidationError(
            _("Tu categoría para desvíos (%(category)s) no permite desviar al %(number)s.")
            % {
                "category": subscriber.forward_class,
                "number": phone.display(number, settings.PHONE_REGION),
            }
        )
    return number


def check_voicemail(subscriber: Subscriber) -> None:
    """Raise ``ValidationError`` where there is no mailbox to send calls to."""
    if not subscriber.mailbox:
        raise ValidationError(_("No tienes buzón de voz. Pídelo a quien administra el portal."))


def loop_of(plan: ForwardingPlan) -> tuple[str, ...]:
    """The chain by which calls would come back, for rules that are about to be saved."""
    now = timezone.now()
    return find_loop(replace(plan, calendar=""), now, plans_at(now), classes())


def loop_message(chain: tuple[str, ...]) -> str:
    """The chain in words."""
    return _("Las llamadas volverían a ti: %(chain)s.") % {"chain": " → ".join(chain)}


def clean_destination(subscriber: Subscriber, text: str) -> str:
    """The destination of an event: ``VOICEMAIL`` or digits, checked in every respect."""
    if text == VOICEMAIL:
        check_voicemail(subscriber)
        return VOICEMAIL
    number = clean_number(subscriber, text)
    candidate = replace(plan_of(subscriber, with_windows=False), unconditional=number)
    if chain := loop_of(candidate):
        raise ValidationError(loop_message(chain))
    return number
