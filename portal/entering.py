"""Settings of the door: who is let in, with what, after how many tries. Same everywhere."""

AUTHENTICATION_BACKENDS = ["portal.accounts.passwords.Backend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "inicio"
AUTH_PASSWORD_VALIDATORS = [
    *(
        {"NAME": f"django.contrib.auth.password_validation.{name}"}
        for name in (
            "UserAttributeSimilarityValidator",
            "MinimumLengthValidator",
            "CommonPasswordValidator",
            "NumericPasswordValidator",
        )
    ),
    {"NAME": "portal.accounts.passwords.NotTheDemoPassword"},
    {"NAME": "portal.accounts.passwords.NotAWordOfTheHouse"},
]

ACCOUNT_ADAPTER = "portal.accounts.adapter.Adapter"
ACCOUNT_FORMS = {
    "login": "portal.accounts.forms.LoginForm",
    "change_password": "portal.accounts.forms.ChangePasswordForm",
    "reauthenticate": "portal.accounts.forms.ReauthenticateForm",
}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "20/m/ip,5/5m/key",
    "change_password": "5/m/user",
    "reauthenticate": "10/m/user",
}

MFA_ADAPTER = "portal.accounts.factors.FactorAdapter"
MFA_FORMS = {
    "authenticate": "portal.accounts.factors.AuthenticateForm",
    "authenticate_webauthn": "portal.accounts.factors.AuthenticateWebAuthnForm",
    "login_webauthn": "portal.accounts.factors.LoginWebAuthnForm",
    "reauthenticate": "portal.accounts.factors.ReauthenticateForm",
    "reauthenticate_webauthn": "portal.accounts.factors.ReauthenticateWebAuthnForm",
    "activate_totp": "portal.accounts.factors.ActivateTOTPForm",
    "add_webauthn": "portal.accounts.factors.AddWebAuthnForm",
    "edit_webauthn": "portal.accounts.factors.EditWebAuthnForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Webfon"
MFA_TOTP_TOLERANCE = 1  # steps of half a minute that a clock may be wrong
