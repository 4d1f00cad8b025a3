"""Contacts that may be the same person, and making one of them."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from agenda.exchange import merging
from agenda.exchange.duplicates import EMAIL, NAME, NUMBER, Group
from agenda.models import Contact
from agenda.views.telling import undo_address
from portal.access import SubscriberRequest, subscriber_required

GROUPS_A_PAGE = 20
REASONS = {
    NUMBER: gettext_lazy("Mismo número"),
    EMAIL: gettext_lazy("Mismo correo"),
    NAME: gettext_lazy("Nombre parecido"),
}


@subscriber_required
@require_GET
def duplicados(request: SubscriberRequest) -> HttpResponse:
    """The groups of own contacts that may be one."""
    found = merging.found_in_book_of(request.subscriber)
    page = Paginator(found, GROUPS_A_PAGE).get_page(request.GET.get("pagina"))
    context = {
        "page": page,
        "groups": _shown(request, list(page)),
        "total": len(found),
        "are_told_apart": merging.told_apart(request.subscriber).exists(),
    }
    return render(request, "agenda/duplicados.html", context)


@subscriber_required
@require_POST
def unir(request: SubscriberRequest) -> HttpResponse:
    """Make one of the contacts that are ticked."""
    contacts = _ticked(request)
    if len(contacts) < 2:
        messages.warning(request, _("Marca al menos dos contactos para unirlos."))
        return redirect("agenda:duplicados")
    chosen = _key(request.POST.get("queda", ""))
    kept = next((each for each in contacts if each.pk == chosen), merging.fullest(contacts))
    others = [each for each in contacts if each is not kept]
    try:
        event = merging.merge(request, request.subscriber, kept, others, timezone.now())
    except merging.TooManyNumbers:
        messages.error(request, _("Juntos tienen más números de los que caben en un contacto."))
    else:
        what = _("Unidos en uno: %s. Los otros están en la papelera.") % kept.display_name
        messages.success(request, what, extra_tags=undo_address(event))
    return redirect("agenda:duplicados")


@subscriber_required
@require_POST
def distinguir(request: SubscriberRequest) -> HttpResponse:
    """Those that are ticked are different people."""
    contacts = _ticked(request)
    if len(contacts) < 2:
        messages.warning(request, _("Marca al menos dos contactos."))
    else:
        merging.tell_apart(contacts)
        messages.success(request, _("No se volverán a mostrar como repetidos."))
    return redirect("agenda:duplicados")


@subscriber_required
@require_POST
def reconsiderar(request: SubscriberRequest) -> HttpResponse:
    """Look again at all who were told apart."""
    merging.told_apart(request.subscriber).delete()
    return redirect("agenda:duplicados")


def _ticked(request: SubscriberRequest) -> list[Contact]:
    ticked = {_key(text) for text in request.POST.getlist("contacto")[: merging.MOST_IN_A_GROUP]}
    own = Contact.objects.editable_by(request.subscriber)
    return list(own.filter(pk__in=ticked).order_by("pk"))


def _key(text: str) -> int:
    """A key from the form; 0, which nobody has, for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _shown(request: SubscriberRequest, groups: list[Group]) -> list[dict[str, Any]]:
    keys = [key for group in groups for key in group.keys]
    own = Contact.objects.editable_by(request.subscriber).prefetch_related("more_numbers")
    contacts = own.in_bulk(keys)
    shown = []
    for group in groups:
        rows = [contacts[key] for key in group.keys if key in contacts]
        rows = rows[: merging.MOST_IN_A_GROUP]
        shown.append(
            {
                "name": rows[0].display_name,
                "rows": rows,
                "kept": merging.fullest(rows).pk,
                "reasons": [REASONS[each] for each in REASONS if each in group.reasons],
            }
        )
    return shown
