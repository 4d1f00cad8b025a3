"""In which language the pages speak."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_POST

from portal.access import SubscriberRequest, subscriber_required

YEAR = 365 * 24 * 3600


@subscriber_required
@require_POST
def idioma(request: SubscriberRequest) -> HttpResponse:
    """Keep the chosen language for the person, and for the door of this browser in a cookie."""
    language = request.POST.get("idioma", "")
    response = redirect("ajustes:ajustes")
    if language not in dict(settings.LANGUAGES):
        messages.error(request, _("Elige uno de los idiomas de la lista."))
        return response
    request.subscriber.language = language
    request.subscriber.save(update_fields=["language"])
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=YEAR,
        path=settings.LANGUAGE_COOKIE_PATH,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )
    with override(language):
        messages.success(request, _("Idioma cambiado."))
    return response
