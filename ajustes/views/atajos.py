"""Whether single keys do something on the pages."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from portal.access import SubscriberRequest, subscriber_required


@subscriber_required
@require_POST
def atajos(request: SubscriberRequest) -> HttpResponse:
    """Turn the shortcuts of a single key on or off."""
    subscriber = request.subscriber
    subscriber.shortcuts = request.POST.get("atajos") == "si"
    subscriber.save(update_fields=["shortcuts"])
    on, off = _("Atajos de una tecla encendidos."), _("Atajos de una tecla apagados.")
    messages.success(request, on if subscriber.shortcuts else off)
    return redirect("ajustes:ajustes")
