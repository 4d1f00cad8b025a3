"""The form of the contact data."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from ajustes import profile
from portal import phone
from portal.models import PRINTABLE, Subscriber, clean_display_name

LONGEST_NAME, LONGEST_DEPARTMENT, LONGEST_EMAIL = 60, 60, 120


def _line(label: Any, longest: int, autocomplete: str, **more: Any) -> forms.CharField:
    """One line of text. What was typed is shown again as it was, however wrong."""
    limit = MaxLengthValidator(longest, _("Escribe %(limit_value)d caracteres como mucho."))
    widget = forms.TextInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(
        label=label, required=False, validators=[limit, PRINTABLE], widget=widget, **more
    )


class ProfileForm(forms.Form):
    """Name, what telephones show, and how else to reach the person.

    A field that the administrator locked cannot be changed, whatever is sent.
    """

    first_name = _line(_("Nombre"), LONGEST_NAME, "given-name")
    last_name = _line(_("Apellidos"), LONGEST_NAME, "family-name")
    display_name = forms.CharField(
        label=_("Nombre a mostrar"),
        help_text=_(
            "El que ven en su teléfono aquellos a quienes llamas. También está en Desvíos."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    email = forms.EmailField(
        label=_("Correo"),
        required=False,
        max_length=LONGEST_EMAIL,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "invalid": _("Escribe una sola dirección, como nombre@empresa.es."),
            "max_length": _("La dirección puede tener %(limit_value)d caracteres como mucho."),
        },
    )
    mobile = forms.CharField(
        label=_("Móvil"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    department = _line(_("Departamento"), LONGEST_DEPARTMENT, "organization-title")

    def __init__(self, subscriber: Subscriber, data: Any = None) -> None:
        initial = profile.content(subscriber)
        initial["mobile"] = phone.display(initial["mobile"], settings.PHONE_REGION)
        super().__init__(data, initial=initial)
        for name, field in self.fields.items():
            field.disabled = name in settings.LOCKED_FIELDS
            # What somebody else changed since the page was shown is not changed back.
            field.show_hidden_initial = not field.disabled
        self.subscriber = subscriber

    def wanted(self) -> dict[str, str]:
        """What the person changed on the page."""
        return {name: self.cleaned_data[name] for name in self.changed_data}

    def clean_display_name(self) -> str:
        """One line of printable text that fits on a telephone."""
        return clean_display_name(self.cleaned_data["display_name"])

    def clean_mobile(self) -> str:
        """The number as it is dialled, or nothing."""
        text = self.cleaned_data["mobile"].strip()
        if not text:
            return ""
        try:
            return phone.normalise(text, settings.PHONE_REGION)
        except phone.InvalidNumber as error:
            raise ValidationError(str(error)) from error
