"""The page Ajustes: contact data, and the way to everything else that can be set."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ajustes import profile
from ajustes.forms import ProfileForm
from portal.access import SubscriberRequest, subscriber_required


@subscriber_required
@require_http_methods(["GET", "POST"])
def ajustes(request: SubscriberRequest) -> HttpResponse:
    """Show what can be set; store the contact data that is sent."""
    form = ProfileForm(request.subscriber, request.POST if request.method == "POST" else None)
    if form.is_valid():
        _save(request, form)
        return redirect("ajustes:ajustes")
    status = 422 if form.errors else 200
    return render(request, "ajustes/ajustes.html", {"form": form}, status=status)


def _save(request: SubscriberRequest, form: ProfileForm) -> None:
    changed = profile.save(request, request.subscriber, form.wanted(), at=timezone.now())
    if not changed:
        messages.info(request, _("No había nada que cambiar."))
    elif profile.SHOWN in changed:
        messages.success(
            request, _("Datos guardados. La centralita muestra el nombre nuevo en unos segundos.")
        )
    else:
        messages.success(request, _("Datos guardados."))
