"""One message: hearing it, here and at the telephone, and sending it on."""

import re
from contextlib import suppress
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
    require_safe,
)

from agenda.lookup import names_for
from buzon import changes, listing
from buzon.changing import Left
from buzon.forms import ForwardForm
from buzon.listing import BIN, FOLDERS, Row
from buzon.views.telling import Refused, explained, why_not
from portal import ranges
from portal.access import SubscriberRequest, subscriber_required
from portal.models import Subscriber
from portal.pbx import get_pbx
from portal.pbx.errors import Ambiguous, NotFound, PBXError
from portal.ways import way_back

MOST_SHOWN = 300
"""Colleagues that the browser gets to choose from; any other can be typed."""


@subscriber_required
@require_GET
def mensaje(request: SubscriberRequest, msg_id: str) -> HttpResponse:
    """The message with its player and all that can be done with it."""
    try:
        row = _own(request, msg_id)
    except PBXError as error:
        return render(request, "buzon/mensaje.html", {"problem": why_not(error)}, status=503)
    return render(request, "buzon/mensaje.html", _context(request.subscriber, row))


@subscriber_required
@require_safe
def sonido(request: SubscriberRequest, msg_id: str) -> HttpResponseBase:
    """The sound, in parts where the browser asks for parts. Hearing it is marked elsewhere."""
    row = _own(request, msg_id)
    try:
        file = get_pbx().voicemail.open_sound(request.subscriber.mailbox, msg_id)
    except (NotFound, Ambiguous) as error:
        raise Http404 from error
    attached = "descargar" in request.GET
    return ranges.answer(
        request, file, content_type="audio/wav", filename=_filename(row), attached=attached
    )


@subscriber_required
@require_http_methods(["GET", "POST"])
def reenviar(request: SubscriberRequest, msg_id: str) -> HttpResponse:
    """Copy the message into the mailboxes of colleagues, with a note."""
    row = _own(request, msg_id)
    form = ForwardForm(request.subscriber, request.POST if request.method == "POST" else None)
    form.fields["to"].widget.attrs["list"] = "colleagues"
    if form.is_valid() and _sent_on(request, msg_id, form.cleaned_data):
        return redirect("buzon:mensaje", msg_id)
    return render(
        request,
        "buzon/reenviar.html",
        {
            "row": row,
            "message": row.message,
            "form": form,
            "colleagues": _colleagues(request.subscriber),
        },
        status=422 if form.is_bound else 200,
    )


@subscriber_required
@require_POST
def reproducir(request: SubscriberRequest, msg_id: str) -> HttpResponse:
    """Ring the own telephone, and play the message there."""
    _own(request, msg_id)
    subscriber = request.subscriber
    nobody = _("Ningún teléfono tuyo está conectado, así que ninguno puede sonar.")
    with suppress(Refused), explained(request, not_found=nobody):
        get_pbx().dialer.play_message(subscriber.number, subscriber.mailbox, msg_id)
        messages.success(request, _("Sonará tu teléfono: al descolgar oirás el mensaje."))
    return redirect(way_back(request, "buzon:buzon"))


def _own(request: SubscriberRequest, msg_id: str) -> Row:
    """A message of the subscriber's own; another's is not found. Raises ``PBXUnavailable``."""
    try:
        return listing.find(request.subscriber, msg_id)
    except NotFound as error:
        raise Http404 from error


def _context(subscriber: Subscriber, row: Row) -> dict[str, Any]:
    targets = [(slug, name) for slug, name in FOLDERS.items() if slug not in (BIN, row.folder)]
    return {
        "row": row,
        "message": row.message,
        "folder_name": FOLDERS[row.folder],
        "is_bin": row.folder == BIN,
        "targets": targets,
        "new_contact": _new_contact(subscriber, row.message.caller),
    }


def _new_contact(subscriber: Subscriber, number: str) -> str:
    """Where a caller whom nobody knows is put into the address book, if there is such a page."""
    if not number or names_for(subscriber, [number]):
        return ""
    try:
        return f"{reverse('agenda:nuevo')}?telefono={number}"
    except NoReverseMatch:
        return ""


def _filename(row: Row) -> str:
    """``mensaje 2026-11-23 10.42 María Ibáñez.wav``"""
    at = timezone.localtime(row.message.received_at).strftime("%Y-%m-%d %H.%M")
    name = re.sub(r"[^\w +-]+", " ", row.name).strip()[:60]
    return f"mensaje {at} {name}".strip() + ".wav"


def _sent_on(request: SubscriberRequest, msg_id: str, data: dict[str, Any]) -> bool:
    """Send it on and say to whom. Whether anybody has it now."""
    try:
        with explained(request):
            outcome = changes.forward(request, request.subscriber, msg_id, data["to"], data["note"])
    except Refused:
        return False
    if outcome.done:
        count = len(outcome.done)
        text = ngettext("Reenviado a %(who)s.", "Reenviado a %(n)d personas: %(who)s.", count)
        messages.success(request, text % {"n": count, "who": _names(outcome.done)})
    for number, left in outcome.left.items():
        text = _("No se ha reenviado a %(who)s. %(why)s")
        messages.warning(request, text % {"who": _names({number}), "why": Left(left).label})
    return bool(outcome.done)


def _colleagues(subscriber: Subscriber) -> list[tuple[str, str]]:
    """Number and name of those who can be sent a message, to complete what is typed."""
    others = Subscriber.objects.exclude(mailbox__in=["", subscriber.mailbox])
    return list(others.order_by("display_name").values_list("number", "display_name")[:MOST_SHOWN])


def _names(numbers: frozenset[str] | set[str]) -> str:
    people = Subscriber.objects.filter(number__in=numbers).order_by("display_name")
    return ", ".join(person.display_name or person.number for person in people)
