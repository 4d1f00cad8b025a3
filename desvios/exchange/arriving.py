"""What a file would bring into a subscriber's calendar: for the preview and for the import."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from desvios.calendar import series
from desvios.calendar.compile import zone_of
from desvios.calendar.editing import Edit
from desvios.calendar.repetition import from_rule
from desvios.calendar.wording import repetition_in_words, span_in_words
from desvios.exchange import ics
from desvios.exchange.draft import Draft, digest
from desvios.exchange.ics import Refusal
from desvios.exchange.ics_lines import NotReadable
from desvios.models import CalendarEvent
from portal.models import Subscriber

MOST_CHOSEN = 500
"""Events that are imported at once: more would keep the page waiting."""


class State(StrEnum):
    """How an event of the file stands to those that are there."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One event that can be imported; ``name`` stands for it in the form."""

    name: str
    draft: Draft
    title: str
    when: str
    repetition: str
    state: State
    event: CalendarEvent | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """All that a file holds."""

    rows: tuple[Arrival, ...]
    refusals: tuple[Refusal, ...]
    over: int

    @property
    def suggested(self) -> set[str]:
        """The names of what is worth importing, as many as can be at once."""
        names = [row.name for row in self.rows if row.state is not State.SAME]
        return set(names[:MOST_CHOSEN])

    @property
    def say_destinations(self) -> bool:
        """Whether the file itself says where calls go."""
        return any(row.draft.own_destinations() for row in self.rows)

    def edit(self, chosen: Collection[str], destination: str, *, keep_own: bool) -> Edit:
        """What importing the chosen ones makes of the calendar."""
        return {
            row.draft.uid: {
                "ical": row.draft.ical(destination, keep_own=keep_own),
                "enabled": row.draft.master.enabled,
                "skip_holidays": _skips_holidays(row.draft, row.event),
            }
            for row in self.rows
            if row.name in chosen
        }


def arrivals(subscriber: Subscriber, data: bytes, now: datetime) -> Arrivals:
    """Read a file. Raises ``NotReadable`` with the reason, also where there is nothing in it."""
    reading = ics.read(data, zone_of(subscriber), now)
    if not reading.drafts and not reading.refusals:
        raise NotReadable(_("El calendario no trae ningún evento."))
    drafts = [draft for draft in reading.drafts if not draft.is_over(now)]
    drafts.sort(key=lambda draft: series.instant(draft.master.content.start, zone_of(subscriber)))
    held = {event.uid: event for event in subscriber.events.filter(feed=None)}
    return Arrivals(
        rows=tuple(_arrival(subscriber, draft, held.get(draft.uid), now) for draft in drafts),
        refusals=tuple(reading.refusals),
        over=len(reading.drafts) - len(drafts),
    )


def _arrival(
    subscriber: Subscriber, draft: Draft, event: CalendarEvent | None, now: datetime
) -> Arrival:
    content, zone = draft.master.content, zone_of(subscriber)
    start, end = series.instant(content.start, zone), series.instant(content.end, zone)
    return Arrival(
        name=digest(draft.uid),
        draft=draft,
        title=content.title,
        when=span_in_words(start, end, zone, timezone.localdate(now)),
        repetition=_repetition(draft),
        state=_state(draft, event),
        event=event,
    )


def _state(draft: Draft, event: CalendarEvent | None) -> State:
    if event is None:
        return State.NEW
    same = draft.ical(series.read(event.ical).destination, keep_own=True)
    flags = draft.master.enabled, _skips_holidays(draft, event)
    is_same = same == event.ical and flags == (event.enabled, event.skip_holidays)
    return State.SAME if is_same else State.CHANGED


def _skips_holidays(draft: Draft, event: CalendarEvent | None) -> bool:
    """What the file says of it, else what the event that is there says."""
    said = draft.master.skip_holidays
    return bool(event and event.skip_holidays) if said is None else said


def _repetition(draft: Draft) -> str:
    content, parts = draft.master.content, []
    if content.rule:
        parts.append(repetition_in_words(from_rule(content.rule, content.start), content.start))
    if count := len(draft.master.added):
        parts.append(ngettext("y %d día más", "y %d días más", count) % count)
    if count := len(draft.master.removed):
        parts.append(ngettext("salvo %d vez", "salvo %d veces", count) % count)
    if count := len(draft.overrides):
        parts.append(ngettext("%d cambiada", "%d cambiadas", count) % count)
    if draft.master.skip_holidays:
        parts.append(_("salvo festivos"))
    if not draft.master.enabled:
        parts.append(_("apagado"))
    return ", ".join(parts)
