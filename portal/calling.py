"""Click to call: the pages of a call that the portal begins."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from portal import phone
from portal.access import SubscriberRequest, subscriber_required
from portal.pbx import get_pbx
from portal.pbx.errors import NotFound, PBXError


@subscriber_required
@require_POST
def llamar(request: SubscriberRequest) -> HttpResponse:
    """Ring the own telephone, and then call the number."""
    try:
        number = phone.normalise(request.POST.get("number", ""), settings.PHONE_REGION)
        get_pbx().dialer.call(request.subscriber.number, number)
    except phone.InvalidNumber as error:
        messages.error(request, str(error))
    except NotFound:
        messages.error(request, _("Ningún teléfono tuyo está conectado: ninguno puede sonar."))
    except PBXError:
        messages.error(request, _("La centralita no responde. Prueba dentro de un minuto."))
    else:
        messages.success(request, _("Suena tu teléfono: al descolgar se llama."))
    return redirect(_way_back(request))


def _way_back(request: SubscriberRequest) -> str:
    way = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(way, {request.get_host()}, request.is_secure())
    return way if safe else reverse("inicio")
