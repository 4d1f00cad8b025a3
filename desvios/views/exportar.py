"""Giving the own calendar to others: as a file, and under a secret address."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, HttpResponseNotFound
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from desvios.exchange.models import CalendarShare, digest_of, new_nonce, secret_of
from desvios.exchange.own import own_calendar
from portal.access import SubscriberRequest, subscriber_required
from portal.models import Subscriber


@subscriber_required
@require_GET
def exportar(request: SubscriberRequest) -> HttpResponse:
    """The file to download, and the secret address if there is one."""
    share = CalendarShare.objects.filter(subscriber=request.subscriber).first()
    address = ""
    if share and share.secret:
        address = request.build_absolute_uri(reverse("desvios:compartido", args=[share.secret]))
    response = render(request, "desvios/exportar.html", {"share": share, "address": address})
    response["Cache-Control"] = "private, no-store"
    return response


@subscriber_required
@require_GET
def descargar(request: SubscriberRequest) -> HttpResponse:
    """The own calendar as a file."""
    response = _calendar(request.subscriber)
    response["Content-Disposition"] = 'attachment; filename="webfon.ics"'
    return response


@subscriber_required
@require_POST
def renovar(request: SubscriberRequest) -> HttpResponse:
    """Make a secret address; one that was there is dead from now on."""
    nonce = new_nonce()
    _share, is_first = CalendarShare.objects.update_or_create(
        subscriber=request.subscriber,
        defaults={
            "nonce": nonce,
            "digest": digest_of(secret_of(request.subscriber, nonce)),
            "made_at": timezone.now(),
        },
    )
    first = _("Tu calendario tiene ahora una dirección secreta.")
    messages.success(
        request, first if is_first else _("Dirección renovada: la anterior ya no vale.")
    )
    return redirect("desvios:exportar")


@subscriber_required
@require_POST
def apagar(request: SubscriberRequest) -> HttpResponse:
    """Take the secret address away."""
    CalendarShare.objects.filter(subscriber=request.subscriber).delete()
    messages.success(request, _("La dirección secreta ya no vale."))
    return redirect("desvios:exportar")


@require_safe
def compartido(request: HttpRequest, secret: str) -> HttpResponse:
    """The calendar of whoever made this secret address; there is no login.

    Found by the secret's digest, so that the time it takes says nothing about the secret.
    """
    if settings.HTTPS and not request.is_secure():
        return _kept_private(
            HttpResponseForbidden(_("La dirección tiene que empezar por https://"))
        )
    share = (
        CalendarShare.objects.select_related("subscriber").filter(digest=digest_of(secret)).first()
    )
    return _calendar(share.subscriber) if share else _not_here()


def _calendar(subscriber: Subscriber) -> HttpResponse:
    data = own_calendar(subscriber)
    return _kept_private(HttpResponse(data, content_type="text/calendar; charset=utf-8"))


def _not_here() -> HttpResponse:
    return _kept_private(HttpResponseNotFound(_("No hay ningún calendario aquí.")))


def _kept_private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "private, no-cache"
    response["X-Robots-Tag"] = "noindex"
    return response
