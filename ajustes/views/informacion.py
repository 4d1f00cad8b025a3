"""The page Información, and what of it can be printed and laid beside the telephone."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from ajustes.codes import codes_of
from ajustes.presence import telephones
from ajustes.queues import queues
from portal.access import SubscriberRequest, subscriber_required


@subscriber_required
@require_GET
def informacion(request: SubscriberRequest) -> HttpResponse:
    """Where the person is now, the queues, number, categories, and what can be dialled."""
    context = {
        "queues": queues(request.subscriber),
        "telephones": telephones(request.subscriber),
        "reasons": settings.PAUSE_REASONS,
        "codes": codes_of(request.subscriber),
    }
    return render(request, "ajustes/informacion.html", context)


@subscriber_required
@require_GET
def tarjeta(request: SubscriberRequest) -> HttpResponse:
    """The number and the codes on a card; nothing that lets anybody in."""
    return render(request, "ajustes/tarjeta.html", {"codes": codes_of(request.subscriber)})
