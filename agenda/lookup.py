"""Names for numbers, for every page that shows one."""

import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache

from django.conf import settings
from django.db.models import Q, Value

from agenda.models import Contact
from portal import phone
from portal.models import Subscriber

PERSONAL, CORPORATE, COLLEAGUE = range(3)
NATIONAL_LENGTH = 9
SHORTEST_SEARCH, MOST_COMPLETIONS = 2, 8


def names_for(subscriber: Subscriber, numbers: Iterable[str]) -> dict[str, str]:
    """The name to show for each number that the subscriber knows, however it is written.

    The subscriber's own contacts come first, then the company's, then the colleagues. Numbers
    nobody knows are left out. One query, whatever the number of numbers.
    """
    forms = {number: _forms(number) for number in set(numbers)}
    wanted = {form for found in forms.values() for form in found}
    names = _known(subscriber, wanted) if wanted else {}
    known = {number: [f for f in found if f in names] for number, found in forms.items()}
    return {number: names[found[0]] for number, found in known.items() if found}


def namer(subscriber: Subscriber) -> Callable[[str], str]:
    """A function from a number to its name, or ``""``; it remembers what it has looked up."""

    @cache
    def name(number: str) -> str:
        return names_for(subscriber, [number]).get(number, "")

    return name


def completions(subscriber: Subscriber, typed: str) -> list[tuple[str, str]]:
    """Number and name of contacts and colleagues whose name or number begins or holds the text."""
    if len(typed.strip()) < SHORTEST_SEARCH:
        return []
    digits = re.sub(r"[^0-9]", "", typed)
    wanted = Q(display_name__icontains=typed.strip())
    if digits:
        wanted |= Q(number__startswith=digits)
    contacts = Contact.objects.visible_to(subscriber).filter(wanted).order_by()
    colleagues = Subscriber.objects.filter(wanted).exclude(pk=subscriber.pk).order_by()
    fields = ("number", "display_name")
    found = contacts.values_list(*fields).union(colleagues.values_list(*fields))
    return list(found.order_by("display_name")[:MOST_COMPLETIONS])


def _known(subscriber: Subscriber, wanted: set[str]) -> dict[str, str]:
    fields = ("number", "display_name", "rank")
    visible = Contact.objects.visible_to(subscriber).filter(number__in=wanted).order_by()
    own = visible.filter(book=Contact.Book.PERSONAL).annotate(rank=Value(PERSONAL))
    company = visible.filter(book=Contact.Book.CORPORATE).annotate(rank=Value(CORPORATE))
    colleagues = Subscriber.objects.filter(number__in=wanted).order_by()
    rows = own.values_list(*fields).union(
        company.values_list(*fields),
        colleagues.annotate(rank=Value(COLLEAGUE)).values_list(*fields),
    )
    ranked = sorted(rows, key=lambda row: (row[2], row[1]), reverse=True)
    return {number: name for number, name, _rank in ranked}


def _forms(number: str) -> list[str]:
    """The forms in which a number may stand among the contacts, the likeliest first.

    A trunk may hand over an international number without its prefix.
    """
    digits = re.sub(r"[^0-9]", "", number)
    candidates = [number, f"+{digits}"] if len(digits) > NATIONAL_LENGTH else [number]
    forms = []
    for candidate in candidates:
        with suppress(phone.InvalidNumber):
            forms.append(phone.normalise(candidate, settings.PHONE_REGION))
    return forms
