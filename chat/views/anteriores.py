"""Earlier conversations of the person's own, and what was said in them."""

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from chat.models import Conversation, Line
from chat.text import searchable
from portal.access import SubscriberRequest, subscriber_required

A_PAGE = 20
LONGEST_SEARCH = 60


@never_cache
@subscriber_required
@require_GET
def anteriores(request: SubscriberRequest) -> HttpResponse:
    """The newest first; those in which all the words occur, where some were given."""
    text = request.GET.get("buscar", "")[:LONGEST_SEARCH]
    rows = Conversation.objects.filter(subscriber=request.subscriber)
    for word in searchable(text).split():
        said = Line.objects.filter(conversation__subscriber=request.subscriber)
        found = said.filter(folded__contains=word).values("conversation")
        titles = Q(service__title__icontains=word) | Q(agent__name__icontains=word)
        rows = rows.filter(Q(pk__in=found) | titles)
    pages = Paginator(rows.select_related("service", "agent"), A_PAGE)
    page = pages.get_page(request.GET.get("pagina", ""))
    context = {"page": page, "text": text, "query": urlencode({"buscar": text}) if text else ""}
    return render(request, "chat/anteriores.html", context)
