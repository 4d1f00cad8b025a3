"""Holidays, for administrators. Events are their owners' business and are not edited here."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from desvios.calendar.keeping import recompile
from desvios.models import Holiday, HolidayCalendar
from portal.models import Subscriber


class HolidayInline(admin.TabularInline):  # type: ignore[type-arg]
    """The days of a calendar."""

    model = Holiday
    extra = 3


@admin.register(HolidayCalendar)
class HolidayCalendarAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Calendars of holidays. After a change, the series that pause on holidays are compiled."""

    list_display = ["name", "days_count"]
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
        _recompile(before | _pausing(form.instance))

    def delete_model(self, request: HttpRequest, obj: HolidayCalendar) -> None:
        concerned = _pausing(obj)
        super().delete_model(request, obj)
        _recompile(concerned)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        concerned: set[Subscriber] = set().union(*(_pausing(row) for row in queryset))
        super().delete_queryset(request, queryset)
        _recompile(concerned)


def _pausing(calendar: HolidayCalendar) -> set[Subscriber]:
    """Those whom the calendar concerns and who have a series that pauses on holidays."""
    found = Subscriber.objects.filter(events__skip_holidays=True)
    if named := list(calendar.subscribers.all()):
        found = found.filter(pk__in=[each.pk for each in named])
    return set(found.distinct())


def _recompile(subscribers: set[Subscriber]) -> None:
    recompile(sorted(subscribers, key=lambda each: each.pk))
