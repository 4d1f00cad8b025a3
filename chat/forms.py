"""What is asked before a conversation begins, and after it has ended."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from chat.models import MOST_TEXT, Service
from chat.models.conversations import BEST
from portal import phone


class StartForm(forms.Form):
    """To whom, and what. The number is where to call whom nobody could answer."""

    service = forms.ModelChoiceField(
        Service.objects.filter(is_offered=True),
        label=_("Servicio"),
        error_messages={"required": _("Elige un servicio.")},
    )
    text = forms.CharField(
        label=_("¿Qué necesitas?"),
        max_length=MOST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Escribe algo antes de enviar.")},
    )
    number = forms.CharField(
        label=_("Si no puede ser, llamadme al"),
        max_length=phone.LONGEST_INPUT,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
    )
    client_id = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def clean_number(self) -> str:
        """In dialled form; "" where none was given."""
        text: str = self.cleaned_data["number"]
        return dialled(text) if text else ""


class NumberForm(forms.Form):
    """Where to call somebody."""

    number = forms.CharField(label=_("Número al que llamar"), max_length=phone.LONGEST_INPUT)

    def clean_number(self) -> str:
        """In dialled form."""
        return dialled(self.cleaned_data["number"])


class RatingForm(forms.Form):
    """How it was."""

    rating = forms.TypedChoiceField(
        choices=[(n, str(n)) for n in range(1, BEST + 1)], coerce=int, label=_("Valoración")
    )
    comment = forms.CharField(label=_("Comentario"), max_length=300, required=False)


def dialled(text: str) -> str:
    """The digits of a number as people write it."""
    try:
        return phone.normalise(text, settings.PHONE_REGION)
    except phone.InvalidNumber as error:
        raise forms.ValidationError(str(error)) from error


def mark_wrong(form: forms.Form) -> None:
    """Let a screen reader say which fields are wrong."""
    for name in form.errors:
        if name in form.fields:
            attrs: dict[str, Any] = form.fields[name].widget.attrs
            attrs["aria-invalid"] = "true"
