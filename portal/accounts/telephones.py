"""Logins at telephones, in the same history as those at the portal."""

from datetime import timedelta

from django.utils import timezone

from portal.models import LoginEvent, Subscriber
from portal.pbx.logins import Deed, TelephoneLogin, read

ONCE_IN = timedelta(seconds=10)
"""Within which a logout that every node tells is written down once."""

OUTCOMES = {
    Deed.IN: LoginEvent.Outcome.IN,
    Deed.OUT: LoginEvent.Outcome.OUT,
    Deed.DISPLACED: LoginEvent.Outcome.DISPLACED,
    Deed.WRONG: LoginEvent.Outcome.FAILED,
    Deed.LOCKED: LoginEvent.Outcome.LOCKED,
}


def note(device: str, state: str) -> None:
    """What the link does when it hears of one: write it down, whosever PIN was keyed."""
    login = read(device, state)
    if not login.address and _is_known(login):
        return
    row = Subscriber.objects.select_related("user").filter(number=login.subscriber).first()
    user = row.user if row else None
    LoginEvent.objects.create(
        at=timezone.now(),
        user=user,
        username=user.get_username() if user else login.subscriber,
        address=login.address or None,
        device=device,
        method=LoginEvent.Method.TELEPHONE,
        outcome=OUTCOMES[login.deed],
    )


def _is_known(login: TelephoneLogin) -> bool:
    """What the portal did itself: a copy of a login, or a logout that another node told too."""
    if login.deed is not Deed.OUT:
        return login.deed in (Deed.IN, Deed.DISPLACED)
    recent = LoginEvent.objects.filter(device=login.device, at__gt=timezone.now() - ONCE_IN)
    return recent.filter(outcome=LoginEvent.Outcome.OUT).exists()
