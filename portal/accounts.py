"""Getting in: by number or user name, with the limits that all processes share."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.forms import ChangePasswordForm as AccountChangePasswordForm
from allauth.account.forms import LoginForm as AccountLoginForm
from allauth.account.forms import ReauthenticateForm as AccountReauthenticateForm
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.access import subscriber_of
from portal.models import Subscriber

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


class Adapter(DefaultAccountAdapter):
    """Nobody signs up; who has no number goes to the admin."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _("El número (o usuario) y la contraseña no coinciden."),
        "invalid_login": _("El número (o usuario) y la contraseña no coinciden."),
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
        return reverse("ajustes:ajustes")


def _plain(form: Any) -> None:
    """Fields with labels and without placeholders, which vanish as soon as one types."""
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)


class ChangePasswordForm(AccountChangePasswordForm):
    """The old password, and the new one twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self)
        self.fields["password1"].help_text = _(
            "Ocho caracteres o más; ni solo cifras, ni tu nombre, ni una de las más usadas."
        )


class ReauthenticateForm(AccountReauthenticateForm):
    """The password, once more."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self)


class LoginForm(AccountLoginForm):
    """Number or user name, and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("Número o usuario")
        self.fields["password"].label = _("Contraseña")
        self.fields["password"].help_text = ""
        _plain(self)

    def user_credentials(self) -> dict[str, Any]:
        """A login made of digits is a number, and stands for nobody but its subscriber."""
        credentials: dict[str, Any] = super().user_credentials()
        login = self.cleaned_data["login"]
        if login.isdigit():
            owner = Subscriber.objects.filter(number=login).select_related("user").first()
            # "#" is in no user name, so a number that is nobody's matches nobody.
            credentials["username"] = (
                owner.user.get_username() if owner and owner.user else f"#{login}"
            )
        return credentials
