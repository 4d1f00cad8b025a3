"""Holidays, for administrators. Events are their owners' business and are not edited here."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from desvios.calendar.keeping import recompile
from desvios.exchange.ics import holidays
from desvios.exchange.ics_lines import MAX_BYTES, NotReadable
from portal.admin.audited import AuditedAdmin
from portal.models import Holiday, HolidayCalendar, Subscriber


class HolidayInline(admin.TabularInline):  # type: ignore[type-arg]
    """The days of a calendar."""

    model = Holiday
    extra = 3


class HolidayCalendarForm(forms.ModelForm):  # type: ignore[type-arg]
    """A calendar, and a file whose days are added to it."""

    file = forms.FileField(
        label=_("añadir los días de un archivo .ics"),
        required=False,
        help_text=_("Se añaden los que faltan, desde el año pasado y para diez años."),
    )

    def clean_file(self) -> list[tuple[date, str]]:
        """The days with their names."""
        file = self.cleaned_data["file"]
        if not file:
            return []
        if file.size > MAX_BYTES:
            raise ValidationError(_("El archivo pasa de 2 MB."))
        year = timezone.localdate().year
        try:
            return holidays(file.read(), date(year - 1, 1, 1), date(year + 10, 12, 31))
        except NotReadable as error:
            raise ValidationError(str(error)) from error


@admin.register(HolidayCalendar)
class HolidayCalendarAdmin(AuditedAdmin):
    """Calendars of holidays. After a change, the series that pause on holidays are compiled."""

    list_display = ["name", "days_count"]
    form = HolidayCalendarForm
    inlines = [HolidayInline]
    filter_horizontal = ["subscribers"]

    @admin.display(description=_("días"))
    def days_count(self, row: HolidayCalendar) -> int:
        """How many days it has."""
        return row.days.count()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The days and the people; whom it concerned before, it concerns too."""
        before = _pausing(form.instance)
        super().save_related(request, form, formsets, change)
        _add_days(form.instance, form.cleaned_data["file"])
        _recompile(before | _pausing(form.instance))

    def delete_model(self, request: HttpRequest, obj: HolidayCalendar) -> None:
        concerned = _pausing(obj)
        super().delete_model(request, obj)
        _recompile(concerned)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        concerned: set[Subscriber] = set().union(*(_pausing(row) for row in queryset))
        super().delete_queryset(request, queryset)
        _recompile(concerned)


def _add_days(calendar: HolidayCalendar, days: list[tuple[date, str]]) -> None:
    """Add the days that are missing; those that are there keep their names."""
    longest = Holiday._meta.get_field("name").max_length
    rows = [Holiday(calendar=calendar, date=day, name=name[:longest]) for day, name in days]
    Holiday.objects.bulk_create(rows, ignore_conflicts=True)


def _pausing(calendar: HolidayCalendar) -> set[Subscriber]:
    """Those whom the calendar concerns and who have a series that pauses on holidays."""
    found = Subscriber.objects.filter(events__skip_holidays=True)
    if named := list(calendar.subscribers.all()):
        found = found.filter(pk__in=[each.pk for each in named])
    return set(found.distinct())


def _recompile(subscribers: set[Subscriber]) -> None:
    recompile(sorted(subscribers, key=lambda each: each.pk))
