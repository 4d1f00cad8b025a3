"""Who is let in with a password, and which passwords are not taken."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

DEMO_PASSWORD = "webfon-demo"  # noqa: S105 - everybody may know it; outside the demo it is refused


class Backend(AuthenticationBackend):
    """The demo's password opens nothing outside the demo, even with the demo's database."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> Any:
        """The user whose credentials these are, if they may be used here."""
        if credentials.get("password") == DEMO_PASSWORD and not settings.DEMO:
            return None
        return super().authenticate(request, **credentials)


class NotTheDemoPassword:
    """Refuses to set what could not be used."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ``ValidationError`` for the demo's password outside the demo."""
        if password == DEMO_PASSWORD and not settings.DEMO:
            raise ValidationError(_("Esa contraseña es la de la demostración: elige otra."))

    def get_help_text(self) -> str:
        """Nothing that anybody needs to know beforehand."""
        return ""
