"""Who came in, or tried to. Only ever added to."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.pbx.logins import MissedLogin


class PendingLogin(models.Model):
    """A login or logout at a telephone of which a node that was away is still to hear."""

    node = models.CharField(max_length=40)
    device = models.CharField(max_length=80)
    subscriber_number = models.CharField(max_length=15)
    is_in = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("entrada en un teléfono por llevar")
        verbose_name_plural = _("entradas en teléfonos por llevar")
        constraints = [
            models.UniqueConstraint(fields=["node", "device"], name="pending_login_once")
        ]

    def __str__(self) -> str:
        return f"{self.subscriber_number} {'in at' if self.is_in else 'out of'} {self.device}"

    def missed(self) -> MissedLogin:
        """As the telephone system takes it."""
        return MissedLogin(
            device=self.device,
            subscriber=self.subscriber_number,
            is_in=self.is_in,
            at=self.at,
        )


class LoginEvent(models.Model):
    """One login that succeeded or failed. Never changed or removed; holds nothing that was typed.

    ``user`` and ``username`` are empty where nobody has the name that was given. At a telephone,
    whose name ``device`` is then, somebody without a user stands here by the number.
    """

    LONGEST_AGENT = 200

    class Method(models.TextChoices):
        """What was shown at the door."""

        PASSWORD = "password", _("Contraseña")
        APP = "app", _("Contraseña y código de la aplicación")
        RECOVERY_CODE = "recovery", _("Contraseña y código de recuperación")
        PASSWORD_AND_PASSKEY = "password_passkey", _("Contraseña y llave de acceso")
        CODE = "code", _("Código del segundo paso")
        PASSKEY = "passkey", _("Llave de acceso")
        TELEPHONE = "telephone", _("PIN y clave en un teléfono")

    class Outcome(models.TextChoices):
        """What came of it."""

        IN = "in", _("Entró")
        FAILED = "failed", _("No coincidía")
        LOCKED = "locked", _("Bloqueado por demasiados intentos")
        OUT = "out", _("Salió")
        DISPLACED = "displaced", _("Entró otra persona en su lugar")

    at = models.DateTimeField(_("cuándo"), db_index=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="login_events",
        verbose_name=_("quién"),
        db_index=False,
    )
    username = models.CharField(_("usuario"), max_length=150, blank=True)
    address = models.GenericIPAddressField(_("desde dónde"), null=True)
    user_agent = models.CharField(_("con qué navegador"), max_length=LONGEST_AGENT, blank=True)
    device = models.CharField(_("teléfono"), max_length=80, blank=True)
    method = models.CharField(_("con qué"), max_length=20, choices=Method)
    outcome = models.CharField(_("resultado"), max_length=10, choices=Outcome)

    class Meta:
        verbose_name = _("entrada")
        verbose_name_plural = _("registro de entradas")
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["user", "-at"], name="login_of_user")]
        permissions = [
            ("unlock_login", _("Puede desbloquear a quien se equivocó demasiado")),
            ("unlock_access_code", _("Puede desbloquear la clave de los teléfonos")),
            ("end_sessions", _("Puede cerrar las sesiones de otros")),
            ("reset_factors", _("Puede quitar a otros el segundo paso y las llaves de acceso")),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.username} {self.outcome}"
