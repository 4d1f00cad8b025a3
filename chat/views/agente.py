"""What agents do."""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chat import attending, seats
from chat.models import Agent, CallbackTask, Service
from chat.models.records import MOST_NOTE
from chat.text import clean
from chat.views.reach import agent_of, attended_by
from portal.access import SubscriberRequest, subscriber_required


@subscriber_required
@require_POST
def presente(request: SubscriberRequest) -> HttpResponse:
    """A sign of life of an agent's page."""
    if agent := agent_of(request.subscriber):
        seats.show_life(agent, timezone.now())
    return HttpResponse(status=204)


@subscriber_required
@require_POST
def tomar(request: SubscriberRequest, pk: int) -> HttpResponse:
    """Attend a conversation that waits."""
    conversation, agent = attended_by(request, pk)
    seats.show_life(agent, timezone.now())
    if not _try(request, lambda: attending.take(conversation, agent, timezone.now())):
        return redirect("chat:chat")
    return redirect("chat:conversacion", pk)


@subscriber_required
@require_POST
def rechazar(request: SubscriberRequest, pk: int) -> HttpResponse:
    """Let it be offered to somebody else."""
    conversation, agent = attended_by(request, pk)
    attending.decline(conversation, agent, timezone.now())
    return redirect("chat:chat")


@subscriber_required
@require_POST
def anotar(request: SubscriberRequest, pk: int) -> HttpResponse:
    """Write a note that the user does not see."""
    conversation, agent = attended_by(request, pk)
    text = clean(request.POST.get("text", "")[: 2 * MOST_NOTE])[:MOST_NOTE]
    if text:
        attending.note(conversation, agent, text, timezone.now())
    else:
        messages.error(request, _("Escribe la nota antes de guardarla."))
    return redirect("chat:conversacion", pk)


@subscriber_required
@require_POST
def pasar(request: SubscriberRequest, pk: int) -> HttpResponse:
    """Hand over to another agent, or to a service: ``agente-3``, ``servicio-2``."""
    conversation, agent = attended_by(request, pk)
    kind, _dash, key = request.POST.get("to", "").partition("-")
    if kind not in {"agente", "servicio"} or not key.isdecimal() or len(key) > 9:
        messages.error(request, _("Elige a quién pasar la conversación."))
        return redirect("chat:conversacion", pk)
    service, to = conversation.service, None
    if kind == "agente":
        to = get_object_or_404(Agent, pk=int(key), subscriber__isnull=False)
    else:
        service = get_object_or_404(Service, pk=int(key))
    text = clean(request.POST.get("text", "")[:MOST_NOTE])
    now = timezone.now()
    if not _try(request, lambda: attending.hand_over(conversation, agent, service, to, now)):
        return redirect("chat:conversacion", pk)
    if text:
        attending.note(conversation, agent, text, now)
    messages.success(request, _("Conversación pasada a %s.") % (to or service))
    return redirect("chat:chat")


@subscriber_required
@require_POST
def cerrar(request: SubscriberRequest, pk: int) -> HttpResponse:
    """End it, with one of the reasons that the installation names."""
    conversation, agent = attended_by(request, pk)
    reason = request.POST.get("reason", "")
    if reason not in settings.CHAT_REASONS:
        messages.error(request, _("Elige el motivo del cierre."))
        return redirect("chat:conversacion", pk)
    if not _try(request, lambda: attending.close(conversation, agent, reason, timezone.now())):
        return redirect("chat:conversacion", pk)
    return redirect("chat:chat")


@subscriber_required
@require_POST
def devolver(request: SubscriberRequest, pk: int) -> HttpResponse:
    """Somebody was called."""
    agent = agent_of(request.subscriber)
    if agent is None:
        raise Http404("no agent")
    queues = agent.seats.values("queue")
    tasks = CallbackTask.objects.filter(conversation__service__queue__in=queues)
    task = get_object_or_404(tasks.select_related("conversation__service"), pk=pk)
    if attending.call_done(task, agent, timezone.now()):
        messages.success(request, _("Llamada dada por hecha."))
    else:
        messages.info(request, _("Otro agente la ha hecho ya."))
    return redirect("chat:chat")


def _try(request: SubscriberRequest, act: Callable[[], None]) -> bool:
    """Do it, or say why not."""
    try:
        act()
    except attending.NotDone as error:
        messages.error(request, str(error))
        return False
    return True
