"""The history of logins: who came in or tried to, when, from where, with what."""

from datetime import timedelta

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils import timezone

from portal.models import LoginEvent

Method, Outcome = LoginEvent.Method, LoginEvent.Outcome

ONCE_IN = timedelta(minutes=5)
"""Within which a lock is written down once, however often somebody knocks."""

SECOND = {
    "totp": Method.APP,
    "recovery_codes": Method.RECOVERY_CODE,
    "webauthn": Method.PASSWORD_AND_PASSKEY,
}


def note(request: HttpRequest, user: User | None, method: str, outcome: str) -> None:
    """Write it down. What was typed is not: people type passwords into the wrong field."""
    agent = request.META.get("HTTP_USER_AGENT", "")
    LoginEvent.objects.create(
        at=timezone.now(),
        user=user,
        username=user.get_username() if user else "",
        address=get_adapter(request).get_client_ip(request),
        user_agent=agent[: LoginEvent.LONGEST_AGENT],
        method=method,
        outcome=outcome,
    )


def note_locked(request: HttpRequest, user: User | None) -> None:
    """Write down that there were too many tries, unless that has just been done."""
    recent = LoginEvent.objects.filter(
        user=user, outcome=Outcome.LOCKED, at__gt=timezone.now() - ONCE_IN
    )
    if user and not recent.exists():
        note(request, user, Method.PASSWORD, Outcome.LOCKED)


def method_of(request: HttpRequest, user: User) -> str:
    """With what the login that has just succeeded was made."""
    records = get_authentication_records(request, user)
    last = records[-1] if records else {}
    if last.get("passwordless"):
        return Method.PASSKEY
    return SECOND.get(last.get("type", ""), Method.PASSWORD)
