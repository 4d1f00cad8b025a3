"""What the form of a contact says beside its fields."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from agenda import proposals
from agenda.changes import content
from agenda.forms import FIELDS, ContactForm, numbers_in
from agenda.models import Contact, ContactQuerySet
from portal import phone
from portal.access import SubscriberRequest
from portal.models import Subscriber

MOST_HOLDERS = 3
LONGEST_TYPED = 200


def proposed(request: SubscriberRequest) -> dict[str, Any]:
    """Screen name, type, province and holders of the number, from a half-written form."""
    data = {name: request.POST.get(name, "")[:LONGEST_TYPED] for name in FIELDS}
    names = (data["first_name"], data["last_name"], data["second_last_name"])
    longest = Contact._meta.get_field("display_name").max_length
    try:
        numbers = [phone.normalise(data["number"], settings.PHONE_REGION)]
    except phone.InvalidNumber:
        numbers = []
    own = request.POST.get("contact", "")
    return {
        "display_name": proposals.display_name(*names)[:longest],
        "number_type": proposals.number_type(data["number"], settings.PHONE_REGION),
        "province": proposals.province(data["postcode"]),
        "holders": _holders(request.subscriber, numbers, revision_seen(own)),
    }


def holders(subscriber: Subscriber, form: ContactForm, numbers: Any) -> list[Contact]:
    """The subscriber's other contacts who have a number of a valid form."""
    contact = form.instance
    wanted = {form.cleaned_data["number"], *(number for number, _kind in numbers_in(numbers))}
    if contact.pk:  # the warning was given when it got its numbers
        wanted -= {form.initial["number"], *contact.more_numbers.values_list("number", flat=True)}
    return _holders(subscriber, wanted, contact.pk)


def _holders(subscriber: Subscriber, numbers: Iterable[str], pk: int | None) -> list[Contact]:
    found: ContactQuerySet = Contact.objects.editable_by(subscriber).with_number(numbers)
    others = found.exclude(pk=pk) if pk else found
    return list(others.order_by("pk")[:MOST_HOLDERS])


def keys_of(contacts: Iterable[Contact]) -> str:
    """Who was warned of: a form that says so has been warned."""
    return ",".join(str(contact.pk) for contact in contacts)


def revision_seen(text: str) -> int:
    """The number in a hidden field; one that nothing has where somebody meddled with it."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0


def differences(form: ContactForm, current: Contact) -> list[str]:
    """Where the stored contact is not what the form says, field by field."""
    now = content(current)
    return [
        _("%(label)s: %(value)s") % {"label": form.fields[name].label, "value": now[name] or "—"}
        for name in FIELDS
        if now[name] != form.cleaned_data.get(name)
    ]
