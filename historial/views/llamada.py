"""One call and its steps."""

from typing import Any

from django.db import DatabaseError
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from agenda.lookup import names_for
from historial.listing import Row, rows_of
from historial.reach import CALL_RECORDS
from historial.wording import named, outcome, sent_by
from portal.access import SubscriberRequest, subscriber_required
from portal.models import Subscriber
from portal.pbx import get_pbx
from portal.pbx.errors import NotFound
from portal.pbx.types import CallResult, Step


@subscriber_required
@require_GET
@vary_on_headers("HX-Request")
def llamada(request: SubscriberRequest, key: str) -> HttpResponse:
    """The steps of one call, with what can be done about it; htmx gets the steps alone."""
    template = "historial/_steps.html" if request.htmx else "historial/llamada.html"
    try:
        row = _own(request.subscriber, key)
        steps = get_pbx().call_log.steps(request.subscriber.number, key)
    except DatabaseError:
        return render(request, template, {"problem": True}, status=200 if request.htmx else 503)
    except NotFound as error:
        raise Http404 from error
    context = {"row": row, "call": row.call, "steps": _told(request.subscriber, steps)}
    return render(request, template, context)


def _own(subscriber: Subscriber, key: str) -> Row:
    """A call of the subscriber's own; another's is not found. Raises ``DatabaseError``."""
    try:
        with CALL_RECORDS.asked():
            call = get_pbx().call_log.call(subscriber.number, key)
    except NotFound as error:
        raise Http404 from error
    return rows_of(subscriber, [call])[0]


def _told(subscriber: Subscriber, steps: tuple[Step, ...]) -> list[dict[str, Any]]:
    """Each step in words."""
    numbers = {number for step in steps for number in (step.number, step.diverter)}
    names = names_for(subscriber, numbers - {""})
    return [
        {
            "at": step.started_at,
            "who": _who(step, names),
            "sent_by": sent_by(step, names),
            "outcome": outcome(step),
            "answered": step.result is CallResult.ANSWERED and not step.queue,
        }
        for step in steps
    ]


def _who(step: Step, names: dict[str, str]) -> str:
    """Whom the step tried to reach."""
    if not step.number:
        return _("Otro número")
    who = named(step.number, names)
    return _("Buzón de %s") % who if step.result is CallResult.VOICEMAIL else who
