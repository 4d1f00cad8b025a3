"""The forms at the door and of the password."""

from typing import Any

from allauth.account.forms import ChangePasswordForm as AccountChangePasswordForm
from allauth.account.forms import LoginForm as AccountLoginForm
from allauth.account.forms import ReauthenticateForm as AccountReauthenticateForm
from allauth.core import context
from django.utils.translation import gettext_lazy as _

from portal.accounts.audited import record_security
from portal.models import Subscriber


def plain(form: Any) -> None:
    """Fields with labels and without placeholders, which vanish as soon as one types."""
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)


class ChangePasswordForm(AccountChangePasswordForm):
    """The old password, and the new one twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plain(self)
        self.fields["password1"].help_text = _(
            "Ocho caracteres o más; ni solo cifras, ni tu nombre, ni una de las más usadas."
        )

    def save(self) -> None:
        """Set it, and write down that it was changed."""
        super().save()
        record_security(context.request, self.user, before={}, after={"password": True})


class ReauthenticateForm(AccountReauthenticateForm):
    """The password, once more."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plain(self)


class LoginForm(AccountLoginForm):
    """Number or user name, and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("Número o usuario")
        self.fields["password"].label = _("Contraseña")
        self.fields["password"].help_text = ""
        plain(self)

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
