"""Where a conversation begins; for agents, where they see what waits."""

from contextlib import suppress
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from chat import console, seats, starting
from chat.availability import availabilities
from chat.forms import StartForm, mark_wrong
from chat.models import Conversation
from chat.talking import NotSent
from chat.views.reach import agent_of
from chat.wording import state_of
from portal.access import SubscriberRequest, subscriber_required
from portal.models import Subscriber
from portal.pbx.errors import PBXError

RECENT = 5


@never_cache
@subscriber_required
@require_GET
def chat(request: SubscriberRequest) -> HttpResponse:
    """The console for agents; for everybody else the open conversation, or a new one."""
    agent = agent_of(request.subscriber)
    if agent and "preguntar" not in request.GET:
        if not request.htmx:
            _ask_again(request.subscriber)
        context = console.console(agent, timezone.now())
        return render(request, "chat/chat.html", context | {"reasons": settings.PAUSE_REASONS})
    if not agent and (found := starting.open_one(request.subscriber)):
        return redirect("chat:conversacion", found.pk)
    return _page(request, None, is_agent=agent is not None)


@subscriber_required
@require_POST
def empezar(request: SubscriberRequest) -> HttpResponse:
    """Write to a service; whether somebody would answer is looked at now, not when it was shown."""
    form = StartForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    given = form.cleaned_data
    try:
        found = starting.start(
            request.subscriber, given["service"], _client_id(given), given["text"], timezone.now()
        )
    except NotSent as error:
        form.add_error(None, str(error))
        return _page(request, form, status=error.status)
    return redirect("chat:conversacion", found.pk)


@subscriber_required
@require_POST
def mensaje(request: SubscriberRequest) -> HttpResponse:
    """Leave what was written, to be called about it."""
    form = StartForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    given = form.cleaned_data
    number = given["number"] or request.subscriber.number
    who, service = request.subscriber, given["service"]
    try:
        found = starting.leave_message(
            who, service, _client_id(given), given["text"], number, timezone.now()
        )
    except NotSent as error:
        form.add_error(None, str(error))
        return _page(request, form, status=error.status)
    return redirect("chat:conversacion", found.pk)


@never_cache
@subscriber_required
@require_GET
def aviso(request: SubscriberRequest) -> HttpResponse:
    """The number on the button that leads here."""
    return render(request, "chat/_count.html")


def _ask_again(subscriber: Subscriber) -> None:
    """Let a pause that was just begun or ended show, before the link hears of it."""
    with suppress(PBXError):
        seats.sync_one(subscriber.number)


def _client_id(given: dict[str, Any]) -> UUID:
    return given["client_id"] or uuid4()


def _page(
    request: SubscriberRequest, form: StartForm | None, *, status: int = 200, is_agent: bool = False
) -> HttpResponse:
    """The services as they are now, and what was written before, if anything."""
    now = timezone.now()
    found = availabilities(now)
    first = next((each.service.pk for each in found if each.can_wait), None)
    chosen: Any = first or (found[0].service.pk if found else None)
    if form is None:
        initial = {"client_id": uuid4(), "number": request.subscriber.number}
        form = StartForm(initial=initial)
    else:
        mark_wrong(form)
        chosen = form.data.get("service") or chosen
    context = {
        "form": form,
        "services": [(each, state_of(each, now)) for each in found],
        "chosen": str(chosen),
        "somebody_is_there": first is not None,
        "open_one": starting.open_one(request.subscriber),
        "recent": _recent(request),
        "is_agent": is_agent,
    }
    return render(request, "chat/chat.html", context, status=status)


def _recent(request: SubscriberRequest) -> list[Conversation]:
    rows = Conversation.objects.filter(subscriber=request.subscriber).select_related("service")
    return list(rows[:RECENT])
