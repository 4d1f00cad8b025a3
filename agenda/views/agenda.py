"""The list of contacts."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from portal.access import SubscriberRequest, subscriber_required


@subscriber_required
@require_GET
def agenda(request: SubscriberRequest) -> HttpResponse:
    """What this tab will hold."""
    return render(request, "agenda/agenda.html")
