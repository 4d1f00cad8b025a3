"""Subscriptions to calendars elsewhere."""

import logging
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.cache import cache
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from agenda.lookup import namer
from desvios.calendar.pages.initial import TO_NUMBER
from desvios.exchange import feeds, subscribing
from desvios.exchange.fetch import Answer, Fetcher, TooSlow, Unfetchable, host_of
from desvios.exchange.forms import FeedDetailsForm, FeedForm
from desvios.exchange.ics_lines import NotReadable
from desvios.exchange.models import CalendarFeed
from desvios.telling import apply_and_tell
from desvios.wording import to_destination
from portal import phone
from portal.access import SubscriberRequest, subscriber_required
from portal.pbx.types import VOICEMAIL

log = logging.getLogger(__name__)

PAUSE = timedelta(seconds=30)
"""Between two fetches that one person asks for."""

PATIENCE = 2.0
"""Seconds that a page waits for a calendar; the link, which nobody waits for, waits longer."""


@subscriber_required
@require_http_methods(["GET", "POST"])
def suscripciones(request: SubscriberRequest) -> HttpResponse:
    """Show the subscriptions; take a new one if its calendar can be read."""
    if request.method == "GET":
        return _page(request, FeedForm(request.subscriber))
    form = FeedForm(request.subscriber, request.POST)
    if not form.is_valid() or not _subscribed(request, form):
        return _page(request, form, status=422)
    return redirect("desvios:suscripciones")


@subscriber_required
@require_http_methods(["GET", "POST"])
def suscripcion(request: SubscriberRequest, pk: int) -> HttpResponse:
    """Another name or destination for a subscription, or on and off."""
    feed = _own(request, pk)
    if request.method == "GET":
        return _details(request, feed, FeedDetailsForm(request.subscriber, initial=_initial(feed)))
    form = FeedDetailsForm(request.subscriber, request.POST)
    if not form.is_valid():
        return _details(request, feed, form, status=422)
    wanted = {name: form.cleaned_data[name] for name in subscribing.EDITABLE}
    event = subscribing.edit(request, feed, wanted, timezone.now())
    apply_and_tell(request, event, _("Suscripción a «%s» cambiada") % wanted["name"])
    return redirect("desvios:suscripciones")


@subscriber_required
@require_POST
def actualizar(request: SubscriberRequest, pk: int) -> HttpResponse:
    """Read one calendar again now."""
    feed, now = _own(request, pk), timezone.now()
    if not feeds.claim(feed, now, PAUSE):
        messages.info(request, _("Se acaba de leer. Espera medio minuto para leerlo otra vez."))
    elif feeds.refresh(feed, Fetcher(deadline=PATIENCE), now):
        messages.success(request, _("«%s» está al día.") % feed.name)
    else:
        text = _("«%(name)s» no se pudo leer: %(why)s Sigue valiendo lo último que se leyó.")
        messages.warning(request, text % {"name": feed.name, "why": feed.error})
    return redirect("desvios:suscripciones")


@subscriber_required
@require_POST
def anular(request: SubscriberRequest, pk: int) -> HttpResponse:
    """End a subscription; it can be undone."""
    feed = _own(request, pk)
    event = subscribing.remove(request, feed, timezone.now())
    apply_and_tell(request, event, _("Suscripción a «%s» anulada") % feed.name)
    return redirect("desvios:suscripciones")


def _own(request: SubscriberRequest, pk: int) -> CalendarFeed:
    found: CalendarFeed = get_object_or_404(
        CalendarFeed.objects.in_use().filter(subscriber=request.subscriber), pk=pk
    )
    return found


def _subscribed(request: SubscriberRequest, form: FeedForm) -> bool:
    """Fetch and store what the form says; False with the reason at its field."""
    data, now = form.cleaned_data, timezone.now()
    if not cache.add(f"feed-{request.subscriber.pk}", 1, timeout=5):
        log.warning("refused: %s tries calendars one after the other", request.subscriber.number)
        form.add_error("url", _("Espera unos segundos antes de probar otra dirección."))
        return False
    feed = CalendarFeed(
        subscriber=request.subscriber,
        name=data["name"],
        url=data["url"],
        destination=data["destination"],
    )
    try:
        event = subscribing.subscribe(request, feed, _first_answer(request, feed), now)
    except (Unfetchable, NotReadable) as error:
        form.add_error("url", str(error))
        return False
    apply_and_tell(request, event, _("Suscripción a «%s»") % feed.name)
    return True


def _first_answer(request: SubscriberRequest, feed: CalendarFeed) -> Answer | None:
    """What the calendar says; ``None`` where it takes longer than a page can wait."""
    try:
        return Fetcher(deadline=PATIENCE).fetch(feed.url)
    except TooSlow as error:
        text = _(
            "%s La suscripción queda guardada y se sigue intentando sin que tengas que esperar."
        )
        messages.warning(request, text % error)
        return None


def _initial(feed: CalendarFeed) -> dict[str, Any]:
    is_number = feed.destination != VOICEMAIL
    number = phone.display(feed.destination, settings.PHONE_REGION) if is_number else ""
    to = TO_NUMBER if is_number else VOICEMAIL
    return {"name": feed.name, "to": to, "number": number, "enabled": feed.enabled}


def _details(
    request: SubscriberRequest, feed: CalendarFeed, form: FeedDetailsForm, *, status: int = 200
) -> HttpResponse:
    context = {"form": form, "feed": feed, "host": host_of(feed.url)}
    return render(request, "desvios/suscripcion.html", context, status=status)


def _page(request: SubscriberRequest, form: FeedForm, *, status: int = 200) -> HttpResponse:
    name = namer(request.subscriber)
    rows: list[dict[str, Any]] = [
        {
            "feed": feed,
            "host": host_of(feed.url),
            "to": to_destination(feed.destination, name(feed.destination)),
            "events": feed.events.count(),
        }
        for feed in CalendarFeed.objects.in_use().filter(subscriber=request.subscriber)
    ]
    context = {"form": form, "rows": rows}
    return render(request, "desvios/suscripciones.html", context, status=status)
