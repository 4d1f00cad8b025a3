"""Putting contacts in order, one or several: favourites, into the bin and out of it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from agenda import changes
from agenda.views.telling import way_back
from portal.access import SubscriberRequest, subscriber_required


@subscriber_required
@require_POST
def deshacer(request: SubscriberRequest, pk: int) -> HttpResponse:
    """Put back what one change of the own contacts changed."""
    event = get_object_or_404(changes.events_of(request.subscriber), pk=pk)
    try:
        changes.undo(request, request.subscriber, event, timezone.now())
    except changes.ChangedSince:
        messages.error(
            request, _("No se puede deshacer: el contacto se ha cambiado después, o ya no existe.")
        )
    else:
        messages.success(request, _("Cambio deshecho."))
    return redirect(way_back(request))
