"""The bin of contacts."""

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from agenda.models import Contact
from portal.access import SubscriberRequest, subscriber_required

CONTACTS_A_PAGE = 50


@subscriber_required
@require_GET
def papelera(request: SubscriberRequest) -> HttpResponse:
    """What was deleted and can be brought back, the latest first, with the days that are left."""
    contacts = Contact.objects.in_bin_of(request.subscriber).order_by("-binned_at", "-pk")
    page = Paginator(contacts, CONTACTS_A_PAGE).get_page(request.GET.get("pagina"))
    now = timezone.now()
    rows = [
        (row, max(0, settings.BIN_DAYS - (now - row.binned_at).days))
        for row in page
        if row.binned_at
    ]
    context = {"page": page, "rows": rows, "bin_days": settings.BIN_DAYS}
    return render(request, "agenda/papelera.html", context)
