"""Putting messages in order, one or several: heard, not heard, moved, into the bin, for good."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from buzon import changes, listing
from buzon.changing import Outcome
from buzon.forms import MOST_CHOSEN, ActionForm
from buzon.listing import BIN, FOLDERS
from buzon.views.telling import Refused, explained, tell_outcome
from portal.access import SubscriberRequest, subscriber_required
from portal.ways import way_back

OPPOSITES = {
    ActionForm.MARK_HEARD: ActionForm.MARK_NEW,
    ActionForm.MARK_NEW: ActionForm.MARK_HEARD,
    ActionForm.DISCARD: ActionForm.RESTORE,
    ActionForm.RESTORE: ActionForm.DISCARD,
}


@subscriber_required
@require_POST
def ordenar(request: SubscriberRequest) -> HttpResponse:
    """Do one thing with the chosen messages and offer to undo it.

    What is deleted for good is asked about first, on a page of its own. A player that marks what
    it plays, in the background, gets no page.
    """
    form = ActionForm(_sent(request))
    if not form.is_valid():
        messages.info(request, str(next(iter(form.errors.values()))[0]))
        return redirect(way_back(request, "buzon:buzon"))
    data = form.cleaned_data
    if data["action"] == ActionForm.REMOVE and "sure" not in request.POST:
        return _ask(request, data["ids"])
    try:
        with explained(request):
            outcome = _act(request, data)
    except Refused:
        return (
            HttpResponse(status=409) if request.htmx else redirect(way_back(request, "buzon:buzon"))
        )
    if request.htmx:
        return HttpResponse(status=204)
    tell_outcome(request, outcome, _done(data, outcome), undo=_undo(request, data, outcome))
    return redirect(way_back(request, "buzon:buzon"))


@subscriber_required
@require_POST
def vaciar(request: SubscriberRequest) -> HttpResponse:
    """Delete for good what is in the bin now; asks first."""
    try:
        with explained(request):
            ids = [row.message.msg_id for row in listing.rows(request.subscriber, folder=BIN)]
    except Refused:
        return redirect(way_back(request, "buzon:buzon"))
    if not ids:
        messages.info(request, _("La papelera está vacía."))
        return redirect(way_back(request, "buzon:buzon"))
    return _ask(request, ids[:MOST_CHOSEN])


def _sent(request: SubscriberRequest) -> Any:
    """The form; what stands in the address, of one row or to undo, comes before it."""
    data = request.POST.copy()
    for name in request.GET:
        data.setlist(name, request.GET.getlist(name))
    return data


def _ask(request: SubscriberRequest, ids: list[str]) -> HttpResponse:
    context = {"ids": ids, "next": way_back(request, "buzon:buzon"), "action": ActionForm.REMOVE}
    return render(request, "buzon/_sure.html", context)


def _act(request: SubscriberRequest, data: dict[str, Any]) -> Outcome:
    subscriber, ids = request.subscriber, data["ids"]
    if data["action"] == ActionForm.MOVE:
        return changes.move(request, subscriber, ids, data["folder"])
    actions: dict[str, Callable[..., Outcome]] = {
        ActionForm.MARK_HEARD: changes.mark_heard,
        ActionForm.MARK_NEW: changes.mark_new,
        ActionForm.DISCARD: changes.discard,
        ActionForm.RESTORE: changes.restore,
        ActionForm.REMOVE: changes.remove,
    }
    return actions[data["action"]](request, subscriber, ids)


def _undo(request: SubscriberRequest, data: dict[str, Any], outcome: Outcome) -> str:
    """Where it is undone, or ``""``: nothing was done, or nothing brings it back."""
    action, before = data["action"], request.POST.get("from", "")
    if action == ActionForm.MOVE and before in FOLDERS and before != BIN:
        fields = {"action": action, "folder": before}
    elif action in OPPOSITES:
        fields = {"action": OPPOSITES[action]}
    else:
        return ""
    query = urlencode({**fields, "ids": sorted(outcome.done)}, doseq=True)
    return f"{reverse('buzon:ordenar')}?{query}" if outcome.done else ""


def _done(data: dict[str, Any], outcome: Outcome) -> str:
    """What was done, in words."""
    n = len(outcome.done)
    folder = FOLDERS.get(data["folder"], "")
    texts = {
        ActionForm.MARK_HEARD: ngettext(
            "Mensaje marcado como oído.", "%(n)d mensajes marcados como oídos.", n
        ),
        ActionForm.MARK_NEW: ngettext(
            "Mensaje marcado como no oído.", "%(n)d mensajes marcados como no oídos.", n
        ),
        ActionForm.MOVE: ngettext(
            "Mensaje movido a «%(folder)s».", "%(n)d mensajes movidos a «%(folder)s».", n
        ),
        ActionForm.DISCARD: ngettext("Mensaje borrado.", "%(n)d mensajes borrados.", n),
        ActionForm.RESTORE: ngettext("Mensaje recuperado.", "%(n)d mensajes recuperados.", n),
        ActionForm.REMOVE: ngettext(
            "Mensaje borrado para siempre.", "%(n)d mensajes borrados para siempre.", n
        ),
    }
    return texts[data["action"]] % {"n": n, "folder": folder}
