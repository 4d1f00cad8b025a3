"""Writing a contact down: a new one, and changing one."""

from typing import Any

from django.contrib import messages
from django.forms import BaseFormSet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import HttpResponseClientRedirect

from agenda import changes, wording
from agenda.forms import ContactForm, further_numbers, numbers_in
from agenda.models import Contact
from agenda.views.telling import undo_address
from portal.access import SubscriberRequest, subscriber_required
from portal.ways import own_address, way_back

LONGEST_GIVEN = 80


@subscriber_required
@require_http_methods(["GET", "POST"])
@vary_on_headers("HX-Request")
def nuevo(request: SubscriberRequest) -> HttpResponse:
    """A new contact; the address may bring the number and the name of a call."""
    if request.method == "POST":
        return _store(request, None)
    given = {"number": "telefono", "first_name": "nombre"}
    initial = {field: _given(request, name) for field, name in given.items()}
    return _page(request, ContactForm(request.subscriber, initial=initial))


@subscriber_required
@require_http_methods(["GET", "POST"])
@vary_on_headers("HX-Request")
def editar(request: SubscriberRequest, pk: int) -> HttpResponse:
    """Change one of the own contacts."""
    contact = get_object_or_404(Contact.objects.editable_by(request.subscriber), pk=pk)
    if request.method == "POST":
        return _store(request, contact)
    return _page(request, ContactForm(request.subscriber, instance=contact))


@subscriber_required
@require_POST
def proponer(request: SubscriberRequest) -> HttpResponse:
    """What can be said of a form that is being filled in: proposals, and who has the number."""
    return render(request, "agenda/_proposals.html", wording.proposed(request))


def _given(request: SubscriberRequest, name: str) -> str:
    return " ".join(request.GET.get(name, "").replace("\0", "").split())[:LONGEST_GIVEN]


def _store(request: SubscriberRequest, contact: Contact | None) -> HttpResponse:
    form = ContactForm(request.subscriber, request.POST, instance=contact)
    numbers = further_numbers(request.POST, form.instance)
    if not (form.is_valid() & numbers.is_valid()):
        return _page(request, form, numbers, status=422)
    found = wording.holders(request.subscriber, form, numbers)
    if found and request.POST.get("sure") != wording.keys_of(found):
        return _page(request, form, numbers, status=422, holders=found)
    is_new = form.instance.pk is None
    try:
        event = changes.save(
            request,
            request.subscriber,
            form.instance,
            numbers_in(numbers),
            at=timezone.now(),
            seen_revision=wording.revision_seen(request.POST.get("revision", "")),
        )
    except changes.Conflict as conflict:
        return _page(request, form, numbers, status=409, conflict=conflict)
    except Contact.DoesNotExist:
        messages.error(request, _("Ese contacto ya no está en tu agenda."))
        return _go(request, reverse("agenda:agenda"))
    if event:
        said = _("«%s» está en tu agenda.") if is_new else _("«%s» guardado.")
        messages.success(request, said % form.instance, extra_tags=undo_address(event))
    else:
        messages.info(request, _("No había nada que cambiar."))
    return _go(request, way_back(request, "agenda:agenda"))


def _go(request: SubscriberRequest, address: str) -> HttpResponse:
    """To another page, also out of the dialog."""
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)


def _page(
    request: SubscriberRequest,
    form: ContactForm,
    numbers: BaseFormSet | None = None,  # type: ignore[type-arg]
    *,
    status: int = 200,
    **extra: Any,
) -> HttpResponse:
    contact = form.instance
    conflict: changes.Conflict | None = extra.get("conflict")
    revision = conflict.current.revision if conflict else contact.revision
    if form.is_bound and not conflict:
        revision = wording.revision_seen(request.POST.get("revision", ""))
    page = "editar" if contact.pk else "nuevo"
    asked = request.POST if form.is_bound else request.GET
    context = {
        "form": form,
        "numbers": numbers or further_numbers(None, contact),
        "contact": contact if contact.pk else None,
        "name": Contact.objects.get(pk=contact.pk).display_name if contact.pk else "",
        "action": reverse(f"agenda:{page}", args=[contact.pk] if contact.pk else []),
        "revision": revision,
        "next": own_address(request, asked.get("next", "")),
        "sure": wording.keys_of(extra.get("holders", [])),
        "conflict_lines": wording.differences(form, conflict.current) if conflict else [],
        **extra,
    }
    template = "agenda/_dialog.html" if request.htmx else f"agenda/{page}.html"
    return render(request, template, context, status=status)
