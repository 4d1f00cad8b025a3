"""The form of an event or a series."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from desvios.calendar.editing import Scope
from desvios.calendar.pages.initial import AFTER, NEVER, ON_DAY, TO_NUMBER, zone_choices
from desvios.calendar.repetition import NTH, WEEKDAYS, Kind, Repetition, to_rule
from desvios.calendar.series import Content
from desvios.calendar.starts import first_starts, on_the_clock
from desvios.calendar.wording import NTH_NAMES, WEEKDAY_NAMES
from desvios.destination import clean_destination
from desvios.forms import NUMBER_WIDGET
from portal.models import PRINTABLE, Subscriber
from portal.pbx.types import VOICEMAIL

FIRST_YEAR, LAST_YEAR = 2000, 2100
MOST_TIMES, MOST_EVERY = 1000, 99
LONGEST = timedelta(days=366)
LONGEST_TITLE = 80

KINDS = [
    (Kind.NONE.value, gettext_lazy("No se repite")),
    (Kind.DAILY.value, pgettext_lazy("repetición", "Cada día")),
    (Kind.WEEKLY.value, gettext_lazy("Cada semana")),
    (Kind.MONTHLY_BY_DATE.value, gettext_lazy("Cada mes, el mismo día")),
    (Kind.MONTHLY_BY_WEEKDAY.value, gettext_lazy("Cada mes, por día de la semana")),
    (Kind.YEARLY.value, gettext_lazy("Cada año")),
]


def _date(label: Any, *, required: bool) -> Any:
    words = gettext_lazy("Escribe un día, como 2026-11-24.")
    return forms.DateField(
        label=label,
        required=required,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        error_messages={"invalid": words, "required": words},
    )


def _time(label: Any) -> Any:
    return forms.TimeField(
        label=label,
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        input_formats=["%H:%M", "%H:%M:%S"],
        error_messages={"invalid": gettext_lazy("Escribe una hora, como 14:30.")},
    )


def _number(label: Any, most: int) -> Any:
    words = _lazy_range(most)
    kinds = ("invalid", "min_value", "max_value")
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=1,
        max_value=most,
        error_messages=dict.fromkeys(kinds, words),
    )


def _lazy_range(most: int) -> Any:
    return {
        MOST_EVERY: gettext_lazy("Escribe un número de 1 a 99."),
        MOST_TIMES: gettext_lazy("Escribe un número de 1 a 1000."),
    }[most]


class EventForm(forms.Form):
    """What an event says. ``event_content`` holds it once the form is valid."""

    title = forms.CharField(
        label=gettext_lazy("Título"),
        max_length=LONGEST_TITLE,
        validators=[PRINTABLE],
        error_messages={"required": gettext_lazy("Escribe un título, como «Comida».")},
    )
    all_day = forms.BooleanField(label=gettext_lazy("Todo el día"), required=False)
    start_date = _date(gettext_lazy("Empieza"), required=True)
    start_time = _time(gettext_lazy("Empieza a las"))
    end_date = _date(gettext_lazy("Termina"), required=False)
    end_time = _time(gettext_lazy("Termina a las"))
    zone = forms.ChoiceField(label=gettext_lazy("Zona horaria"), required=False)
    to = forms.ChoiceField(
        label=gettext_lazy("Adónde van las llamadas"),
        widget=forms.RadioSelect,
        choices=[
            (TO_NUMBER, gettext_lazy("A un número")),
            (VOICEMAIL, gettext_lazy("Al buzón de voz")),
        ],
    )
    number = forms.CharField(
        label=gettext_lazy("Número"), required=False, strip=False, widget=NUMBER_WIDGET
    )
    enabled = forms.BooleanField(label=gettext_lazy("Activo"), required=False)
    repeat = forms.ChoiceField(label=gettext_lazy("Se repite"), required=False, choices=KINDS)
    every = _number(gettext_lazy("Cada cuántos"), MOST_EVERY)
    weekdays = forms.MultipleChoiceField(
        label=gettext_lazy("Qué días"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=lambda: [(day, WEEKDAY_NAMES[day]()) for day in WEEKDAYS],
    )
    nth = forms.TypedChoiceField(
        label=gettext_lazy("Cuál"),
        required=False,
        coerce=int,
        choices=lambda: [(each, NTH_NAMES[each]()) for each in NTH],
    )
    weekday = forms.ChoiceField(
        label=gettext_lazy("Día de la semana"),
        required=False,
        choices=lambda: [(day, WEEKDAY_NAMES[day]()) for day in WEEKDAYS],
    )
    ends = forms.ChoiceField(
        label=gettext_lazy("Hasta cuándo"),
        required=False,
        choices=[
            (NEVER, gettext_lazy("Siempre")),
            (ON_DAY, gettext_lazy("Hasta un día")),
            (AFTER, gettext_lazy("Un número de veces")),
        ],
    )
    until = _date(gettext_lazy("Último día"), required=False)
    count = _number(gettext_lazy("Cuántas veces"), MOST_TIMES)
    skip_holidays = forms.BooleanField(label=gettext_lazy("Salvo festivos"), required=False)
    scope = forms.ChoiceField(
        label=gettext_lazy("Qué cambias"),
        required=False,
        widget=forms.RadioSelect,
        choices=[
            (Scope.ONE.value, gettext_lazy("Solo esta")),
            (Scope.FOLLOWING.value, gettext_lazy("Esta y las siguientes")),
            (Scope.ALL.value, gettext_lazy("Toda la serie")),
        ],
    )

    def __init__(
        self,
        subscriber: Subscriber,
        data: Any = None,
        *,
        initial: Mapping[str, Any] | None = None,
        rule: str = "",
    ) -> None:
        super().__init__(data, initial=dict(initial or {}))
        self.subscriber = subscriber
        self.rule = rule
        self.repetition = Repetition()
        self.event_content: Content | None = None
        zones = zone_choices(subscriber.time_zone, self.initial.get("zone", ""))
        self.fields["zone"].choices = zones  # type: ignore[attr-defined]
        if self.initial.get("repeat") == Kind.OTHER:
            other = (Kind.OTHER.value, _("Como está ahora"))
            self.fields["repeat"].choices = [*KINDS, other]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for name in ("start_date", "end_date", "until"):
            self._clean_year(name)
        self._clean_destination()
        if not self.errors:
            self._clean_times()
        if not self.errors:
            self._clean_repetition()
        return data

    def _clean_year(self, name: str) -> None:
        day = self.cleaned_data.get(name)
        if day and not FIRST_YEAR <= day.year <= LAST_YEAR:
            self.add_error(name, _("Elige un año de 2000 a 2100."))

    def _clean_destination(self) -> None:
        data = self.cleaned_data
        text = VOICEMAIL if data.get("to") == VOICEMAIL else data.get("number", "").strip()
        field = "to" if text == VOICEMAIL else "number"
        if not text:
            self.add_error(field, _("Escribe el número al que se desvían las llamadas."))
            return
        try:
            data["destination"] = clean_destination(self.subscriber, text)
        except ValidationError as error:
            self.add_error(field, error)

    def _clean_times(self) -> None:
        data = self.cleaned_data
        if not data["all_day"] and not data["start_time"]:
            self.add_error("start_time", _("Escribe a qué hora empieza, o marca «Todo el día»."))
            return
        if not data["all_day"] and not data["end_time"]:
            self.add_error("end_time", _("Escribe a qué hora termina."))
            return
        start, end = self._start(), self._end()
        if on_the_clock(end) <= on_the_clock(start):
            words = _("Termina antes de empezar. Si pasa de medianoche, pon el día siguiente.")
            self.add_error("end_date" if data["all_day"] else "end_time", words)
        elif on_the_clock(end) - on_the_clock(start) > LONGEST:
            self.add_error("end_date", _("Un evento puede durar un año como mucho."))
        data["start"], data["end"] = start, end

    def _start(self) -> date:
        return self._moment("start_date", "start_time")

    def _end(self) -> date:
        """The first day or time that is no longer in it."""
        data = self.cleaned_data
        data["end_date"] = data["end_date"] or data["start_date"]
        moment = self._moment("end_date", "end_time")
        return moment + timedelta(days=1) if data["all_day"] else moment

    def _moment(self, day: str, hour: str) -> date:
        data = self.cleaned_data
        if data["all_day"]:
            return data[day]  # type: ignore[no-any-return]
        zone = ZoneInfo(data["zone"] or self.subscriber.time_zone)
        return datetime.combine(data[day], data[hour], tzinfo=zone)

    def _clean_repetition(self) -> None:
        data = self.cleaned_data
        start: date = data["start"]
        kind, ends = Kind(data["repeat"]), data["ends"]
        if kind and kind is not Kind.OTHER:
            if ends == ON_DAY and not data["until"]:
                self.add_error("until", _("Escribe el último día."))
            elif ends == ON_DAY and data["until"] < data["start_date"]:
                self.add_error("until", _("El último día es anterior al primero."))
            elif ends == AFTER and not data["count"]:
                self.add_error("count", _("Escribe cuántas veces."))
        if self.errors:
            return
        self.repetition = Repetition(
            kind=kind,
            every=data["every"] or 1,
            weekdays=tuple(data["weekdays"]),
            nth=data["nth"] or 1,
            weekday=data["weekday"] or WEEKDAYS[start.weekday()],
            until=data["until"] if ends == ON_DAY else None,
            count=data["count"] if ends == AFTER else None,
            rule=self.rule if kind is Kind.OTHER else "",
        )
        self._place()

    def _place(self) -> None:
        """The event, moved to the first day that its rule names."""
        data = self.cleaned_data
        content = Content(
            title=" ".join(data["title"].split()),
            start=data["start"],
            end=data["end"],
            destination=data["destination"],
        )
        rule = to_rule(self.repetition, content.start)
        starts = first_starts(rule, content.start) if rule else []
        if rule and not starts:
            self.add_error("until", _("Hasta ese día no hay ninguna vez."))
            return
        length = on_the_clock(content.end) - on_the_clock(content.start)
        if any(later - sooner < length for sooner, later in pairwise(starts)):
            self.add_error("every", _("Dura más de lo que tarda en repetirse."))
            return
        if starts:
            shift = starts[0] - on_the_clock(content.start)
            content = replace(content, start=content.start + shift, end=content.end + shift)
        self.event_content = replace(content, rule=rule)
