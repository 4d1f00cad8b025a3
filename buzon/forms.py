"""The forms of this tab."""

import re
import unicodedata
from datetime import datetime
from itertools import pairwise
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from buzon.changes import MOST_COLLEAGUES
from buzon.listing import FOLDERS
from buzon.models import LONGEST_ID, LONGEST_NOTE, MailboxOptions, options_of
from buzon.sound import convert
from portal.models import Subscriber, voicemail_languages
from portal.pbx.types import Greeting

SHORTEST_PIN, LONGEST_PIN = 4, 10
MOST_CHOSEN = 200


class ActionForm(forms.Form):
    """What is to be done with which messages; ``ids`` holds each once."""

    MARK_HEARD, MARK_NEW = "oido", "nuevo"
    MOVE, DISCARD, RESTORE, REMOVE = "mover", "borrar", "recuperar", "eliminar"
    ACTIONS = (MARK_HEARD, MARK_NEW, MOVE, DISCARD, RESTORE, REMOVE)

    action = forms.ChoiceField(choices=[(name, name) for name in ACTIONS])
    folder = forms.ChoiceField(choices=FOLDERS.items(), required=False)
    ids = forms.Field(widget=forms.MultipleHiddenInput, required=False)

    def clean_ids(self) -> list[str]:
        ids: list[str] = list(dict.fromkeys(self.cleaned_data["ids"] or []))
        if not ids:
            raise ValidationError(_("Elige al menos un mensaje."))
        if len(ids) > MOST_CHOSEN:
            raise ValidationError(_("Elige %d mensajes como mucho de una vez.") % MOST_CHOSEN)
        return [each for each in ids if len(each) <= LONGEST_ID]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("action") == self.MOVE and not data.get("folder"):
            self.add_error("folder", _("Elige la carpeta a la que los quieres mover."))
        return data


class ForwardForm(forms.Form):
    """To whom a message is sent on; ``cleaned_data["to"]`` holds their numbers."""

    to = forms.CharField(
        label=gettext_lazy("Para"),
        help_text=gettext_lazy("Números de compañeros, separados por comas o espacios."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Escribe el número de quien lo va a recibir.")},
    )
    note = forms.CharField(
        label=gettext_lazy("Nota"),
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, subscriber: Subscriber, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.subscriber = subscriber

    def clean_to(self) -> list[str]:
        numbers = list(dict.fromkeys(re.split(r"[\s,;]+", self.cleaned_data["to"].strip(" ,;"))))
        if len(numbers) > MOST_COLLEAGUES:
            raise ValidationError(
                _("Reenvíalo a %d compañeros como mucho de una vez.") % MOST_COLLEAGUES
            )
        mailboxes = dict(
            Subscriber.objects.filter(number__in=numbers).values_list("number", "mailbox")
        )
        errors = [
            error for each in numbers if (error := self._why_not(each, mailboxes.get(each, "")))
        ]
        if errors:
            raise ValidationError(errors)
        return numbers

    def clean_note(self) -> str:
        note: str = self.cleaned_data["note"]
        if any(unicodedata.category(each) in {"Cc", "Cf"} for each in note if each not in "\r\n\t"):
            raise ValidationError(_("La nota contiene caracteres que no se ven."))
        return note

    def _why_not(self, number: str, mailbox: str) -> str:
        if mailbox and mailbox == self.subscriber.mailbox:
            return _("%s es tu propio buzón: el mensaje ya está en él.") % number
        return "" if mailbox else _("«%s» no es un compañero con buzón de voz.") % number[:40]


class GreetingForm(forms.Form):
    """A sound for a greeting; ``cleaned_data["recording"]`` is ready to be put in force."""

    recording = forms.FileField(
        label=gettext_lazy("Grabación"),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": "audio/*,.wav,.mp3,.ogg,.oga,.opus,.flac,.m4a"}),
        error_messages={"required": gettext_lazy("Elige el archivo con la grabación.")},
    )
    until = forms.DateTimeField(
        label=gettext_lazy("Hasta"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=gettext_lazy("Después se vuelve a oír el saludo de siempre."),
    )

    def __init__(self, greeting: Greeting, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if greeting is not Greeting.TEMPORARY:
            del self.fields["until"]

    def clean_recording(self) -> bytes:
        return convert(self.cleaned_data["recording"])

    def clean_until(self) -> datetime | None:
        until: datetime | None = self.cleaned_data["until"]
        if until and until <= timezone.now():
            raise ValidationError(_("Ese momento ya ha pasado."))
        return until


class DraftForm(GreetingForm):
    """Until when what was recorded at the telephone is to be heard."""

    recording = None  # type: ignore[assignment]


class OptionsForm(forms.Form):
    """PIN, notices and language. The PIN is ``""`` where it stays as it is."""

    pin = forms.CharField(
        label=gettext_lazy("PIN nuevo del buzón"),
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "inputmode": "numeric"}),
        help_text=gettext_lazy("De 4 a 10 cifras. Déjalo en blanco para no cambiarlo."),
    )
    pin_again = forms.CharField(
        label=gettext_lazy("PIN nuevo, otra vez"),
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "inputmode": "numeric"}),
    )
    notice = forms.ChoiceField(
        label=gettext_lazy("Cuando llega un mensaje"),
        choices=MailboxOptions.Notice,
        widget=forms.RadioSelect,
    )
    email = forms.EmailField(label=gettext_lazy("Correo"), required=False)
    language = forms.ChoiceField(label=gettext_lazy("Idioma de la locución"), required=False)

    def __init__(self, subscriber: Subscriber, *args: Any, **kwargs: Any) -> None:
        options = options_of(subscriber)
        own = subscriber.user.email if subscriber.user else ""
        kwargs["initial"] = {
            "notice": options.notice,
            "email": options.email or own,
            "language": subscriber.voicemail_language,
            **kwargs.get("initial", {}),
        }
        super().__init__(*args, **kwargs)
        self.subscriber = subscriber
        languages = [("", _("El de la centralita")), *voicemail_languages()]
        self.fields["language"].choices = languages  # type: ignore[attr-defined]

    def clean_pin(self) -> str:
        pin: str = self.cleaned_data["pin"]
        if pin and not re.fullmatch(f"[0-9]{{{SHORTEST_PIN},{LONGEST_PIN}}}", pin):
            raise ValidationError(_("El PIN tiene de 4 a 10 cifras."))
        if pin and _is_trivial(pin, self.subscriber):
            raise ValidationError(_("Ese PIN es muy fácil de adivinar. Elige otro."))
        return pin

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "pin" in data and data["pin"] != data.get("pin_again"):
            self.add_error("pin_again", _("Los dos PIN no coinciden."))
        if data.get("notice") != MailboxOptions.Notice.NONE and data.get("email") == "":
            self.add_error("email", _("Escribe el correo al que se avisa."))
        return data


def _is_trivial(pin: str, subscriber: Subscriber) -> bool:
    """Whether it is among the first that anybody would try."""
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(pin)}
    box = subscriber.mailbox.partition("@")[0]
    halves = {pin[: len(pin) // 2], pin[len(pin) // 2 :]}
    own = {subscriber.number, box} - {""}
    return steps in ({0}, {1}, {9}) or len(halves) == 1 or any(each in pin for each in own)
