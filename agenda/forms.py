"""The form of a contact."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agenda import proposals
from agenda.models import Contact, ContactNumber, NumberType
from portal import phone
from portal.models import Subscriber

FIELDS = (
    "first_name",
    "last_name",
    "second_last_name",
    "display_name",
    "company",
    "address",
    "postcode",
    "city",
    "province",
    "number",
    "number_type",
    "email",
)
MOST_FURTHER_NUMBERS = 9
MOST_CHOSEN = 500
TYPE_CHOICES = [("", gettext_lazy("Según el número")), *NumberType.choices]
REQUIRED = {
    "first_name": gettext_lazy("Escribe el nombre."),
    "display_name": gettext_lazy("Escribe cómo se ha de ver el nombre en pantalla."),
    "number": gettext_lazy("Escribe el número de teléfono."),
}


class NumberField(forms.CharField):
    """A number as people write it; its clean form is the digits to dial, ``""`` for none."""

    widget = forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off", "maxlength": "40"})

    def prepare_value(self, value: Any) -> Any:
        """Stored digits are shown grouped; what was typed stays as it is."""
        text = str(value or "")
        return phone.display(text, settings.PHONE_REGION) if text.isdigit() else value

    def clean(self, value: Any) -> str:
        text = super().clean(value).strip()
        try:
            return phone.normalise(text, settings.PHONE_REGION) if text else ""
        except phone.InvalidNumber as error:
            raise ValidationError(str(error)) from error


class TypeField(forms.ChoiceField):
    """Landline or mobile; left open, the number decides."""

    def __init__(self, **kwargs: Any) -> None:
        label = gettext_lazy("Tipo")
        super().__init__(label=label, choices=TYPE_CHOICES, required=False, **kwargs)


class ContactForm(forms.ModelForm):  # type: ignore[type-arg]
    """A subscriber's own contact. What is left open is proposed: screen name, type, province."""

    number = NumberField(label=gettext_lazy("Número de teléfono"))
    number_type = TypeField()

    class Meta:
        model = Contact
        fields = FIELDS

    def __init__(self, subscriber: Subscriber, *args: Any, **kwargs: Any) -> None:
        own = Contact(owner=subscriber, book=Contact.Book.PERSONAL, number_type="")
        kwargs["instance"] = kwargs.get("instance") or own
        super().__init__(*args, **kwargs)
        for name, message in REQUIRED.items():
            self.fields[name].error_messages["required"] = message
            self.fields[name].widget.attrs["aria-required"] = "true"
        for field in self.fields.values():
            field.widget.attrs["autocomplete"] = "off"
        self.fields["display_name"].required = False  # until nothing can be proposed
        self.fields["postcode"].widget.attrs["inputmode"] = "numeric"
        self.fields["email"].widget.attrs["inputmode"] = "email"

    def clean(self) -> dict[str, Any]:
        """Fill in what was left open."""
        data = super().clean() or self.cleaned_data
        for name, value in data.items():
            if isinstance(value, str):
                data[name] = " ".join(value.split())
        names = (data.get(n, "") for n in ("first_name", "last_name", "second_last_name"))
        longest = Contact._meta.get_field("display_name").max_length
        data["display_name"] = (data.get("display_name") or proposals.display_name(*names))[
            :longest
        ]
        if not data["display_name"] and "first_name" not in self.errors:
            self.add_error("display_name", str(REQUIRED["display_name"]))
        data["province"] = data.get("province") or proposals.province(data.get("postcode", ""))
        if not data.get("number_type"):
            number = data.get("number", "")
            data["number_type"] = proposals.number_type(number, settings.PHONE_REGION)
        return data


class FurtherNumberForm(forms.Form):
    """Another number of the same contact; an empty one counts for nothing."""

    number = NumberField(label=gettext_lazy("Otro número"), required=False)
    number_type = TypeField()

    def clean(self) -> dict[str, Any]:
        """The number decides its type where it was left open."""
        data = super().clean() or self.cleaned_data
        if not data.get("number_type"):
            number = data.get("number", "")
            data["number_type"] = proposals.number_type(number, settings.PHONE_REGION)
        return data


FurtherNumbers = forms.formset_factory(
    FurtherNumberForm,
    extra=1,
    max_num=MOST_FURTHER_NUMBERS,
    absolute_max=MOST_FURTHER_NUMBERS + 10,
    validate_max=True,
)
"""As many further numbers as there are, and one that is empty."""


def further_numbers(data: Any, contact: Contact) -> Any:
    """The bound or unbound formset of a contact's further numbers."""
    stored = contact.more_numbers.all() if contact.pk else ContactNumber.objects.none()
    initial = [{"number": row.number, "number_type": row.number_type} for row in stored]
    formset = FurtherNumbers(data, initial=None if data else initial, prefix="mas")
    if not data:
        formset.extra = 1
    return formset


def numbers_in(formset: Any) -> list[tuple[str, str]]:
    """What a valid formset of further numbers holds."""
    rows = [form.cleaned_data for form in formset.forms if form.cleaned_data.get("number")]
    return [(row["number"], row["number_type"]) for row in rows]


def too_many() -> str:
    """What to say of more further numbers than there may be."""
    return _("Un contacto puede tener %(most)d números más como mucho.") % {
        "most": MOST_FURTHER_NUMBERS
    }


class KeysField(forms.Field):
    """Ids of contacts, each once; whose they are, the queries say."""

    widget = forms.SelectMultiple

    def clean(self, value: Any) -> list[int]:
        """What is no id is nobody's."""
        sent = dict.fromkeys(value or [])
        keys = [int(key) for key in sent if key.isascii() and key.isdigit() and len(key) < 18]
        if not keys:
            raise ValidationError(_("Elige al menos un contacto."))
        if len(keys) > MOST_CHOSEN:
            raise ValidationError(
                _("Elige %(most)d contactos como mucho de una vez.") % {"most": MOST_CHOSEN}
            )
        return keys


class ActionForm(forms.Form):
    """What is to be done with which contacts; ``ids`` holds each once."""

    FAVOUR, UNFAVOUR = "favorito", "no-favorito"
    DISCARD, RESTORE, REMOVE = "borrar", "recuperar", "eliminar"

    action = forms.ChoiceField(
        choices=[(each, each) for each in (FAVOUR, UNFAVOUR, DISCARD, RESTORE, REMOVE)],
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), gettext_lazy("Elige qué hacer con los contactos.")
        ),
    )
    ids = KeysField()
