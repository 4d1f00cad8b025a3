"""Names for numbers, for every page that shows one."""

import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from itertools import islice

from django.conf import settings
from django.db.models import Case, Exists, OuterRef, Q, Value, When

from agenda.colleagues import colleagues_found, people_found
from agenda.models import Contact, ContactNumber, Favourite
from agenda.search import Asked, Found, found_by, typed_terms
from portal import phone
from portal.folding import fold
from portal.models import Subscriber

OWN_FAVOURITE, OWN, COMPANY_FAVOURITE, COMPANY, COLLEAGUE = range(5)
NATIONAL_LENGTH = 9
SHORTEST_SEARCH, MOST_COMPLETIONS = 2, 8


def names_for(subscriber: Subscriber, numbers: Iterable[str]) -> dict[str, str]:
    """The name to show for each number that the subscriber knows, however it is written.

    The subscriber's own contacts come first, then the company's, then the colleagues, and among
    each favourites. Numbers nobody knows are left out. One query, whatever the number of numbers.
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
    """Number and name of contacts and colleagues who have, for each word, one that begins so."""
    if len(typed.strip()) < SHORTEST_SEARCH:
        return []
    contacts = Found(subscriber, Asked(text=typed))[0:MOST_COMPLETIONS]
    begin = typed_terms(typed)[0] if contacts else ""
    found = [*colleagues_found(subscriber, typed, MOST_COMPLETIONS)]
    found += [(_number_meant(contact, begin), contact.display_name) for contact in contacts]
    return sorted(found, key=lambda row: fold(row[1]))[:MOST_COMPLETIONS]


def numbers_called(subscriber: Subscriber, name: str, most: int) -> list[str]:
    """All numbers of the contacts and colleagues who have such a name, at most so many."""
    contacts = found_by(subscriber, name)
    more = ContactNumber.objects.filter(contact__in=contacts.values("pk")).order_by()
    first = contacts.order_by().values_list("number")
    rows = first.union(more.values_list("number"))[:most]
    numbers = [number for number, _name in islice(people_found(name), most)]
    return list(dict.fromkeys([*numbers, *(number for (number,) in rows)]))[:most]


def _number_meant(contact: Contact, begin: str) -> str:
    """The number that begins as typed, else the main one."""
    if begin.isdigit() and not contact.number.startswith(begin):
        more = contact.more_numbers.filter(number__startswith=begin)
        return more.values_list("number", flat=True).first() or contact.number
    return contact.number


def _known(subscriber: Subscriber, wanted: set[str]) -> dict[str, str]:
    visible = Contact.objects.visible_to(subscriber).filter(number__in=wanted)
    further = ContactNumber.objects.filter(
        Q(contact__owner=subscriber) | Q(contact__owner__isnull=True),
        contact__binned_at__isnull=True,
        number__in=wanted,
    )
    colleagues = Subscriber.objects.filter(number__in=wanted).annotate(rank=Value(COLLEAGUE))
    rows = (
        visible.annotate(rank=_rank(subscriber, ""))
        .order_by()
        .values_list("number", "display_name", "rank")
        .union(
            further.annotate(rank=_rank(subscriber, "contact__"))
            .order_by()
            .values_list("number", "contact__display_name", "rank"),
            colleagues.order_by().values_list("number", "display_name", "rank"),
        )
    )
    ranked = sorted(rows, key=lambda row: (row[2], row[1]), reverse=True)
    return {number: name for number, name, _rank in ranked}


def _rank(subscriber: Subscriber, path: str) -> Case:
    """Whose it is, and among those a favourite before the others."""
    favourites = Favourite.objects.filter(subscriber=subscriber, contact=OuterRef(f"{path}pk"))
    own, loved = Q(**{f"{path}owner": subscriber}), Exists(favourites)
    return Case(
        When(own & loved, then=Value(OWN_FAVOURITE)),
        When(own, then=Value(OWN)),
        When(loved, then=Value(COMPANY_FAVOURITE)),
        default=Value(COMPANY),
    )


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
