"""The page Seguridad: how one gets in, where one is logged in, who came in or tried to.

For everybody who can log in, also for administrators without a number.
"""

from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from ajustes.agents import browser_in_words
from portal.accounts import sessions
from portal.models import LoginEvent

LOGINS_SHOWN = 5
LOGINS_A_PAGE = 50


@login_required
@never_cache
@require_GET
def seguridad(request: HttpRequest) -> HttpResponse:
    """Password, passkeys, second step, recovery codes, open sessions, latest logins."""
    user: Any = request.user
    here = request.session.session_key
    context = {
        **_factors(user),
        "sessions": [
            {
                "session": session,
                "browser": browser_in_words(session.user_agent),
                "is_here": session.session_key == here,
            }
            for session in sessions.open_sessions(user)
        ],
        "logins": [_row(event) for event in _logins(user)[:LOGINS_SHOWN]],
    }
    return render(request, "ajustes/seguridad.html", context)


@login_required
@never_cache
@require_GET
def entradas(request: HttpRequest) -> HttpResponse:
    """Every login under the user's name, and every try."""
    user: Any = request.user
    page = Paginator(_logins(user), LOGINS_A_PAGE).get_page(request.GET.get("pagina"))
    rows = [_row(event) for event in page]
    return render(request, "ajustes/entradas.html", {"page": page, "logins": rows})


def _factors(user: User) -> dict[str, Any]:
    rows = list(Authenticator.objects.filter(user_id=user.pk).order_by("created_at"))
    kinds = {row.type: row for row in rows}
    codes = kinds.get(Authenticator.Type.RECOVERY_CODES)
    return {
        "passkeys": [row for row in rows if row.type == Authenticator.Type.WEBAUTHN],
        "application": kinds.get(Authenticator.Type.TOTP),
        "codes": codes,
        "codes_left": len(codes.wrap().get_unused_codes()) if codes else 0,
    }


def _logins(user: User) -> Any:
    return LoginEvent.objects.filter(user=user)


def _row(event: LoginEvent) -> dict[str, Any]:
    return {"event": event, "browser": browser_in_words(event.user_agent)}
