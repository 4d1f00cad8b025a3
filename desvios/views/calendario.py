"""The calendar: a month, a week or a day, and its switch."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from agenda.lookup import namer
from desvios import changes
from desvios.calendar.compile import zone_of
from desvios.calendar.pages import grid
from desvios.calendar.pages.forms import FIRST_YEAR, LAST_YEAR
from desvios.calendar.pages.initial import zone_name
from desvios.calendar.pages.shown import Shown, shown_between
from desvios.calendar.wording import day_in_words
from desvios.models import rules_of
from desvios.telling import apply_and_tell
from desvios.wording import destination_in_words
from portal import dates
from portal.access import SubscriberRequest, subscriber_required
from portal.models import Holiday, Subscriber
from portal.ways import way_back


@dataclass(frozen=True, slots=True)
class Stretch:
    """The days that a page shows, and where its arrows lead."""

    view: str
    day: date
    days: list[date]
    before: date
    after: date


@subscriber_required
@require_GET
def calendario(request: SubscriberRequest) -> HttpResponse:
    """What takes place in a month, a week or a day, and which of it calls obey."""
    subscriber, now = request.subscriber, timezone.now()
    stretch = _stretch(request.GET.get("vista", ""), request.GET.get("dia", ""))
    zone, today = zone_of(subscriber), timezone.localdate()
    first = grid.day_start(stretch.days[0], zone)
    last = grid.day_start(stretch.days[-1] + timedelta(days=1), zone)
    shown = shown_between(subscriber, first, last)
    month = stretch.day.month if stretch.view == "mes" else 0
    holidays = _holidays(subscriber, stretch.days)
    days = grid.lay_out(stretch.days, shown, zone, today, holidays, month)
    hours = grid.hours_of(days)
    name = namer(subscriber)
    rows = [_day(day, hours, today) for day in days]
    context = {
        "stretch": stretch,
        "title": _title(stretch),
        "today": today,
        "days": rows,
        "weeks": [rows[n : n + 7] for n in range(0, len(rows), 7)],
        "hours": hours,
        "now_row": _row_of(timezone.localtime(now), hours),
        "in_force": {each.occurrence for each in shown if each.is_in_force(now)},
        "destinations": _destinations(shown, name),
        "is_on": rules_of(subscriber).calendar_enabled,
        "has_events": bool(shown) or subscriber.events.exists(),
        "here": request.get_full_path(),
        "zone_name": zone_name(subscriber.time_zone),
    }
    return render(request, "desvios/calendario.html", context)


@subscriber_required
@require_POST
def activar(request: SubscriberRequest) -> HttpResponse:
    """Switch the whole calendar on or off; its events stay."""
    on = request.POST.get("calendar_enabled") == "on"
    now = timezone.now()
    event = changes.save(request, request.subscriber, {"calendar_enabled": on}, at=now)
    what = _("El calendario vuelve a actuar") if on else _("El calendario ya no actúa")
    apply_and_tell(request, event, what)
    return redirect(way_back(request, "desvios:calendario"))


def _row_of(local: datetime, hours: grid.Hours) -> int:
    """The row of a moment in the grid, or 0 where it lies outside."""
    is_inside = hours.first <= local.hour < hours.last
    return hours.row(local.hour * 60 + local.minute) if is_inside else 0


def _stretch(view: str, text: str) -> Stretch:
    """What the address asks for; nonsense means this week."""
    try:
        day = parse_date(text) or timezone.localdate()
    except ValueError:
        day = timezone.localdate()
    day = min(max(day, date(FIRST_YEAR, 1, 1)), date(LAST_YEAR, 12, 31))
    if view == "mes":
        before = day.replace(day=1) - timedelta(days=1)
        after = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
        return Stretch(view, day, grid.days_of_month(day), before.replace(day=1), after)
    count = 1 if view == "dia" else 7
    first = day if view == "dia" else grid.monday(day)
    days = [first + timedelta(days=n) for n in range(count)]
    step = timedelta(days=count)
    return Stretch(view if view == "dia" else "semana", day, days, day - step, day + step)


def _title(stretch: Stretch) -> str:
    if stretch.view == "mes":
        return capfirst(dates.written(stretch.day, dates.MONTH))
    if stretch.view == "dia":
        return capfirst(dates.written(stretch.day, dates.LONG_WITH_WEEKDAY))
    first, last = stretch.days[0], stretch.days[-1]
    forms = dates.WITHIN_A_MONTH if first.month == last.month else dates.ACROSS_MONTHS
    return _("%(first)s – %(last)s") % {
        "first": dates.written(first, forms[0]),
        "last": dates.written(last, forms[1]),
    }


def _day(day: grid.Day, hours: grid.Hours, today: date) -> dict[str, Any]:
    """One day, for the template."""
    return {
        "day": day,
        "name": day_in_words(day.date, today),
        "whole": day.whole,
        "blocks": grid.blocks(day, hours),
    }


def _destinations(shown: list[Shown], name: Any) -> dict[str, str]:
    numbers = {each.occurrence.destination for each in shown}
    return {number: destination_in_words(number, name(number)) for number in numbers}


def _holidays(subscriber: Subscriber, days: list[date]) -> dict[date, str]:
    """The names of the holidays among the days."""
    mine = Q(calendar__subscribers=None) | Q(calendar__subscribers=subscriber)
    found = Holiday.objects.filter(mine, date__range=(days[0], days[-1]))
    return dict(found.values_list("date", "name"))
