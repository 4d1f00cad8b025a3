"""Open sessions: where somebody is logged in, and ending that."""

from collections.abc import Callable
from datetime import timedelta
from time import monotonic
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

SECONDS = 300.0
"""How old «last seen» may be: writing it down at every page would cost more than the page."""

MOST_KEPT = 10_000

_seen: dict[str, float] = {}
"""When this process last wrote down each session. One that another process saw costs one write."""


def watched(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """Middleware: write down from time to time that a session is in use, and from where; end what
    nobody used for long, or what has lasted its days.
    """

    def respond(request: Any) -> HttpResponse:
        key = request.session.session_key
        if key and request.user.is_authenticated and _is_due(key):
            if _is_over(key):
                logout(request)
            else:
                UserSession.objects.create_from_request(request)
        return get_response(request)

    return respond


def _is_due(key: str) -> bool:
    now = monotonic()
    if now - _seen.get(key, -SECONDS) < SECONDS:
        return False
    if len(_seen) >= MOST_KEPT:
        _seen.clear()
    _seen[key] = now
    return True


def _is_over(key: str) -> bool:
    """Each process looks when it has not seen the session for a while, so none outlives its time
    by more than that while.
    """
    session = UserSession.objects.filter(session_key=key).first()
    if session is None:
        return False
    now = timezone.now()
    unused: timedelta = now - session.last_seen_at
    lasted: timedelta = now - session.created_at
    return (
        unused > timedelta(hours=settings.SESSION_UNUSED_HOURS)
        or lasted.total_seconds() > settings.SESSION_COOKIE_AGE
    )


def open_sessions(user: User) -> list[Any]:
    """The user's sessions that still hold, the one used last first."""
    found = UserSession.objects.purge_and_list(user)
    return sorted(found, key=lambda session: session.last_seen_at, reverse=True)


def forget() -> None:
    """Of sessions that ran out nobody needs to know any more; a job of the link."""
    long_ago = timezone.now() - timedelta(seconds=settings.SESSION_COOKIE_AGE)
    UserSession.objects.filter(last_seen_at__lt=long_ago).delete()


def end(user: User, *, but: str | None = None) -> int:
    """End the user's sessions, except the one with that key. Returns how many there were."""
    ended = [session for session in open_sessions(user) if session.session_key != but]
    for session in ended:
        session.end()
    return len(ended)
