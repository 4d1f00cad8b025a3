"""Where the user's days begin."""

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from desvios import changes
from desvios.calendar.pages.initial import ZONES
from desvios.telling import apply_and_tell
from portal.access import SubscriberRequest, subscriber_required
from portal.models import zone_choices


def _choices() -> list[tuple[str, object]]:
    """Those that people here are likely to want, then all."""
    return [(_("Las más usadas"), list(ZONES.items())), (_("Todas"), zone_choices())]


class ZoneForm(forms.Form):
    """A zone of the tz database."""

    zone = forms.ChoiceField(
        label=gettext_lazy("Zona horaria"),
        choices=_choices,
        error_messages={"invalid_choice": gettext_lazy("Elige una zona de la lista.")},
    )


@subscriber_required
@require_http_methods(["GET", "POST"])
def zona(request: SubscriberRequest) -> HttpResponse:
    """Show and change the zone in which the pages tell the time."""
    subscriber = request.subscriber
    form = ZoneForm(request.POST or None, initial={"zone": subscriber.time_zone})
    if form.is_valid():
        wanted = {changes.ZONE: form.cleaned_data["zone"]}
        event = changes.save(request, subscriber, wanted, at=timezone.now())
        apply_and_tell(request, event, _("Zona horaria cambiada"))
        return redirect("desvios:calendario")
    return render(request, "desvios/zona.html", {"form": form}, status=422 if form.errors else 200)
