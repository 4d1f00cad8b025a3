"""Click to call: beginning a call, following it on every page, and hanging up."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from agenda.lookup import names_for
from portal import calls, phone
from portal.access import SubscriberRequest, subscriber_required
from portal.pbx.errors import NotFound, PBXError, PBXUnavailable
from portal.ways import way_back

UNCHANGED = 204
"""htmx leaves the page as it is, so that nothing is read out twice and nothing loses the focus."""


@subscriber_required
@require_POST
def llamar(request: SubscriberRequest) -> HttpResponse:
    """Ring the own telephone, and then call the number."""
    subscriber = request.subscriber
    try:
        number = phone.normalise(request.POST.get("number", ""), settings.PHONE_REGION)
        name = names_for(subscriber, [number]).get(number, "")
        calls.begin(subscriber, number, name)
    except (phone.InvalidNumber, calls.NotAllowed) as error:
        return _answer(request, str(error))
    except PBXError as error:
        return _answer(request, _why_not(error))
    return _answer(request)


@subscriber_required
@require_POST
def colgar(request: SubscriberRequest) -> HttpResponse:
    """Hang up; what has ended already is not shown any more."""
    try:
        calls.put_down(request.subscriber)
    except PBXError as error:
        return _answer(request, _why_not(error))
    return _answer(request)


@never_cache
@subscriber_required
@require_GET
def llamada(request: SubscriberRequest) -> HttpResponse:
    """How the call goes; htmx gets the panel alone, and nothing where it shows that already."""
    call = calls.current(request.subscriber)
    if not request.htmx:
        return render(request, "llamada.html", {"call": call})
    if request.GET.get("visto", "") == (call.version if call else ""):
        return HttpResponse(status=UNCHANGED)
    return _panel(request, call=call)


def _answer(request: SubscriberRequest, problem: str = "") -> HttpResponse:
    """The panel for htmx; else back to the page that the button stands on."""
    if request.htmx:
        return _panel(request, call=calls.current(request.subscriber), problem=problem)
    if problem:
        messages.error(request, problem)
    return redirect(way_back(request, "inicio"))


def _panel(request: SubscriberRequest, **context: Any) -> HttpResponse:
    return render(request, "_call_panel.html", context)


def _why_not(error: PBXError) -> str:
    if isinstance(error, NotFound):
        return _(
            "Tu teléfono no está conectado, así que no puede sonar. Revísalo y prueba otra vez."
        )
    if isinstance(error, PBXUnavailable):
        return _("La centralita no responde. Prueba dentro de un minuto.")
    return _("La centralita no lo ha aceptado. Si se repite, avisa a quien administra el portal.")
