"""Too many wrong passwords or codes: whether somebody is locked out, and letting them in again.

A passkey opens the door even then, so that nobody can lock a colleague out for good.
"""

from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib.auth.models import User

APP, ACTION = "allauth.account", "login_failed"


def password_key(username: str) -> str:
    """Under which wrong passwords are counted."""
    return f"password:{username.lower()}"


def keys_of(user: User) -> list[str]:
    """Under which a user's wrong passwords and codes are counted."""
    return [password_key(user.get_username()), f"mfa-auth-user-{user.pk}"]


def is_locked(user: User) -> bool:
    """Whether passwords or codes of this user are refused now, even right ones."""
    return not all(
        ratelimit.consume(
            None,  # these limits count by user, whoever asks
            app=APP,
            action=ACTION,
            config=_by_key(),
            key=key,
            dry_run=True,
            limit_get=True,
        )
        for key in keys_of(user)
    )


def unlock(user: User) -> None:
    """Forget what was counted against this user; what addresses did stays counted."""
    for key in keys_of(user):
        ratelimit.clear(None, app=APP, action=ACTION, config=_by_key(), key=key)


def _by_key() -> dict[str, str]:
    """The limits that count by user."""
    rates = settings.ACCOUNT_RATE_LIMITS[ACTION].split(",")
    return {ACTION: ",".join(rate for rate in rates if rate.endswith("/key"))}
