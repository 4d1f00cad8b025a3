"""Taking contacts along: as a table or as cards; all, those found, or those ticked."""

from collections.abc import Iterable

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from agenda.exchange import leaving
from agenda.models import Contact
from agenda.search import Asked, Found
from agenda.views.agenda import asked_in
from portal.access import SubscriberRequest, subscriber_required

MOST_TICKED = 500


@subscriber_required
@require_GET
def exportar(request: SubscriberRequest) -> HttpResponse:
    """What there is to take along, and as what."""
    asked = asked_in(request)
    own = Contact.objects.editable_by(request.subscriber).count()
    found = len(Found(request.subscriber, asked)) if asked.is_filtered else 0
    query = request.GET.urlencode() if asked.is_filtered else ""
    context = {"own": own, "found": found, "query": query}
    return render(request, "agenda/exportar.html", context)


@subscriber_required
@require_GET
def hoja(request: SubscriberRequest) -> StreamingHttpResponse:
    """A CSV file."""
    pieces = leaving.as_csv(_wanted(request))
    return _download(request, pieces, "text/csv; charset=utf-8", "csv")


@subscriber_required
@require_GET
def tarjetas(request: SubscriberRequest) -> StreamingHttpResponse:
    """A file of vCards."""
    pieces = leaving.as_vcard(_wanted(request))
    return _download(request, pieces, "text/vcard; charset=utf-8", "vcf")


def _wanted(request: SubscriberRequest) -> Iterable[Contact]:
    """Those ticked, else those that the address asks for; without either, the own ones."""
    if ticked := request.GET.getlist("elegido"):
        keys = [int(key) for key in ticked[:MOST_TICKED] if key.isascii() and key.isdigit()]
        keys = [key for key in keys if key < 2**63]
        return Contact.objects.visible_to(request.subscriber).filter(pk__in=keys)
    asked = asked_in(request)
    if not asked.is_filtered and request.GET.get("agenda") != "todas":
        asked = Asked(book=Contact.Book.PERSONAL)
    return leaving.all_of(Found(request.subscriber, asked))


def _download(
    request: SubscriberRequest, pieces: Iterable[str] | Iterable[bytes], kind: str, ending: str
) -> StreamingHttpResponse:
    response = StreamingHttpResponse(pieces, content_type=kind)
    day = timezone.localdate().isoformat()
    response["Content-Disposition"] = f'attachment; filename="agenda-{day}.{ending}"'
    response["Cache-Control"] = "private, no-store"
    return response
