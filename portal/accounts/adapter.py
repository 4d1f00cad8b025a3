"""What happens around a login: where it leads, what it counts towards, what is written down."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.access import subscriber_of
from portal.accounts import history
from portal.accounts.limits import password_key
from portal.models import LoginEvent


class Adapter(DefaultAccountAdapter):
    """Nobody signs up; who has no number goes to the admin."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _("El número (o usuario) y la contraseña no coinciden."),
        "invalid_login": _("El número (o usuario) y la contraseña no coinciden."),
        "incorrect_password": _("Esa no es tu contraseña."),
        "rate_limited": _("Demasiados intentos seguidos. Espera cinco minutos."),
        "too_many_login_attempts": _(
            "Demasiados intentos. Espera cinco minutos y vuelve a probar, "
            "o pide ayuda a quien administra el portal."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: administrators create the users."""
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """The start page, or the admin for those without a number."""
        if subscriber_of(request) is None and request.user.is_staff:
            return reverse("admin:index")
        return reverse("inicio")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to where the password is changed from."""
        return reverse("ajustes:seguridad")

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the try. Raises ``ValidationError`` when there were too many."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            history.note_locked(request, _user_named(credentials))
            raise

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Write down that somebody tried, in vain."""
        user = _user_named(credentials)
        history.note(request, user, LoginEvent.Method.PASSWORD, LoginEvent.Outcome.FAILED)

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        """Write down who came in, and how."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        history.note(request, user, history.method_of(request, user), LoginEvent.Outcome.IN)
        return response

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """The same whatever name the portal is reached by, so that a lock can be taken off."""
        return password_key(credentials.get("username", ""))


def _user_named(credentials: dict[str, Any]) -> User | None:
    return User.objects.filter(username__iexact=credentials.get("username", "")).first()
