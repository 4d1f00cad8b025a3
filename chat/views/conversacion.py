"""One conversation, from either side."""

from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from chat import attending, console, starting
from chat.forms import NumberForm, RatingForm
from chat.models import CLOSED, MOST_TEXT, Conversation
from chat.showing import parts
from chat.talking import as_user, mark_read
from chat.transcript import as_file
from chat.views.reach import Seen, own_of, seen_by
from portal.access import SubscriberRequest, subscriber_required


@never_cache
@subscriber_required
@require_GET
def conversacion(request: SubscriberRequest, pk: int) -> HttpResponse:
    """What was said, and what can be done; whoever loads it has read it."""
    return page(request, seen_by(request, pk))


def page(
    request: SubscriberRequest, seen: Seen, *, text: str = "", problem: str = "", status: int = 200
) -> HttpResponse:
    """The page; with what was written and why it was not sent, where that is so."""
    now = timezone.now()
    conversation = seen.conversation
    context: dict[str, Any] = {
        **parts(conversation, seen.writer, now, everything="todo" in request.GET),
        "text": text,
        "problem": problem,
        "can_write": seen.is_mine,
        "client_id": uuid4(),
        "most": MOST_TEXT,
    }
    if seen.agent:
        context |= {
            "agent": seen.agent,
            "mine": console.mine(seen.agent),
            "notes": conversation.notes.select_related("agent"),
            "colleagues": console.colleagues(conversation, seen.agent, now),
            "services": console.other_services(conversation),
            "reasons": settings.CHAT_REASONS,
            "callback": getattr(conversation, "callback", None),
            "earlier": _earlier(conversation),
        }
    if not seen.agent or seen.is_mine:
        mark_read(conversation, seen.writer, conversation.last_line, now)
    return render(request, "chat/conversacion.html", context, status=status)


@subscriber_required
@require_POST
def terminar(request: SubscriberRequest, pk: int) -> HttpResponse:
    """The user has no more to say."""
    own = own_of(request, pk)
    attending.end(own, as_user(own), timezone.now())
    return redirect("chat:conversacion", pk)


@subscriber_required
@require_POST
def valorar(request: SubscriberRequest, pk: int) -> HttpResponse:
    """The user says how it was, once it is over."""
    own = own_of(request, pk)
    form = RatingForm(request.POST)
    if own.state not in CLOSED or not form.is_valid():
        messages.error(request, _("Elige una valoración del 1 al 5."))
        return redirect("chat:conversacion", pk)
    given = form.cleaned_data
    Conversation.objects.filter(pk=pk).update(
        rating=given["rating"], rating_comment=given["comment"]
    )
    messages.success(request, _("Gracias por tu valoración."))
    return redirect("chat:conversacion", pk)


@subscriber_required
@require_POST
def llamadme(request: SubscriberRequest, pk: int) -> HttpResponse:
    """Whoever waits would rather be called."""
    own = own_of(request, pk)
    form = NumberForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(map(str, form.errors.get("number", []))))
    elif not starting.call_back(own, form.cleaned_data["number"], timezone.now()):
        messages.error(request, _("Ya no está en espera."))
    return redirect("chat:conversacion", pk)


@never_cache
@subscriber_required
@require_GET
def descargar(request: SubscriberRequest, pk: int) -> HttpResponse:
    """The transcript."""
    conversation = seen_by(request, pk).conversation
    answer = HttpResponse(as_file(conversation), content_type="text/plain; charset=utf-8")
    name = _("conversacion %s.txt") % timezone.localdate(conversation.opened_at).isoformat()
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _earlier(conversation: Conversation) -> list[Conversation]:
    """How often the same person has asked before."""
    rows = Conversation.objects.filter(subscriber=conversation.subscriber_id)
    return list(rows.exclude(pk=conversation.pk).select_related("service")[:3])
