"""The form of the page Desvíos."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse_lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desvios.destination import check_voicemail, clean_number, loop_message, loop_of
from desvios.models import CONTENT, ForwardingRules, facts_of
from desvios.plan import MAX_RING_SECONDS, MIN_RING_SECONDS, Kind, compile_plan
from portal import access_code, phone
from portal.models import clean_display_name
from portal.pbx.types import LineState

NUMBER_WIDGET = forms.TextInput(
    attrs={
        "inputmode": "tel",
        "autocomplete": "off",
        "list": "agenda-numbers",
        "hx-get": reverse_lazy("desvios:numeros"),
        "hx-trigger": "input changed delay:150ms",
        "hx-target": "#agenda-numbers",
        "hx-swap": "innerHTML",
        # After the session's end the answer is the login page, which has none.
        "hx-select": "option",
    }
)
"""A number that is completed from the agenda while somebody types."""


RING_RANGE = format_lazy(
    gettext_lazy("Escribe de {least} a {most} segundos."),
    least=MIN_RING_SECONDS,
    most=MAX_RING_SECONDS,
)


class ForwardingForm(forms.ModelForm):  # type: ignore[type-arg]
    """GENERAL and the four conditional kinds, saved together."""

    display_name = forms.CharField(label=gettext_lazy("Nombre a mostrar"))
    access_code = forms.CharField(
        label=gettext_lazy("Clave de acceso"),
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "inputmode": "numeric"}),
        help_text=gettext_lazy("Déjala en blanco para no cambiarla."),
    )
    ring_seconds = forms.IntegerField(
        label=gettext_lazy("Segundos antes de «no contesta»"),
        min_value=MIN_RING_SECONDS,
        max_value=MAX_RING_SECONDS,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), RING_RANGE),
    )

    class Meta:
        model = ForwardingRules
        fields = CONTENT

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.subscriber = self.instance.subscriber
        self.fields["display_name"].initial = self.subscriber.display_name
        self.fields["display_name"].disabled = "display_name" in settings.LOCKED_FIELDS
        for kind in Kind:
            label = self.fields[f"{kind}_number"].label
            # Anything may be typed; _clean_number says what is wrong with it.
            self.fields[f"{kind}_number"] = forms.CharField(
                label=label, required=False, strip=False, widget=NUMBER_WIDGET
            )
            number = self.initial.get(f"{kind}_number", "")
            self.initial[f"{kind}_number"] = phone.display(number, settings.PHONE_REGION)

    def clean_display_name(self) -> str:
        """One line of printable text that fits on a telephone."""
        return clean_display_name(self.cleaned_data["display_name"])

    def clean_access_code(self) -> str:
        """Digits that can be keyed at a telephone, or nothing."""
        code = str(self.cleaned_data["access_code"])
        if code:
            access_code.check(code, self.subscriber.access_pin)
        return code

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for kind in Kind:
            self._clean_number(f"{kind}_number")
            self._clean_voicemail(f"{kind}_to_voicemail")
        if not self.errors:
            self._check_loops()
        return data

    def _clean_number(self, name: str) -> None:
        """The number in its dialled form, refused at its field with the reason."""
        text = self.cleaned_data.get(name, "").strip()
        enabled = self.cleaned_data.get(f"{name}_enabled")
        if not text:
            if enabled:
                self.add_error(name, _("Escribe el número al que se desvían las llamadas."))
            return
        try:
            number = clean_number(self.subscriber, text, in_use=bool(enabled))
        except ValidationError as error:
            self.add_error(name, error)
        else:
            self.cleaned_data[name] = number

    def _clean_voicemail(self, name: str) -> None:
        try:
            if self.cleaned_data.get(name):
                check_voicemail(self.subscriber)
        except ValidationError as error:
            self.add_error(name, error)

    def _check_loops(self) -> None:
        """Refuse a number from which calls would come back, and show the chain."""
        candidate = ForwardingRules(
            subscriber=self.subscriber, **{name: self.cleaned_data[name] for name in CONTENT}
        )
        plan = compile_plan(facts_of(self.subscriber), candidate.rules())
        chain = loop_of(plan)
        for kind in Kind:
            if chain and getattr(plan, kind) == chain[1]:
                self.add_error(f"{kind}_number", loop_message(chain))


class TrialForm(forms.Form):
    """«¿Qué pasa si me llaman…?»: a moment, a caller and a state of the telephone."""

    STATES = [
        (LineState.IDLE.value, gettext_lazy("libre, y lo cojo")),
        (LineState.NO_ANSWER.value, gettext_lazy("libre, y no lo cojo")),
        (LineState.BUSY.value, gettext_lazy("comunicando")),
        (LineState.NOT_CONNECTED.value, gettext_lazy("no conectado")),
    ]

    estado = forms.ChoiceField(label=gettext_lazy("Mi teléfono está"), choices=STATES)
    llamante = forms.CharField(
        label=gettext_lazy("Me llama"),
        required=False,
        widget=NUMBER_WIDGET,
        help_text=gettext_lazy("En blanco: cualquiera."),
    )
    momento = forms.DateTimeField(
        label=gettext_lazy("Cuándo"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        help_text=gettext_lazy("En blanco: ahora."),
    )

    def clean_llamante(self) -> str:
        """The caller's digits, or nothing."""
        text = self.cleaned_data["llamante"].strip()
        if not text:
            return ""
        try:
            return phone.normalise(text, settings.PHONE_REGION)
        except phone.InvalidNumber as error:
            raise ValidationError(str(error)) from error
