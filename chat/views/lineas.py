"""Writing, and what has changed since a line."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from chat import talking
from chat.showing import parts
from chat.text import client_id_of
from chat.views.conversacion import page
from chat.views.reach import Seen, seen_by
from portal.access import SubscriberRequest, subscriber_required

LONGEST_NUMBER = 9
TOUCHED = ["state", "last_line", "user_line", "agent_line", "read_by_user", "read_by_agent"]
"""What may be otherwise after a line was stored."""


@never_cache
@subscriber_required
@require_GET
def lineas(request: SubscriberRequest, pk: int) -> HttpResponse:
    """Every line after the last that the page has, and how it goes now."""
    return _changed(request, seen_by(request, pk), _number(request.GET.get("desde", "")))


@subscriber_required
@require_POST
def escribir(request: SubscriberRequest, pk: int) -> HttpResponse:
    """Store a line. A script gets what is new, with the line in it; a form, the page again."""
    seen = seen_by(request, pk)
    text, client_id = request.POST.get("text", ""), request.POST.get("client_id", "")
    try:
        talking.send(seen.conversation, seen.writer, client_id_of(client_id), text, timezone.now())
    except talking.NotSent as error:
        if request.htmx:
            return HttpResponse(str(error), status=error.status, content_type="text/plain")
        fresh = seen_by(request, pk)
        return page(request, fresh, text=text, problem=str(error), status=error.status)
    if request.htmx:
        seen.conversation.refresh_from_db(fields=TOUCHED)
        return _changed(request, seen, _number(request.POST.get("desde", "")))
    return redirect("chat:conversacion", pk)


@subscriber_required
@require_POST
def escribiendo(request: SubscriberRequest, pk: int) -> HttpResponse:
    """The person is writing."""
    seen = seen_by(request, pk)
    talking.mark_typing(seen.conversation, seen.writer, timezone.now())
    return HttpResponse(status=204)


@subscriber_required
@require_POST
def leido(request: SubscriberRequest, pk: int) -> HttpResponse:
    """The person has seen the lines up to one. A page that hears 429 says it again later."""
    seen = seen_by(request, pk)
    number = _number(request.POST.get("hasta", ""))
    if seen.agent and not seen.is_mine:
        return HttpResponse(status=204)
    counts = talking.mark_read(seen.conversation, seen.writer, number, timezone.now())
    return HttpResponse(status=204 if counts else 429)


def _changed(request: SubscriberRequest, seen: Seen, after: int) -> HttpResponse:
    """Without the frame of a page, which would cost several times as much."""
    context = parts(seen.conversation, seen.writer, timezone.now(), after=after, everything=True)
    context["can_write"] = seen.is_mine
    return HttpResponse(render_to_string("chat/_changed.html", context))


def _number(text: str) -> int:
    fits = text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER
    return int(text) if fits else 0
