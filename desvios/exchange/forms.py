"""The forms by which calendars come from elsewhere."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desvios.calendar.pages.initial import TO_NUMBER
from desvios.destination import clean_destination
from desvios.exchange.arriving import MOST_CHOSEN, Arrivals
from desvios.exchange.fetch import Unfetchable, checked
from desvios.exchange.ics_lines import MAX_BYTES
from desvios.exchange.models import LONGEST_URL
from desvios.forms import NUMBER_WIDGET
from portal.models import PRINTABLE, Subscriber
from portal.pbx.types import VOICEMAIL

MOST_FEEDS = 5


class DestinationForm(forms.Form):
    """Where calls go meanwhile; ``destination`` is the checked answer."""

    to = forms.ChoiceField(
        label=gettext_lazy("Adónde van las llamadas"),
        widget=forms.RadioSelect,
        initial=VOICEMAIL,
        choices=[
            (VOICEMAIL, gettext_lazy("Al buzón de voz")),
            (TO_NUMBER, gettext_lazy("A un número")),
        ],
    )
    number = forms.CharField(
        label=gettext_lazy("Número"), required=False, strip=False, widget=NUMBER_WIDGET
    )

    def __init__(self, subscriber: Subscriber, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.subscriber = subscriber

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        to = data.get("to")
        number = data.get("number", "").strip()
        if to == TO_NUMBER and not number:
            self.add_error("number", _("Escribe el número al que se desvían las llamadas."))
        elif to:
            try:
                wanted = VOICEMAIL if to == VOICEMAIL else number
                data["destination"] = clean_destination(self.subscriber, wanted)
            except ValidationError as error:
                self.add_error("to" if to == VOICEMAIL else "number", error)
        return data


class UploadForm(forms.Form):
    """A calendar file; its cleaned value is what is in it."""

    file = forms.FileField(
        label=gettext_lazy("Archivo del calendario (.ics)"),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".ics,text/calendar"}),
        error_messages={"required": gettext_lazy("Elige el archivo .ics que quieres importar.")},
    )

    def clean_file(self) -> bytes:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise ValidationError(_("El archivo pasa de 2 MB."))
        data: bytes = file.read()
        return data


class ChooseForm(DestinationForm):
    """Which events of a file are imported, and where their calls go."""

    keep_own = forms.BooleanField(
        label=gettext_lazy("Donde el archivo ya dice adónde, dejarlo así"),
        required=False,
        initial=True,
    )
    chosen = forms.MultipleChoiceField(
        label=gettext_lazy("Eventos"),
        error_messages={"required": gettext_lazy("Elige al menos un evento.")},
    )

    def __init__(self, subscriber: Subscriber, found: Arrivals, *args: Any, **kwargs: Any) -> None:
        super().__init__(subscriber, *args, **kwargs)
        self.found = found
        self.fields["chosen"].choices = [(row.name, row.title) for row in found.rows]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        chosen = set(data.get("chosen", []))
        if len(chosen) > MOST_CHOSEN:
            self.add_error("chosen", _("Elige %d eventos como mucho de una vez.") % MOST_CHOSEN)
        if data.get("keep_own"):
            rows = (row for row in self.found.rows if row.name in chosen)
            self._check_own({each for row in rows for each in row.draft.own_destinations()})
        return data

    def _check_own(self, destinations: set[str]) -> None:
        """What the file says is checked like anything that is typed."""
        for each in sorted(destinations):
            try:
                if clean_destination(self.subscriber, each) != each:
                    raise ValidationError(_("«%s» no es un destino.") % each)
            except ValidationError as error:
                self.add_error("keep_own", error)


class NamedForm(DestinationForm):
    """What every subscription says of itself."""

    name = forms.CharField(
        label=gettext_lazy("Nombre"),
        max_length=60,
        validators=[PRINTABLE],
        error_messages={"required": gettext_lazy("Ponle un nombre, como «Reuniones».")},
    )

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())


class FeedDetailsForm(NamedForm):
    """What can be changed of a subscription."""

    enabled = forms.BooleanField(
        label=gettext_lazy("Desviar mientras esté ocupado en él"), required=False, initial=True
    )


class FeedForm(NamedForm):
    """A calendar elsewhere."""

    url = forms.CharField(
        label=gettext_lazy("Dirección del calendario"),
        max_length=LONGEST_URL,
        help_text=gettext_lazy("Empieza por https:// y suele terminar en .ics"),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Pega la dirección del calendario.")},
    )

    def clean_url(self) -> str:
        try:
            return checked(self.cleaned_data["url"]).geturl()
        except Unfetchable as error:
            raise ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if self.subscriber.feeds.in_use().count() >= MOST_FEEDS:
            raise ValidationError(
                _("Puedes suscribirte a %d calendarios como mucho. Quita uno antes.") % MOST_FEEDS
            )
        return data
