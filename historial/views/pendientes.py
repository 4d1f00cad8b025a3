"""Missed calls to return: how many there are, and saying that they are done."""

from uuid import UUID

from django.contrib import messages
from django.db import DatabaseError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from historial.listing import rows_of
from historial.returning import dismiss, of_request, recall
from historial.views.telling import records_away
from portal.access import SubscriberRequest, subscriber_required
from portal.pbx import get_pbx
from portal.pbx.errors import NotFound
from portal.pbx.types import Call
from portal.ways import way_back


@subscriber_required
@require_GET
def pendientes(request: SubscriberRequest) -> HttpResponse:
    """How many missed calls wait, for the tab."""
    return render(request, "_waiting.html")


@subscriber_required
@require_POST
def marcar(request: SubscriberRequest) -> HttpResponse:
    """A missed call is done, or all are: they wait no more, until the number calls again."""
    try:
        calls = _chosen(request)
    except DatabaseError:
        messages.error(request, records_away())
        return redirect(way_back(request, "historial:historial"))
    if not calls:
        messages.info(request, _("No hay llamadas por devolver."))
        return redirect(way_back(request, "historial:historial"))
    batch = dismiss(request.subscriber, calls)
    undo = f"{reverse('historial:desmarcar')}?{urlencode({'lote': str(batch)})}"
    messages.success(request, _done(request, calls), extra_tags=undo)
    return redirect(way_back(request, "historial:historial"))


@subscriber_required
@require_POST
def desmarcar(request: SubscriberRequest) -> HttpResponse:
    """Undo that: they wait again."""
    try:
        batch = UUID(request.GET.get("lote", ""))
    except ValueError as error:
        raise Http404 from error
    count = recall(request.subscriber, batch)
    if not count:
        raise Http404
    text = ngettext("La llamada vuelve a estar por devolver.", "%(n)d vuelven a estarlo.", count)
    messages.success(request, text % {"n": count})
    return redirect(way_back(request, "historial:historial"))


def _chosen(request: SubscriberRequest) -> list[Call]:
    """The missed call of the key, or all that wait. Raises ``DatabaseError``."""
    if "todas" in request.POST:
        found = of_request(request)
        if found is None:
            raise DatabaseError
        return [each.call for each in found]
    key = request.POST.get("key", "")
    try:
        call = get_pbx().call_log.call(request.subscriber.number, key)
    except NotFound as error:
        raise Http404 from error
    if not call.is_missed or not call.other:
        raise Http404
    return [call]


def _done(request: SubscriberRequest, calls: list[Call]) -> str:
    if len(calls) == 1:
        return (
            _("Hecho con %s: ya no está por devolver.") % rows_of(request.subscriber, calls)[0].name
        )
    return _("%d llamadas ya no están por devolver.") % len(calls)
