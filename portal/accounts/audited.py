"""Writing down what changes about somebody's way in: that it changed, never a secret."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from portal.audit import record
from portal.models import AuditEvent, Subscriber

View = Callable[..., HttpResponse]


def record_security(
    request: HttpRequest, user: User, *, before: dict[str, Any], after: dict[str, Any]
) -> AuditEvent:
    """Write down a change of this user's way in; whoever is logged in made it."""
    subscriber = Subscriber.objects.filter(user=user).first()
    if subscriber is None:
        before, after = {"user": user.get_username(), **before}, {**after}
    return record(
        request,
        subscriber,
        AuditEvent.Action.SECURITY,
        before=before,
        after=after,
        at=timezone.now(),
    )


def factors_of(user: User) -> dict[int, str]:
    """The user's second factors and passkeys: for each its kind, of a passkey also its name."""
    return {row.pk: _named(row) for row in Authenticator.objects.filter(user_id=user.pk)}


def audited(view: View) -> View:
    """Write down which factors a page added or took away."""

    @wraps(view)
    def watched(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST" or not request.user.is_authenticated:
            return view(request, *args, **kwargs)
        before = factors_of(request.user)
        response = view(request, *args, **kwargs)
        after = factors_of(request.user)
        if before != after:
            record_security(
                request,
                request.user,
                before={"factors": sorted(before.values())},
                after={
                    "factors": sorted(after.values()),
                    "new": sorted(after[pk] for pk in after.keys() - before.keys()),
                },
            )
        return response

    return watched


def _named(row: Authenticator) -> str:
    name = row.data.get("name", "") if row.type == Authenticator.Type.WEBAUTHN else ""
    return f"{row.type}: {name}" if name else str(row.type)
