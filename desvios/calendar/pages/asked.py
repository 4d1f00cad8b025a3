"""Which event, and which of its occurrences, an address is about."""

from dataclasses import dataclass
from datetime import date

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from desvios.calendar import series
from desvios.calendar.compile import zone_of
from desvios.calendar.earlier import last_change, removal_of, versions
from desvios.calendar.pages.shown import name_of, original_of
from desvios.models import GONE, CalendarEvent
from portal.models import AuditEvent, Subscriber
from portal.templatetags.portal import moment_in_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The reader's own event as it is, or as it was before it was removed.

    ``original`` is the start of the occurrence that the address names. ``change`` is the latest
    one of the event; what is gone was there once.
    """

    event: CalendarEvent
    original: date | None = None
    change: AuditEvent | None = None
    is_gone: bool = False
    is_occurrence_gone: bool = False

    @property
    def stamp(self) -> str:
        """What a form that is made from it now carries, to be sent back."""
        return GONE if self.is_gone else self.event.stamp

    @property
    def name(self) -> str:
        """The occurrence's name for an address, or ``""``."""
        return name_of(self.original) if self.original is not None else ""

    @property
    def title(self) -> str:
        """How it is or was called."""
        return series.read(self.event.ical).title

    def when_changed(self) -> str:
        """``hoy, 10:42, ana``: when it was changed last, and by whom."""
        if self.change is None:
            return _("hace un momento")
        moment = moment_in_words(self.change.at, timezone.now())
        return f"{moment}, {self.change.actor_name}"


def asked_for(subscriber: Subscriber, pk: int, name: str) -> Asked:
    """The subscriber's own event and its occurrence. Raises ``Http404`` for what never was theirs.

    What a subscription brought is changed where it comes from, not here.
    """
    event = subscriber.events.filter(feed=None, pk=pk).first()
    if event is None:
        removal = removal_of(subscriber, pk)
        if removal is None:
            raise Http404
        change, was = removal
        # Saved again on top of the removal, it has another key.
        event = subscriber.events.filter(feed=None, uid=was.uid).first()
        if event is None:
            return Asked(event=was, original=_original(was, name), change=change, is_gone=True)
    if not name:
        return Asked(event=event, change=last_change(subscriber, event.uid))
    original = _original(event, name) if series.is_series(event.ical) else None
    was_there = original is not None or any(
        _original(each, name) for each in versions(subscriber, event.uid)
    )
    if series.is_series(event.ical) and not was_there:
        raise Http404
    return Asked(
        event=event,
        original=original,
        change=last_change(subscriber, event.uid),
        is_occurrence_gone=original is None and was_there,
    )


def _original(event: CalendarEvent, name: str) -> date | None:
    """The start of the occurrence of that name, where the event has it."""
    original = original_of(event, name) if name else None
    zone = zone_of(event.subscriber)
    if original is None or not series.is_series(event.ical):
        return None
    return original if series.content_of(event.ical, original, zone) else None
