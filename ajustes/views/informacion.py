"""The page Información."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from ajustes.presence import telephones
from ajustes.queues import queues
from portal.access import SubscriberRequest, subscriber_required
from portal.feature_codes import feature_codes


@subscriber_required
@require_GET
def informacion(request: SubscriberRequest) -> HttpResponse:
    """Where the person is now, the queues, number, categories, and what can be dialled."""
    context = {
        "queues": queues(request.subscriber),
        "telephones": telephones(request.subscriber),
        "reasons": settings.PAUSE_REASONS,
        "codes": feature_codes(),
    }
    return render(request, "ajustes/informacion.html", context)
