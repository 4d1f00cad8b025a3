"""Taking contacts along: as a table or as cards; all, those found, or those ticked."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods

from agenda.exchange import leaving
from agenda.models import Contact
from agenda.search import Asked, Found
from agenda.views.agenda import asked_in
from portal.access import SubscriberRequest, subscriber_required

MOST_TICKED, LONGEST_KEY = 100, 19


@subscriber_required
@require_http_methods(["GET", "POST"])
def exportar(request: SubscriberRequest) -> HttpResponse:
    """What there is to take along: those found, those ticked in the list, the own ones, all."""
    asked = asked_in(request)
    own = Contact.objects.editable_by(request.subscriber).count()
    context: dict[str, Any] = {"own": own}
    visible = Contact.objects.visible_to(request.subscriber)
    ticked = list(visible.in_bulk(_keys(request.POST.getlist("ids"))))
    if ticked:
        context |= {"count": len(ticked), "query": urlencode({"elegido": ticked}, doseq=True)}
    elif asked.is_filtered:
        count = len(Found(request.subscriber, asked))
        context |= {"count": count, "query": request.GET.urlencode()}
    context["is_ticked"] = bool(ticked)
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
        return Contact.objects.visible_to(request.subscriber).filter(pk__in=_keys(ticked))
    asked = asked_in(request)
    if not asked.is_filtered and request.GET.get("agenda") != "todas":
        asked = Asked(book=Contact.Book.PERSONAL)
    return leaving.all_of(Found(request.subscriber, asked))


def _keys(texts: list[str]) -> list[int]:
    texts = [each for each in texts[:MOST_TICKED] if each.isascii() and each.isdigit()]
    return [int(each) for each in texts if len(each) < LONGEST_KEY]


def _download(
    request: SubscriberRequest, pieces: Iterable[str] | Iterable[bytes], kind: str, ending: str
) -> StreamingHttpResponse:
    response = StreamingHttpResponse(pieces, content_type=kind)
    day = timezone.localdate().isoformat()
    response["Content-Disposition"] = f'attachment; filename="agenda-{day}.{ending}"'
    response["Cache-Control"] = "private, no-store"
    return response
