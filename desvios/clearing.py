"""Letting calls reach the telephone again, whatever sends them elsewhere now."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest

from desvios import changes
from desvios.calendar.changes import store
from desvios.calendar.editing import Scope, remove
from desvios.calendar.pages.coming import in_force
from desvios.calendar.series import Occurrence
from desvios.directory import classes, plan_of
from portal.models import AuditEvent, Subscriber
from portal.pbx.routing import decide
from portal.pbx.types import LineState, Reason

NOTHING_OUTRIGHT = {
    "unconditional_to_voicemail": False,
    "unconditional_number_enabled": False,
    "do_not_disturb": False,
}
"""What is set where no calendar is in force: the numbers stay."""


@dataclass(frozen=True, slots=True)
class Cleared:
    """What was done. ``occurrence``: what was taken off the calendar, perhaps one of a series."""

    event: AuditEvent | None
    occurrence: Occurrence | None = None
    is_of_series: bool = False


def clear(request: HttpRequest, subscriber: Subscriber, now: datetime) -> Cleared:
    """Take off what sends all calls elsewhere; a series goes on the next time.

    Of a subscription too: its next answers bring back only what changed there. Raises
    ``ChangedMeanwhile``.
    """
    decision = decide(plan_of(subscriber), now, LineState.IDLE, classes())
    current = in_force(subscriber, now) if decision.reason is Reason.CALENDAR else None
    if current is None:
        return Cleared(changes.save(request, subscriber, NOTHING_OUTRIGHT, at=now))
    planned, occurrence = current
    edit = remove(planned, scope=Scope.ONE, original=occurrence.original)
    event = store(request, subscriber, edit, at=now, seen={planned.uid: planned.stamp})
    return Cleared(event, occurrence, is_of_series=any(edit.values()))
