"""What several pages say, and the way back from a button."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _


def records_away() -> str:
    """What to say where the call records cannot be read."""
    return _("Ahora no se puede leer el registro de llamadas. Prueba dentro de unos minutos.")


def way_back(request: HttpRequest) -> str:
    """The page that the button stood on, if it is one of ours; else the list."""
    way = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(
        way, {request.get_host()}, require_https=request.is_secure()
    ):
        return way
    return reverse("historial:historial")
