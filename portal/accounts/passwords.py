"""Who is let in with a password, and which passwords are not taken."""

import re
from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
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


HOUSE = "webfon asterisk centralita teléfono telefono buzón buzon contraseña extensión extension"
"""What anybody would try here first; the names of the portal's hosts and its path come with it."""


class NotAWordOfTheHouse(CommonPasswordValidator):
    """Refuses such a word, whatever digits and marks stand around it; it counts as too common."""

    def __init__(self) -> None:
        places = [HOUSE, settings.PREFIX, settings.ADDRESS, *settings.ALLOWED_HOSTS]
        self.passwords = set(re.findall(r"[^\W\d_]{3,}", " ".join(places).lower()))

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ``ValidationError`` for a word of the house."""
        super().validate("".join(filter(str.isalpha, password)), user)

    def get_help_text(self) -> str:
        """Nothing that anybody needs to know beforehand."""
        return ""
