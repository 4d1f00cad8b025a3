"""Leaving a telephone from the portal, at which one logged in and is no more."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ajustes import presence
from portal.access import SubscriberRequest, subscriber_required
from portal.pbx.errors import NotFound, PBXError, PBXUnavailable


@subscriber_required
@require_POST
def salir_de_telefono(request: SubscriberRequest) -> HttpResponse:
    """Give the telephone back to its owner."""
    device = request.POST.get("device", "")
    try:
        away = presence.leave(request, request.subscriber, device)
    except PBXError as error:
        messages.error(request, _why_not(error))
        return redirect("ajustes:informacion")
    messages.success(request, _("Has salido del teléfono %(name)s.") % {"name": device})
    if away:
        text = _("Una parte de la centralita no responde (%(nodes)s) y sigue como estaba.")
        messages.warning(request, text % {"nodes": ", ".join(away)})
    return redirect("ajustes:informacion")


def _why_not(error: PBXError) -> str:
    if isinstance(error, PBXUnavailable):
        return _("La centralita no responde y no se ha cambiado nada. Prueba dentro de un minuto.")
    if isinstance(error, NotFound):
        return _("Ya no estás en ese teléfono.")
    return _("La centralita no lo ha aceptado. Si se repite, avisa a quien administra el portal.")
