"""Too many wrong claves at telephones: whether somebody's PIN is refused now, and ending that."""

from datetime import datetime, timedelta

from django.conf import settings

from portal.models import Subscriber
from portal.pbx import get_pbx


def is_locked(subscriber: Subscriber, now: datetime) -> bool:
    """Whether some node that answers refuses the PIN, even with the right clave.

    By the settings that ``pbx_config`` wrote into the kit. Raises ``PBXError``.
    """
    tries = settings.TELEPHONE_LOGIN_TRIES
    lasting = timedelta(seconds=settings.TELEPHONE_LOCK_SECONDS)
    found = get_pbx().devices.wrong_logins(subscriber.number)
    return any(each.lock(tries, lasting, now) for each in found)


def unlock(subscriber: Subscriber) -> tuple[str, ...]:
    """Let the right clave open again; the nodes that do not answer. Raises ``PBXError``.

    What was counted against telephones stays.
    """
    return get_pbx().devices.let_in_again(subscriber.number)
