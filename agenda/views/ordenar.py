"""Putting contacts in order, one or several: favourites, into the bin and out of it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from agenda import changes
from agenda.forms import ActionForm
from agenda.models import Contact, ContactQuerySet, Favourite
from agenda.views.telling import undo_address
from portal.access import SubscriberRequest, subscriber_required
from portal.ways import way_back


@subscriber_required
@require_POST
def ordenar(request: SubscriberRequest) -> HttpResponse:
    """Do one thing with the chosen contacts, those that are the subscriber's to do it with.

    What is deleted for good is asked about first, on a page of its own.
    """
    form = ActionForm(_sent(request))
    if not form.is_valid():
        messages.info(request, str(next(iter(form.errors.values()))[0]))
        return redirect(way_back(request, "agenda:agenda"))
    action, keys = form.cleaned_data["action"], form.cleaned_data["ids"]
    if action in {ActionForm.FAVOUR, ActionForm.UNFAVOUR}:
        _favour(request, keys, chosen=action == ActionForm.FAVOUR)
        if request.htmx:  # a star that shows by itself what it is now
            return HttpResponse(status=204)
    elif action == ActionForm.REMOVE:
        return _remove(request, keys)
    else:
        _bin(request, keys, into=action == ActionForm.DISCARD)
    return redirect(way_back(request, "agenda:agenda"))


@subscriber_required
@require_POST
def vaciar(request: SubscriberRequest) -> HttpResponse:
    """Delete for good what is in the bin; asks first."""
    contacts = Contact.objects.in_bin_of(request.subscriber)
    if "sure" in request.POST:
        _tell_removed(request, contacts.delete()[1].get("agenda.Contact", 0))
    elif count := contacts.count():
        return _ask(request, {"count": count, "empties": True})
    else:
        messages.info(request, _("La papelera está vacía."))
    return redirect("agenda:papelera")


@subscriber_required
@require_POST
def deshacer(request: SubscriberRequest, pk: int) -> HttpResponse:
    """Put back what one change of the own contacts changed."""
    event = get_object_or_404(changes.events_of(request.subscriber), pk=pk)
    try:
        changes.undo(request, request.subscriber, event, timezone.now())
    except changes.ChangedSince:
        messages.error(
            request, _("No se puede deshacer: el contacto se ha cambiado después, o ya no existe.")
        )
    else:
        messages.success(request, _("Cambio deshecho."))
    return redirect(way_back(request, "agenda:agenda"))


def _sent(request: SubscriberRequest) -> Any:
    """The form; what stands in the address, of one row, comes before it."""
    data = request.POST.copy()
    for name in request.GET:
        data.setlist(name, request.GET.getlist(name))
    return data


def _favour(request: SubscriberRequest, keys: list[int], *, chosen: bool) -> None:
    """Make them the subscriber's favourites, or no longer; the company's too."""
    subscriber = request.subscriber
    visible = Contact.objects.visible_to(subscriber).filter(pk__in=keys)
    found = list(visible.values_list("pk", flat=True))
    if chosen:
        Favourite.objects.bulk_create(
            (Favourite(subscriber=subscriber, contact_id=key) for key in found),
            ignore_conflicts=True,
        )
        text = ngettext("Añadido a tus favoritos.", "%(n)d añadidos a tus favoritos.", len(found))
    else:
        Favourite.objects.filter(subscriber=subscriber, contact__in=found).delete()
        text = ngettext("Ya no es favorito.", "%(n)d ya no son favoritos.", len(found))
    if found and not request.htmx:
        messages.success(request, text % {"n": len(found)})


def _bin(request: SubscriberRequest, keys: list[int], *, into: bool) -> None:
    subscriber, now = request.subscriber, timezone.now()
    if into:
        contacts = Contact.objects.editable_by(subscriber).filter(pk__in=keys)
        event = changes.discard(request, subscriber, contacts, now)
    else:
        contacts = Contact.objects.in_bin_of(subscriber).filter(pk__in=keys)
        event = changes.restore(request, subscriber, contacts, now)
    n = len(event.before) if event else 0
    if event:
        done = (
            ngettext("Contacto borrado.", "%(n)d contactos borrados.", n)
            if into
            else ngettext("Contacto recuperado.", "%(n)d contactos recuperados.", n)
        )
        messages.success(request, done % {"n": n}, extra_tags=undo_address(event))
    if left := len(keys) - n:
        _tell_left(request, keys, left)


def _tell_left(request: SubscriberRequest, keys: list[int], left: int) -> None:
    """Say why some of the chosen are as they were."""
    visible = Contact.objects.visible_to(request.subscriber)
    if visible.filter(pk__in=keys, book=Contact.Book.CORPORATE).exists():
        text = ngettext(
            "Un contacto es de la agenda corporativa, que lleva quien administra el portal.",
            "%(n)d contactos son de la agenda corporativa, que lleva quien administra el portal.",
            left,
        )
    else:
        text = ngettext("Un contacto ya no estaba ahí.", "%(n)d contactos ya no estaban ahí.", left)
    messages.warning(request, text % {"n": left})


def _remove(request: SubscriberRequest, keys: list[int]) -> HttpResponse:
    contacts: ContactQuerySet = Contact.objects.in_bin_of(request.subscriber).filter(pk__in=keys)
    if "sure" not in request.POST:
        found = list(contacts.values_list("pk", flat=True))
        return _ask(request, {"count": len(found), "ids": found})
    _tell_removed(request, contacts.delete()[1].get("agenda.Contact", 0))
    return redirect("agenda:papelera")


def _ask(request: SubscriberRequest, context: dict[str, Any]) -> HttpResponse:
    return render(request, "agenda/_sure.html", context)


def _tell_removed(request: SubscriberRequest, n: int) -> None:
    text = ngettext("Contacto borrado para siempre.", "%(n)d contactos borrados para siempre.", n)
    if n:
        messages.success(request, text % {"n": n})
