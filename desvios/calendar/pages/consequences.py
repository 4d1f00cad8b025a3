"""What saving the form of an event makes of the calendar, as an edit and in words."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from agenda.lookup import namer
from desvios.calendar import series
from desvios.calendar.compile import zone_of
from desvios.calendar.editing import Edit, Scope, change, create
from desvios.calendar.pages import preview
from desvios.calendar.pages.asked import Asked
from desvios.calendar.pages.forms import EventForm
from desvios.calendar.pages.moving import of_whole_series
from desvios.calendar.pages.shown import Taking
from desvios.calendar.repetition import from_rule
from desvios.calendar.wording import repetition_in_words, span_in_words
from desvios.models import CalendarEvent
from desvios.wording import to_destination


def scope_of(text: str, original: date | None) -> Scope:
    """What was chosen; without an occurrence it can only be all."""
    return Scope(text) if original is not None and text in set(Scope) else Scope.ALL


def edit_of(form: EventForm, asked: Asked | None) -> Edit:
    """What saving the valid form would make of the calendar."""
    content, data = form.event_content, form.cleaned_data
    assert content is not None  # noqa: S101 - the form is valid
    enabled, skip = data["enabled"], data["skip_holidays"]
    if asked is None:
        return create(content, enabled=enabled, skip_holidays=skip)
    event, original = asked.event, asked.original
    scope = scope_of(data["scope"], original)
    if scope is Scope.ALL and original is not None:
        content = of_whole_series(event, original, content)
    return change(
        event, content, enabled=enabled, skip_holidays=skip, scope=scope, original=original
    )


def meant(form: EventForm, asked: Asked | None, edit: Edit, now: datetime) -> list[CalendarEvent]:
    """The events that the person is looking at: one occurrence alone, where only that changes."""
    content = form.event_content
    if content is not None and _is_one(form, asked):
        edit = create(replace(content, rule=""), enabled=form.cleaned_data["enabled"])
    return preview.edited(form.subscriber, edit, now)


def in_words(form: EventForm, asked: Asked | None) -> dict[str, Any]:
    """The repetition, the next dates, what the clocks do, and what overlaps; the form is valid."""
    subscriber, content, now = form.subscriber, form.event_content, timezone.now()
    assert content is not None  # noqa: S101 - the form is valid
    edit = edit_of(form, asked)
    events = meant(form, asked, edit, now)
    zone, today, name = zone_of(subscriber), timezone.localdate(), namer(subscriber)
    found = preview.overlaps(subscriber, events, edit, now)
    dates = preview.next_dates(subscriber, events[-1:], now)
    skip = form.cleaned_data["skip_holidays"]
    sentence = repetition_in_words(form.repetition, content.start, skip_holidays=skip)
    return {
        "sentence": _("Solo esta vez") if _is_one(form, asked) else sentence,
        "to": to_destination(content.destination, name(content.destination)),
        "dates": [span_in_words(each.start, each.end, zone, today) for each in dates],
        "notes": preview.notes(content, dates),
        "is_past": not dates,
        **_overlaps_in_words(found, zone, today),
        "token": preview.token(found),
    }


def event_in_words(asked: Asked) -> list[str]:
    """What an event, or its occurrence, says now: a line for each thing."""
    event, zone = asked.event, zone_of(asked.event.subscriber)
    content = series.read(event.ical)
    rule, start = content.rule, content.start
    if asked.original is not None:
        content = series.content_of(event.ical, asked.original, zone) or content
    first, last = (series.instant(each, zone) for each in (content.start, content.end))
    to = to_destination(content.destination, namer(event.subscriber)(content.destination))
    lines = [
        _("«%(title)s», las llamadas van %(to)s") % {"title": content.title, "to": to},
        span_in_words(first, last, zone, timezone.localdate()),
    ]
    if rule:
        repetition = from_rule(rule, start)
        lines.append(repetition_in_words(repetition, start, skip_holidays=event.skip_holidays))
    return lines if event.enabled else [*lines, _("apagado")]


def _is_one(form: EventForm, asked: Asked | None) -> bool:
    if asked is None:
        return False
    return scope_of(form.cleaned_data["scope"], asked.original) is Scope.ONE


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
