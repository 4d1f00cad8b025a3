"""What callers hear: listening, uploading, recording here or at the telephone, removing."""

import time
from collections.abc import Callable
from contextlib import closing
from typing import Any, BinaryIO

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from buzon import greetings
from buzon.forms import DraftForm, GreetingForm
from buzon.views.telling import Refused, explained, why_not
from buzon.wording import GREETING_NAMES, GREETING_USES
from portal import ranges
from portal.access import SubscriberRequest, subscriber_required
from portal.models import Subscriber
from portal.pbx import get_pbx
from portal.pbx.errors import NotFound, PBXError
from portal.pbx.types import Greeting

WAIT_FOR_DRAFT = 5 * 60
"""Seconds in which a page looks out for what is being recorded at the telephone."""


@subscriber_required
@require_GET
@vary_on_headers("HX-Request")
def saludos(request: SubscriberRequest) -> HttpResponse:
    """The four greetings; for htmx the one that is being recorded at the telephone."""
    return _page(request)


@subscriber_required
@require_POST
def guardar(request: SubscriberRequest, greeting: Greeting) -> HttpResponse:
    """Put in force what was uploaded, or recorded in the browser, which comes as a file too."""
    form = GreetingForm(greeting, request.POST, request.FILES, prefix=greeting.value)
    if not form.is_valid():
        return _page(request, form, status=422)
    sound, until = form.cleaned_data["recording"], form.cleaned_data.get("until")
    return _done(
        request,
        _("%s: guardado. Quien llame lo oye desde ahora.") % GREETING_NAMES[greeting],
        lambda: greetings.put(request, request.subscriber, greeting, sound, until),
    )


@subscriber_required
@require_POST
def grabar(request: SubscriberRequest, greeting: Greeting) -> HttpResponse:
    """Ring the own telephone to record there; the page then waits for what was said."""
    subscriber = request.subscriber
    nobody = _("Ningún teléfono tuyo está conectado, así que ninguno puede sonar.")
    try:
        with explained(request, not_found=nobody):
            get_pbx().dialer.record_greeting(subscriber.number, subscriber.mailbox, greeting)
            greetings.drop_draft(subscriber, greeting)  # the one before: nobody speaks yet
    except Refused:
        return redirect("buzon:saludos")
    query = f"?grabando={greeting}&desde={int(time.time())}#{greeting}"
    return redirect(reverse("buzon:saludos") + query)


@subscriber_required
@require_POST
def usar(request: SubscriberRequest, greeting: Greeting) -> HttpResponse:
    """Put in force what was recorded at the telephone."""
    form = DraftForm(greeting, request.POST, prefix=greeting.value)
    if not form.is_valid():
        return _page(request, form, status=422)
    until = form.cleaned_data.get("until")
    return _done(
        request,
        _("%s: guardado. Quien llame lo oye desde ahora.") % GREETING_NAMES[greeting],
        lambda: greetings.take_draft(request, request.subscriber, greeting, until),
    )


@subscriber_required
@require_POST
def descartar(request: SubscriberRequest, greeting: Greeting) -> HttpResponse:
    """Throw away what was recorded at the telephone and is not in force."""
    return _done(
        request,
        _("Grabación descartada. Se sigue oyendo lo de antes."),
        lambda: greetings.drop_draft(request.subscriber, greeting),
    )


@subscriber_required
@require_POST
def quitar(request: SubscriberRequest, greeting: Greeting) -> HttpResponse:
    """Let the telephone system speak again; asks first, since the recording is gone then."""
    if "sure" not in request.POST:
        context = {"greeting": greeting, "name": GREETING_NAMES[greeting]}
        return render(request, "buzon/_sure_greeting.html", context)
    return _done(
        request,
        _("%s: quitado.") % GREETING_NAMES[greeting],
        lambda: greetings.remove(request, request.subscriber, greeting),
    )


@subscriber_required
@require_safe
def saludo(request: SubscriberRequest, greeting: Greeting) -> HttpResponseBase:
    """The sound of a greeting in force."""
    return _sound(request, greeting, get_pbx().voicemail.open_greeting)


@subscriber_required
@require_safe
def borrador(request: SubscriberRequest, greeting: Greeting) -> HttpResponseBase:
    """The sound of what was recorded at the telephone."""
    return _sound(request, greeting, get_pbx().voicemail.open_draft)


def _sound(
    request: SubscriberRequest, greeting: Greeting, opener: Callable[[str, Greeting], BinaryIO]
) -> HttpResponseBase:
    try:
        file = opener(request.subscriber.mailbox, greeting)
    except NotFound as error:
        raise Http404 from error
    name = f"{GREETING_NAMES[greeting]}.wav"
    return ranges.answer(request, file, content_type="audio/wav", filename=name, attached=False)


def _done(request: SubscriberRequest, text: str, action: Callable[[], None]) -> HttpResponse:
    """Do it, say so or why not, and show the greetings."""
    try:
        with explained(request):
            action()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    except Refused:
        pass
    else:
        messages.success(request, text)
    return redirect("buzon:saludos")


def _page(
    request: SubscriberRequest, bound: GreetingForm | None = None, *, status: int = 200
) -> HttpResponse:
    waiting = _waiting_for(request)
    try:
        held = get_pbx().voicemail.greetings(request.subscriber.mailbox)
        rows = [_row(request.subscriber, each, held, waiting, bound) for each in Greeting]
    except PBXError as error:
        return render(request, "buzon/saludos.html", {"problem": why_not(error)}, status=status)
    if request.htmx and waiting:
        row = next(row for row in rows if row["greeting"] == waiting)
        return render(request, "buzon/_draft.html", {"row": row})
    context = {"rows": rows, "form": bound, "until": greetings.temporary_until(request.subscriber)}
    return render(request, "buzon/saludos.html", context, status=status)


def _row(
    subscriber: Subscriber,
    greeting: Greeting,
    held: frozenset[Greeting],
    waiting: Greeting | None,
    bound: GreetingForm | None,
) -> dict[str, Any]:
    """One greeting, for the template."""
    is_bound = bound is not None and bound.prefix == greeting.value
    has_draft = _has_draft(subscriber, greeting)
    return {
        "greeting": greeting,
        "name": GREETING_NAMES[greeting],
        "use": GREETING_USES[greeting],
        "is_recorded": greeting in held,
        "is_replaced": _is_replaced(greeting, held),
        "has_draft": has_draft,
        "is_awaited": waiting == greeting and not has_draft,
        "form": bound if is_bound else GreetingForm(greeting, prefix=greeting.value),
    }


def _is_replaced(greeting: Greeting, held: frozenset[Greeting]) -> bool:
    """Whether callers hear the temporary one instead."""
    always = (Greeting.UNAVAILABLE, Greeting.BUSY)
    return Greeting.TEMPORARY in held and greeting in always


def _has_draft(subscriber: Subscriber, greeting: Greeting) -> bool:
    try:
        with closing(get_pbx().voicemail.open_draft(subscriber.mailbox, greeting)):
            return True
    except NotFound:
        return False


def _waiting_for(request: SubscriberRequest) -> Greeting | None:
    """The greeting that is being recorded at the telephone, for some minutes."""
    since = request.GET.get("desde", "")
    try:
        greeting = Greeting(request.GET.get("grabando", ""))
        is_over = time.time() - int(since) > WAIT_FOR_DRAFT
    except ValueError:
        return None
    return None if is_over else greeting
