"""One contact: who it is, and what can be done."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from agenda.models import Contact, Favourite
from portal.access import SubscriberRequest, subscriber_required

FACTS = {
    "first_name": gettext_lazy("Nombre"),
    "last_name": gettext_lazy("Apellido 1"),
    "second_last_name": gettext_lazy("Apellido 2"),
    "company": gettext_lazy("Empresa"),
    "address": gettext_lazy("Dirección"),
    "postcode": gettext_lazy("Código postal"),
    "city": gettext_lazy("Localidad"),
    "province": gettext_lazy("Provincia"),
    "book": gettext_lazy("Tipo agenda"),
}
"""What is shown where there is something to show."""


@subscriber_required
@require_GET
def contacto(request: SubscriberRequest, pk: int) -> HttpResponse:
    """An own contact or one of the company's."""
    subscriber = request.subscriber
    contact = get_object_or_404(Contact.objects.visible_to(subscriber), pk=pk)
    own = Favourite.objects.filter(subscriber=subscriber, contact=contact)
    context = {
        "contact": contact,
        "numbers": [contact, *contact.more_numbers.all()],
        "is_own": contact.is_editable_by(subscriber),
        "favourites": set(own.values_list("contact_id", flat=True)),
        "list_url": reverse("agenda:agenda"),
        "facts": [
            (label, value)
            for name, label in FACTS.items()
            if (value := contact.get_book_display() if name == "book" else getattr(contact, name))
        ],
    }
    return render(request, "agenda/contacto.html", context)
