"""One contact: who it is, and what can be done."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from agenda.models import Contact
from portal.access import SubscriberRequest, subscriber_required


@subscriber_required
@require_GET
def contacto(request: SubscriberRequest, pk: int) -> HttpResponse:
    """An own contact or one of the company's."""
    subscriber = request.subscriber
    contact = get_object_or_404(Contact.objects.visible_to(subscriber), pk=pk)
    context = {
        "contact": contact,
        "numbers": [contact, *contact.more_numbers.all()],
        "is_own": contact.is_editable_by(subscriber),
        "is_favourite": contact.favourites.filter(subscriber=subscriber).exists(),
    }
    return render(request, "agenda/contacto.html", context)
