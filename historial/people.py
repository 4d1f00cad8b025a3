"""Who is meant by the name that somebody searches the history for."""

from django.db.models import Q

from agenda.models import Contact
from portal.models import Subscriber
from portal.pbx.types import MOST_NUMBERS


def numbers_of(subscriber: Subscriber, name: str) -> tuple[str, ...]:
    """The numbers of the contacts and colleagues in whose names every word occurs.

    Only those that the subscriber may see; at most as many as a search looks at.
    """
    contacts = Contact.objects.visible_to(subscriber).filter(_words(name, "company"))
    colleagues = Subscriber.objects.filter(_words(name))
    found = contacts.order_by().values_list("number")
    rows = found.union(colleagues.order_by().values_list("number"))
    return tuple(number for (number,) in rows[:MOST_NUMBERS])


def _words(name: str, *other_fields: str) -> Q:
    wanted = Q()
    for word in name.split():
        anywhere = Q(display_name__icontains=word)
        for each in other_fields:
            anywhere |= Q(**{f"{each}__icontains": word})
        wanted &= anywhere
    return wanted
