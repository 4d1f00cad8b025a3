"""The page Información."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from portal.access import SubscriberRequest, subscriber_required


@subscriber_required
@require_GET
def informacion(request: SubscriberRequest) -> HttpResponse:
    """Number, devices and categories; what else this tab will hold."""
    return render(request, "ajustes/informacion.html")
