"""PIN, notices and language of the mailbox."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from buzon import options
from buzon.forms import OptionsForm
from buzon.views.telling import Refused, explained
from portal.access import SubscriberRequest, subscriber_required


@subscriber_required
@require_http_methods(["GET", "POST"])
def opciones(request: SubscriberRequest) -> HttpResponse:
    """Show what is chosen; store what is sent."""
    if request.method == "GET":
        return _page(request, OptionsForm(request.subscriber))
    form = OptionsForm(request.subscriber, request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        is_changed = _save(request, form)
    except Refused:
        return _page(request, form, status=503)
    if is_changed:
        messages.success(request, _("Opciones guardadas."))
    else:
        messages.info(request, _("No había nada que cambiar."))
    return redirect("buzon:opciones")


def _save(request: SubscriberRequest, form: OptionsForm) -> bool:
    """The PIN first: without the telephone system nothing is stored. Whether anything changed."""
    data = form.cleaned_data
    if data["pin"]:
        with explained(request):
            options.set_pin(request, request.subscriber, data["pin"])
    chosen = {name: data[name] for name in ("notice", "email", "language")}
    return options.save(request, request.subscriber, **chosen) or bool(data["pin"])


def _page(request: SubscriberRequest, form: OptionsForm, *, status: int = 200) -> HttpResponse:
    return render(request, "buzon/opciones.html", {"form": form}, status=status)
