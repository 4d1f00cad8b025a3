"""What a person can dial at the telephone, with examples of their own."""

from dataclasses import dataclass

from django.conf import settings

from portal import phone
from portal.feature_codes import FeatureCode, RuleCodes, feature_codes, rule_codes
from portal.models import Subscriber

A_NUMBER = "600123123"


@dataclass(frozen=True, slots=True)
class Codes:
    """The codes for something at once, those for rules, and the number in their examples."""

    simple: list[FeatureCode]
    rules: list[RuleCodes]
    example: str
    is_own_mobile: bool


def codes_of(subscriber: Subscriber) -> Codes:
    """All that are in use."""
    mobile = _mobile(subscriber)
    example = mobile or _colleague(subscriber) or A_NUMBER
    rules = rule_codes(example, has_mailbox=bool(subscriber.mailbox))
    return Codes(feature_codes(), rules, example, bool(mobile))


def _mobile(subscriber: Subscriber) -> str:
    """The own mobile telephone, where calls may be forwarded to it; else ""."""
    try:
        number = phone.normalise(subscriber.mobile, settings.PHONE_REGION)
    except phone.InvalidNumber:
        return ""
    return number if subscriber.forward_class.allows(number) else ""


def _colleague(subscriber: Subscriber) -> str:
    other = Subscriber.objects.exclude(pk=subscriber.pk).order_by("number").first()
    return other.number if other and subscriber.forward_class.allows(other.number) else ""
