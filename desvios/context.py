"""The strip that every page shows while calls do not reach the user normally."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from agenda.lookup import namer
from desvios.directory import classes, plan_of
from desvios.wording import now_in_words
from portal.access import subscriber_of
from portal.pbx.routing import Action, decide
from portal.pbx.types import LineState, Reason


def strip(request: HttpRequest) -> dict[str, Any]:
    """``strip``: the sentence to show, or ``""``; ``state``: available, forwarded or dnd.

    ``pending``: some node has not confirmed it yet.
    """
    subscriber = subscriber_of(request)
    if subscriber is None:
        return {}
    plan, permitted, now = plan_of(subscriber), classes(), timezone.now()
    pending = subscriber.applied_revision < subscriber.revision
    decision = decide(plan, now, LineState.IDLE, permitted)
    if decision.action is Action.RING:
        return {"strip": "", "state": "available", "pending": pending}
    disturbed = decision.action is Action.RELEASE or decision.reason is Reason.DO_NOT_DISTURB
    return {
        "strip": now_in_words(plan, now, permitted, namer(subscriber))[0],
        "state": "dnd" if disturbed else "forwarded",
        "pending": pending,
    }
