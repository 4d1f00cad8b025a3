"""Logins at telephones, in the same history as those at the portal."""

from django.utils import timezone

from portal.models import LoginEvent, Subscriber
from portal.pbx.logins import Deed, read

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
