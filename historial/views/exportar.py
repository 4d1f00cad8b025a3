"""The calls as a file."""

from collections.abc import Iterator
from itertools import chain

from django.contrib import messages
from django.db import DatabaseError
from django.http import HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from historial.asked import Asked
from historial.export import lines
from historial.listing import search_for
from historial.reach import CALL_RECORDS
from historial.views.telling import records_away
from portal.access import SubscriberRequest, subscriber_required
from portal.pbx import get_pbx
from portal.pbx.types import Call


@subscriber_required
@never_cache
@require_GET
def exportar(request: SubscriberRequest) -> HttpResponseBase:
    """All calls that the same address shows on the page, as CSV, sent while they are read."""
    subscriber, asked = request.subscriber, Asked.read(request.GET)
    wanted = search_for(asked, subscriber, subscriber.zone)
    try:
        with CALL_RECORDS.asked():
            calls = _begun(get_pbx().call_log.export(subscriber.number, wanted))
    except DatabaseError:
        messages.error(request, records_away())
        return redirect(f"{reverse('historial:historial')}{asked.address()}")
    response = StreamingHttpResponse(
        lines(subscriber, calls), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{_filename()}"'
    return response


def _begun(calls: Iterator[Call]) -> Iterator[Call]:
    """The same calls, of which the first has been read: that it can be is known now."""
    return chain([call for call in [next(calls, None)] if call], calls)


def _filename() -> str:
    return _("llamadas %s.csv") % timezone.localdate().isoformat()
