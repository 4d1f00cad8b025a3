"""What the calendar does now and next, told from the compiled windows; nothing is expanded."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from desvios.calendar import series
from desvios.calendar.compile import zone_of
from desvios.calendar.series import Occurrence
from desvios.models import CalendarEvent, CompiledCalendar, compiled_of, rules_of
from portal.models import Subscriber
from portal.pbx.routing import window_at
from portal.pbx.types import ForwardingPlan


@dataclass(frozen=True, slots=True)
class Change:
    """The next moment at which the calendar sends calls elsewhere than before."""

    at: datetime
    event: CalendarEvent
    destination: str
    begins: bool


def end_of_stretch(plan: ForwardingPlan, instant: datetime) -> datetime | None:
    """Until when the calendar sends calls where it sends them at the instant.

    ``None`` where no window is in force, or where it lasts beyond what is compiled.
    """
    window = window_at(plan, instant)
    if window is None:
        return None
    end = window.end
    for each in plan.windows:
        if each.start == end and each.destination == window.destination:
            end = each.end
    last = datetime.strptime(plan.until, "%Y%m%d").replace(tzinfo=UTC) + timedelta(days=1)
    moment = datetime.fromtimestamp(end, UTC)
    return moment if moment < last else None


def next_change(subscriber: Subscriber, now: datetime) -> Change | None:
    """The next beginning or end; ``None`` where the calendar is off or has nothing to come."""
    compiled = compiled_of(subscriber)
    if compiled is None or not rules_of(subscriber).calendar_enabled:
        return None
    second = now.timestamp()
    coming = [each for each in compiled.won if each[1] > second]
    if not coming:
        return None
    current = coming[0] if coming[0][0] <= second else None
    following = coming[1] if current and len(coming) > 1 else None if current else coming[0]
    if current and not (following and following[0] == current[1]):
        return _change(subscriber, current[1], current, begins=False)
    return _change(subscriber, following[0], following, begins=True) if following else None


def in_force(subscriber: Subscriber, now: datetime) -> tuple[CalendarEvent, Occurrence] | None:
    """The event whose window is in force, and which of its occurrences it is."""
    compiled = compiled_of(subscriber)
    pk = _event_at(compiled, now) if compiled else None
    event = subscriber.events.filter(pk=pk).first() if pk else None
    if event is None:
        return None
    zone, moment = zone_of(subscriber), timedelta(seconds=1)
    found = series.occurrences(event.ical, now - moment, now + moment, zone)
    current = [each for each in found if each.start <= now < each.end]
    return (event, current[-1]) if current else None


def _event_at(compiled: CompiledCalendar, now: datetime) -> int | None:
    second = now.timestamp()
    return next((each[3] for each in compiled.won if each[0] <= second < each[1]), None)


def _change(subscriber: Subscriber, at: int, won: list[int], *, begins: bool) -> Change | None:
    _start, _end, destination, pk = won
    event = subscriber.events.filter(pk=pk).first()
    moment = datetime.fromtimestamp(at, UTC)
    return Change(moment, event, str(destination), begins) if event else None
