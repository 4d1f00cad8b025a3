"""The clave de acceso: its form, and storing it."""

from datetime import datetime
from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal import access_code
from portal.audit import record
from portal.models import AuditEvent, Subscriber

FIELD = "access_code"


def _secret(label: Any, **more: Any) -> forms.CharField:
    attributes = {"autocomplete": "new-password", "inputmode": "numeric"}
    return forms.CharField(
        label=label, strip=False, widget=forms.PasswordInput(attrs=attributes), **more
    )


class CodeForm(forms.Form):
    """A new clave, twice, as nobody sees what is typed."""

    code = _secret(
        gettext_lazy("Clave nueva"),
        help_text=gettext_lazy("De 6 a 12 cifras. No es la contraseña del portal."),
        error_messages={"required": gettext_lazy("Escribe la clave nueva.")},
    )
    again = _secret(
        gettext_lazy("Otra vez la clave nueva"),
        error_messages={"required": gettext_lazy("Escribe la clave otra vez.")},
    )

    def __init__(self, subscriber: Subscriber, data: Any = None) -> None:
        super().__init__(data)
        self.subscriber = subscriber

    def clean_code(self) -> str:
        """Digits that can be keyed at a telephone, and not the first to be tried."""
        code = str(self.cleaned_data["code"])
        access_code.check(code, self.subscriber.access_pin, self.subscriber.number)
        return code

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("code") and data.get("again") and data["code"] != data["again"]:
            self.add_error("again", _("No es la misma clave. Escríbela otra vez."))
        return data


def save(request: HttpRequest, subscriber: Subscriber, code: str, *, at: datetime) -> None:
    """Store it, hashed, and log that it changed; as on the page Desvíos, and in that page's log.

    It is a new version of the plan, which the link applies.
    """
    with transaction.atomic():
        current = Subscriber.objects.select_for_update().get(pk=subscriber.pk)
        current.access_code = access_code.protect(code)
        current.revision += 1
        current.save(update_fields=[FIELD, "revision"])
        record(
            request,
            current,
            AuditEvent.Action.FORWARDING,
            before={FIELD: False},
            after={FIELD: True},
            at=at,
        )
