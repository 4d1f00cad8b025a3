"""Who is meant by the name that somebody searches the history for."""

from agenda.lookup import numbers_called
from portal.models import Subscriber
from portal.pbx.types import MOST_NUMBERS


def numbers_of(subscriber: Subscriber, name: str) -> tuple[str, ...]:
    """The numbers of the contacts and colleagues who have, for every word, one that begins so.

    Only those that the subscriber may see; at most as many as a search looks at.
    """
    return tuple(numbers_called(subscriber, name, MOST_NUMBERS))
