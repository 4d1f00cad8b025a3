"""What members of queues do: pause, go on, log in, log out."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ajustes import queues
from portal.access import SubscriberRequest, subscriber_required
from portal.pbx.errors import NotFound, PBXError, PBXUnavailable
from portal.pbx.presence import clean_reason
from portal.ways import way_back


@subscriber_required
@require_POST
def pausar(request: SubscriberRequest) -> HttpResponse:
    """No calls of a queue, or of all; the reason written comes before the one chosen."""
    reason = clean_reason(request.POST.get("text", "")) or clean_reason(
        request.POST.get("reason", "")
    )
    if not reason:
        messages.error(request, _("Elige o escribe el motivo de la pausa."))
        return redirect(way_back(request, "ajustes:informacion"))

    def change(name: str) -> tuple[str, ...]:
        return queues.pause(request, request.subscriber, name, reason)

    done = _("Estás en pausa: %(reason)s. No te llegan llamadas de la cola.") % {"reason": reason}
    return _change(request, change, done)


@subscriber_required
@require_POST
def reanudar(request: SubscriberRequest) -> HttpResponse:
    """Calls again."""

    def change(name: str) -> tuple[str, ...]:
        return queues.resume(request, request.subscriber, name)

    return _change(request, change, _("Vuelves a atender: te llegan llamadas de la cola."))


@subscriber_required
@require_POST
def entrar_en_cola(request: SubscriberRequest) -> HttpResponse:
    """Become a member of a queue."""

    def change(name: str) -> tuple[str, ...]:
        return queues.enter(request, request.subscriber, name)

    return _change(request, change, _("Has entrado en la cola."))


@subscriber_required
@require_POST
def salir_de_cola(request: SubscriberRequest) -> HttpResponse:
    """Leave one."""

    def change(name: str) -> tuple[str, ...]:
        return queues.leave(request, request.subscriber, name)

    return _change(request, change, _("Has salido de la cola: no te llegan sus llamadas."))


def _change(
    request: SubscriberRequest, change: Callable[[str], tuple[str, ...]], done: str
) -> HttpResponse:
    """Do it, and say what came of it."""
    try:
        away = change(request.POST.get("queue", ""))
    except PBXError as error:
        messages.error(request, _why_not(error))
        return redirect(way_back(request, "ajustes:informacion"))
    messages.success(request, done)
    if away:
        text = _("Una parte de la centralita no responde (%(nodes)s) y sigue como estaba.")
        messages.warning(request, text % {"nodes": ", ".join(away)})
    return redirect(way_back(request, "ajustes:informacion"))


def _why_not(error: PBXError) -> str:
    if isinstance(error, PBXUnavailable):
        return _("La centralita no responde y no se ha cambiado nada. Prueba dentro de un minuto.")
    if isinstance(error, NotFound):
        return _("Ya no estás en esa cola.")
    return _("La centralita no lo ha aceptado. Si se repite, avisa a quien administra el portal.")
