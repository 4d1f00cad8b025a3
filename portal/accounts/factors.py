"""Second factors and passkeys: what they are called, how their secrets are kept, their forms."""

import base64
import hashlib
import logging
import struct
from typing import Any

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm as MFAAuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as MFAReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm as MFAActivateTOTPForm
from allauth.mfa.totp.internal.auth import generate_totp_secret
from allauth.mfa.webauthn.forms import AddWebAuthnForm as MFAAddWebAuthnForm
from allauth.mfa.webauthn.forms import AuthenticateWebAuthnForm as MFAAuthenticateWebAuthnForm
from allauth.mfa.webauthn.forms import EditWebAuthnForm as MFAEditWebAuthnForm
from allauth.mfa.webauthn.forms import LoginWebAuthnForm as MFALoginWebAuthnForm
from allauth.mfa.webauthn.forms import ReauthenticateWebAuthnForm as MFAReauthenticateWebAuthnForm
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django import forms
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from fido2.webauthn import AuthenticationResponse, RegistrationResponse

from portal.accounts import history
from portal.accounts.forms import plain
from portal.models import PRINTABLE, LoginEvent, Subscriber

logger = logging.getLogger(__name__)

LONGEST_NAME = 40

NONSENSE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, struct.error)
"""What the reader of passkeys raises for what no browser sends."""


class FactorAdapter(DefaultMFAAdapter):
    """Names in words that people know, and secrets that a stolen database does not give away."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": gettext_lazy("Eso no vale. Prueba otra vez."),
        "cannot_generate_recovery_codes": gettext_lazy(
            "Los códigos de recuperación acompañan a una aplicación o una llave de acceso: "
            "añade antes una de ellas."
        ),
    }

    def encrypt(self, text: str) -> str:
        """The text as it is stored; ``SECRET_KEY`` opens it."""
        sealed: bytes = _cipher().encrypt(text.encode())
        return sealed.decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The text again; where no key opens it, something that no code will ever fit."""
        try:
            opened: bytes = _cipher().decrypt(encrypted_text.encode())
        except InvalidToken:
            logger.error("a second factor was stored under another SECRET_KEY: reset it")
            return str(generate_totp_secret())
        return opened.decode()

    def build_totp_svg(self, url: str) -> str:
        """The QR code to stand inside a page."""
        svg: str = super().build_totp_svg(url)
        return svg[svg.index("<svg") :]

    def generate_authenticator_name(self, user: Any, type: Any) -> str:  # noqa: A002 - allauth's
        """What a new passkey is called until somebody calls it otherwise."""
        return _("Mi llave de acceso")

    def _get_site_name(self) -> str:
        """What authenticators show as the place that a key is for."""
        return "Webfon"

    def _get_user_identifier(self, user: Any) -> str:
        """The number, by which people know themselves here."""
        subscriber = Subscriber.objects.filter(user=user).first()
        return subscriber.number if subscriber else str(user.get_username())


def _cipher() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [hashlib.sha256(f"webfon factors {key!s}".encode()).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


class CredentialField(forms.JSONField):
    """What a browser says in a passkey's name, refused in words where it makes no sense."""

    def __init__(self, kind: Any) -> None:
        super().__init__(widget=forms.HiddenInput)
        self.kind = kind

    def clean(self, value: Any) -> Any:
        """Raise ``ValidationError`` for what fido2 would stumble over."""
        credential = super().clean(value)
        try:
            self.kind.from_dict(credential)
        except NONSENSE as error:
            raise ValidationError(FactorAdapter.error_messages["incorrect_code"]) from error
        return credential


class AuthenticateForm(MFAAuthenticateForm):
    """The second step of a login: a code of the application, or one for recovery."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _label_code(self)

    def clean_code(self) -> str:
        """The code, if it is right. A wrong one is written down."""
        try:
            return _used_up(self.user, super().clean_code())
        except ValidationError:
            _note_failed(self.user, LoginEvent.Method.CODE)
            raise


class AuthenticateWebAuthnForm(MFAAuthenticateWebAuthnForm):
    """The second step with a passkey."""

    credential = CredentialField(AuthenticationResponse)

    def clean_credential(self) -> Any:
        """The passkey, if it is this user's. Another is written down."""
        try:
            return super().clean_credential()
        except ValidationError:
            _note_failed(self.user, LoginEvent.Method.PASSWORD_AND_PASSKEY)
            raise


class LoginWebAuthnForm(MFALoginWebAuthnForm):
    """A login with a passkey alone."""

    credential = CredentialField(AuthenticationResponse)


class ReauthenticateWebAuthnForm(MFAReauthenticateWebAuthnForm):
    """A passkey, by somebody who is logged in."""

    credential = CredentialField(AuthenticationResponse)


class ReauthenticateForm(MFAReauthenticateForm):
    """A code, by somebody who is logged in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _label_code(self)

    def clean_code(self) -> str:
        """The code, if it is right and new."""
        return _used_up(self.user, super().clean_code())


class ActivateTOTPForm(MFAActivateTOTPForm):
    """The first code that the application shows."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plain(self)
        self.fields["code"].label = _("Código que muestra la aplicación")
        self.fields["code"].widget.attrs["inputmode"] = "numeric"


def _name_field(*, required: bool) -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("Nombre de la llave"),
        required=required,
        validators=[MaxLengthValidator(LONGEST_NAME), PRINTABLE],
        help_text=gettext_lazy("Para reconocerla después: «Portátil», «Móvil de empresa»."),
    )


class AddWebAuthnForm(MFAAddWebAuthnForm):
    """A new passkey and what it is called."""

    name = _name_field(required=False)
    credential = CredentialField(RegistrationResponse)


class EditWebAuthnForm(MFAEditWebAuthnForm):
    """What a passkey is called."""

    name = _name_field(required=True)


def _label_code(form: Any) -> None:
    plain(form)
    form.fields["code"].label = _("Código")
    form.fields["code"].help_text = _(
        "El de seis cifras que muestra tu aplicación, o uno de tus códigos de recuperación."
    )


def _used_up(user: Any, code: str) -> str:
    """The code, which from now on opens nothing: allauth forgets it while it would still fit."""
    steps = 1 + 2 * settings.MFA_TOTP_TOLERANCE
    digits = "".join(filter(str.isalnum, code))
    if not cache.add(f"code-used-{user.pk}-{digits}", True, timeout=steps * 30):
        raise ValidationError(FactorAdapter.error_messages["incorrect_code"])
    return code


def _note_failed(user: Any, method: str) -> None:
    history.note(context.request, user, method, LoginEvent.Outcome.FAILED)
