"""Making, changing and removing an event or a series."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_time
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from agenda.lookup import namer
from desvios.calendar import series
from desvios.calendar.changes import store
from desvios.calendar.compile import zone_of
from desvios.calendar.editing import Edit, Scope, change, create, remove
from desvios.calendar.pages import preview
from desvios.calendar.pages.forms import EventForm
from desvios.calendar.pages.initial import initial_of, initial_of_new
from desvios.calendar.pages.moving import of_whole_series
from desvios.calendar.pages.shown import Taking, name_of, original_of
from desvios.calendar.series import Content
from desvios.calendar.wording import repetition_in_words, span_in_words
from desvios.models import CalendarEvent, rules_of
from desvios.telling import apply_and_tell, way_back
from desvios.wording import to_destination
from portal.access import SubscriberRequest, subscriber_required


@subscriber_required
@require_http_methods(["GET", "POST"])
def nuevo(request: SubscriberRequest) -> HttpResponse:
    """A new event or series."""
    if request.method == "GET":
        return _page(request, EventForm(request.subscriber, initial=_initial(request)))
    return _save(request, EventForm(request.subscriber, request.POST))


@subscriber_required
@require_http_methods(["GET", "POST"])
def evento(request: SubscriberRequest, pk: int) -> HttpResponse:
    """One event, or one occurrence of it where the address names one."""
    event, original = _asked_for(request, pk)
    form = _form_of(request, event, original)
    return (
        _save(request, form, event, original)
        if form.is_bound
        else _page(request, form, event, original)
    )


@subscriber_required
@require_POST
def borrar(request: SubscriberRequest, pk: int) -> HttpResponse:
    """Remove an event, a series, or a part of one."""
    event, original = _asked_for(request, pk)
    title = series.read(event.ical).title
    edit = remove(event, scope=_scope(request.POST.get("scope", ""), original), original=original)
    done = store(request, request.subscriber, edit, at=timezone.now())
    apply_and_tell(request, done, _("«%s» borrado") % title)
    return redirect(way_back(request, "desvios:calendario"))


@subscriber_required
@require_POST
def previa(request: SubscriberRequest) -> HttpResponse:
    """What the form as it stands would do, while somebody fills it in."""
    asked = request.GET.get("evento", "")
    event, original = None, None
    if asked:
        event, original = _asked_for(request, int(asked) if asked.isdecimal() else 0)
        form = _form_of(request, event, original)
    else:
        form = EventForm(request.subscriber, request.POST)
    found = _preview(request, form, event, original) if form.is_valid() else {}
    return render(request, "desvios/_event_preview.html", {**found, "form": form})


def _asked_for(request: SubscriberRequest, pk: int) -> tuple[CalendarEvent, date | None]:
    """The reader's own event, and the start of the occurrence that the address names.

    What a subscription brought is changed where it comes from, not here.
    """
    event = get_object_or_404(request.subscriber.events.filter(feed=None), pk=pk)
    name = request.GET.get("original", "")
    if not name or not series.is_series(event.ical):
        return event, None
    original = original_of(event, name)
    zone = zone_of(request.subscriber)
    if original is None or not series.content_of(event.ical, original, zone):
        raise Http404
    return event, original


def _form_of(request: SubscriberRequest, event: CalendarEvent, original: date | None) -> EventForm:
    content = series.read(event.ical)
    rule = content.rule
    if original is not None:
        content = series.content_of(event.ical, original, zone_of(request.subscriber)) or content
    initial = initial_of(content, enabled=event.enabled, skip_holidays=event.skip_holidays)
    initial["scope"] = Scope.ONE.value
    data = request.POST if request.method == "POST" else None
    return EventForm(request.subscriber, data, initial=initial, rule=rule)


def _initial(request: SubscriberRequest) -> dict[str, Any]:
    """Day and hours from the address, else the next full hour of today."""
    now = timezone.localtime()
    day = _parsed(parse_date, request.GET.get("dia", "")) or now.date()
    begin = _parsed(parse_time, request.GET.get("desde", ""))
    finish = _parsed(parse_time, request.GET.get("hasta", ""))
    hour = begin or time((now.hour + 1) % 24 if day == now.date() else 9)
    first = datetime.combine(day, hour, tzinfo=now.tzinfo)
    last = datetime.combine(day, finish, tzinfo=now.tzinfo) if finish and begin else None
    if last and last <= first:
        last += timedelta(days=1)
    number = rules_of(request.subscriber).unconditional_number
    return initial_of_new(first, last, number)


def _parsed(parser: Any, text: str) -> Any:
    try:
        return parser(text)
    except ValueError:
        return None


def _scope(text: str, original: date | None) -> Scope:
    """What was chosen; without an occurrence it can only be all."""
    return Scope(text) if original is not None and text in set(Scope) else Scope.ALL


def _edit(form: EventForm, event: CalendarEvent | None, original: date | None) -> Edit:
    """What saving the valid form would make of the calendar."""
    content, data = form.event_content, form.cleaned_data
    assert content is not None  # noqa: S101 - the form is valid
    enabled, skip = data["enabled"], data["skip_holidays"]
    if event is None:
        return create(content, enabled=enabled, skip_holidays=skip)
    scope = _scope(data["scope"], original)
    if scope is Scope.ALL and original is not None:
        content = of_whole_series(event, original, content)
    return change(
        event, content, enabled=enabled, skip_holidays=skip, scope=scope, original=original
    )


def _save(
    request: SubscriberRequest,
    form: EventForm,
    event: CalendarEvent | None = None,
    original: date | None = None,
) -> HttpResponse:
    """Store a form that is right and whose overlaps were seen; else show it again."""
    if not form.is_valid():
        return _page(request, form, event, original, status=422)
    edit = _edit(form, event, original)
    now = timezone.now()
    mine = _meant(request, form, event, original, edit, now)
    found = preview.overlaps(request.subscriber, mine, edit, now)
    if preview.token(found) not in {"", request.POST.get("seen", "")}:
        return _page(request, form, event, original, ask=True)
    done = store(request, request.subscriber, edit, at=now)
    what = _("«%s» guardado") if event else _("«%s» añadido al calendario")
    apply_and_tell(request, done, what % form.cleaned_data["title"])
    return redirect(way_back(request, "desvios:calendario"))


def _preview(
    request: SubscriberRequest,
    form: EventForm,
    event: CalendarEvent | None,
    original: date | None,
) -> dict[str, Any]:
    """The repetition in words, the next dates, what the clocks do, and what overlaps."""
    subscriber, now = request.subscriber, timezone.now()
    content = form.event_content
    assert content is not None  # noqa: S101 - the form is valid
    edit = _edit(form, event, original)
    is_one = _is_one(form, event, original)
    events = _meant(request, form, event, original, edit, now)
    zone, today, name = zone_of(subscriber), timezone.localdate(), namer(subscriber)
    found = preview.overlaps(subscriber, events, edit, now)
    dates = preview.next_dates(subscriber, events[-1:], now)
    return {
        "sentence": _("Solo esta vez") if is_one else _sentence(form, content),
        "to": to_destination(content.destination, name(content.destination)),
        "dates": [span_in_words(each.start, each.end, zone, today) for each in dates],
        "notes": preview.notes(content, dates),
        "is_past": not dates,
        **_overlaps_in_words(found, zone, today),
        "token": preview.token(found),
    }


def _is_one(form: EventForm, event: CalendarEvent | None, original: date | None) -> bool:
    return event is not None and _scope(form.cleaned_data["scope"], original) is Scope.ONE


def _meant(
    request: SubscriberRequest,
    form: EventForm,
    event: CalendarEvent | None,
    original: date | None,
    edit: Edit,
    now: datetime,
) -> list[CalendarEvent]:
    """The events that the person is looking at: one occurrence alone, where only that changes."""
    content = form.event_content
    if content is not None and _is_one(form, event, original):
        edit = create(replace(content, rule=""), enabled=form.cleaned_data["enabled"])
    return preview.edited(request.subscriber, edit, now)


def _sentence(form: EventForm, content: Content) -> str:
    skip = form.cleaned_data["skip_holidays"]
    return repetition_in_words(form.repetition, content.start, skip_holidays=skip)


def _overlaps_in_words(found: list[preview.Overlap], zone: ZoneInfo, today: date) -> dict[str, Any]:
    """For each other event the first time that it is met, and how many times more."""
    by_other: dict[tuple[str, bool, bool], list[preview.Overlap]] = {}
    for each in found:
        key = (each.other.event.uid, each.wins, each.same_start)
        by_other.setdefault(key, []).append(each)

    def span(taking: Taking) -> str:
        return span_in_words(taking.occurrence.start, taking.occurrence.end, zone, today)

    rows = [
        {
            "mine": span(first.mine),
            "title": first.other.occurrence.title,
            "other": span(first.other),
            "more": len(more),
            "wins": first.wins,
            "same_start": first.same_start,
        }
        for first, *more in by_other.values()
    ]
    most = preview.MOST_OVERLAPS
    return {"overlaps": rows[:most], "more_overlaps": max(0, len(rows) - most)}


def _page(
    request: SubscriberRequest,
    form: EventForm,
    event: CalendarEvent | None = None,
    original: date | None = None,
    *,
    status: int = 200,
    ask: bool = False,
) -> HttpResponse:
    name = name_of(original) if original is not None else ""
    asked = _query(evento=str(event.pk), original=name) if event else ""
    context = {
        "form": form,
        "event": event,
        "occurrence": original,
        "query": f"?{_query(original=name)}" if name else "",
        "preview_url": f"{reverse('desvios:previa')}?{asked}",
        "is_series": bool(event and series.is_series(event.ical)),
        "next": request.POST.get("next") or request.GET.get("next", ""),
        "ask": ask,
    }
    if form.is_bound and form.is_valid():
        context |= _preview(request, form, event, original)
    return render(request, "desvios/evento.html", context, status=status)


def _query(**values: str) -> str:
    query = QueryDict(mutable=True)
    query.update({name: value for name, value in values.items() if value})
    return query.urlencode()
