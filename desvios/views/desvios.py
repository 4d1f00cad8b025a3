"""The page Desvíos and what can be done on it."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from agenda.lookup import completions, namer
from desvios import changes, wording
from desvios.apply import state_on_nodes
from desvios.calendar.changes import ChangedMeanwhile, store
from desvios.calendar.compile import zone_of
from desvios.calendar.editing import destinations
from desvios.calendar.series import instant, read
from desvios.calendar.wording import day_and_year
from desvios.clearing import Cleared, clear
from desvios.destination import clean_destination
from desvios.directory import classes, plan_of, plans_at
from desvios.exchange import subscribing
from desvios.forms import ForwardingForm, TrialForm
from desvios.models import CONTENT, rules_of
from desvios.plan import Kind
from desvios.telling import apply_and_tell
from portal import phone
from portal.access import SubscriberRequest, subscriber_required
from portal.models import AuditEvent, Subscriber
from portal.pbx.routing import follow
from portal.pbx.types import LineState
from portal.ways import way_back

CHANGES_A_PAGE = 10
LONGEST_TYPED = 40
EVENING = 18


@subscriber_required
@require_http_methods(["GET", "POST"])
@vary_on_headers("HX-Request")
def desvios(request: SubscriberRequest) -> HttpResponse:
    """Show the rules, what they do now, and the log; store what is sent."""
    if request.method == "GET":
        if request.htmx and request.GET.get("estado"):
            return render(request, "desvios/_trial_result.html", _trial(request))
        return _page(request, ForwardingForm(instance=rules_of(request.subscriber)))
    form = ForwardingForm(request.POST, instance=rules_of(request.subscriber))
    if not form.is_valid():
        return _page(request, form, revision=request.POST.get("revision", ""), status=422)
    try:
        event = _save(request, form)
    except changes.Conflict as conflict:
        return _conflict(request, conflict)
    apply_and_tell(request, event, _("Desvíos guardados"))
    return redirect("desvios:desvios")


@subscriber_required
@require_POST
def quitar(request: SubscriberRequest) -> HttpResponse:
    """Let calls reach the telephone again; the numbers stay."""
    try:
        cleared = clear(request, request.subscriber, timezone.now())
    except ChangedMeanwhile:
        messages.warning(request, _("El calendario cambió en este momento. Mira lo que hay ahora."))
    else:
        apply_and_tell(request, cleared.event, _what_was_cleared(cleared))
    return redirect(way_back(request, "desvios:desvios"))


@subscriber_required
@require_POST
def deshacer(request: SubscriberRequest, pk: int) -> HttpResponse:
    """Put back what one change of the log changed, if it is still allowed."""
    event = get_object_or_404(changes.undoable(request.subscriber), pk=pk)
    try:
        undone = _undo(request, event)
    except ValidationError as error:
        messages.error(request, _("No se puede deshacer. %s") % error.messages[0])
        return redirect("desvios:desvios")
    apply_and_tell(request, undone, _("Cambio deshecho"))
    return redirect(way_back(request, "desvios:desvios"))


@subscriber_required
@require_GET
def numeros(request: SubscriberRequest) -> HttpResponse:
    """Contacts that complete what is being typed into a number's field."""
    typed = next(filter(None, request.GET.dict().values()), "")[:LONGEST_TYPED]
    found = completions(request.subscriber, typed)
    return render(request, "desvios/_numbers.html", {"contacts": found})


def _what_was_cleared(cleared: Cleared) -> str:
    if cleared.occurrence is None:
        return _("Las llamadas vuelven a sonar en tu teléfono")
    what = _("«%s» quitado solo esta vez") if cleared.is_of_series else _("«%s» quitado")
    return what % cleared.occurrence.title


def _undo(request: SubscriberRequest, event: AuditEvent) -> AuditEvent | None:
    """Store what was before the event. Raises ``ValidationError`` if that is allowed no more."""
    subscriber = request.subscriber
    if event.action == AuditEvent.Action.FEED:
        return subscribing.undo(request, event, timezone.now())
    if event.action == AuditEvent.Action.CALENDAR:
        for before in filter(None, event.before.values()):
            _check_destinations(subscriber, before["ical"])
        return store(request, subscriber, event.before, at=timezone.now())
    back = {name: value for name, value in event.before.items() if name != changes.CODE}
    form = ForwardingForm({**changes.content(subscriber), **back}, instance=rules_of(subscriber))
    if not form.is_valid():
        raise ValidationError([error for errors in form.errors.values() for error in errors])
    return changes.save(request, subscriber, back, at=timezone.now())


def _check_destinations(subscriber: Subscriber, ical: str) -> None:
    """Raise ``ValidationError`` where calls may not go there any more, with what sends them."""
    for destination, original in destinations(ical).items():
        try:
            clean_destination(subscriber, destination)
        except ValidationError as error:
            words = {"title": read(ical).title, "why": error.messages[0]}
            if original is None:
                raise ValidationError(_("«%(title)s»: %(why)s") % words) from error
            day = instant(original, zone_of(subscriber)).astimezone(zone_of(subscriber)).date()
            raise ValidationError(
                _("«%(title)s» del %(day)s: %(why)s") % {**words, "day": day_and_year(day)}
            ) from error


def _save(request: SubscriberRequest, form: ForwardingForm) -> AuditEvent | None:
    data = form.cleaned_data
    revision = request.POST.get("revision", "")
    return changes.save(
        request,
        request.subscriber,
        {name: data[name] for name in [changes.GENERAL, *CONTENT]},
        at=timezone.now(),
        seen_revision=int(revision) if revision.isascii() and revision.isdigit() else -1,
        new_code=data["access_code"],
    )


def _conflict(request: SubscriberRequest, conflict: changes.Conflict) -> HttpResponse:
    """Show again what was typed, with what the other one changed meanwhile."""
    request.subscriber.refresh_from_db()
    form = ForwardingForm(request.POST, instance=rules_of(request.subscriber))
    lines = [line for event in conflict.events for line in wording.describe(event)]
    changed = "; ".join(lines) or _("tus datos, en la administración")
    form.add_error(
        None,
        _("Mientras tanto se cambió en otra ventana: %s. Revisa lo que ves y guarda otra vez.")
        % changed,
    )
    return _page(request, form, revision=str(conflict.revision), status=409)


def show(request: SubscriberRequest, quick: dict[str, Any], *, status: int) -> HttpResponse:
    """The page again, with what was wrong in «Desviar hasta…»."""
    form = ForwardingForm(instance=rules_of(request.subscriber))
    return _page(request, form, quick=quick, status=status)


def _page(
    request: SubscriberRequest,
    form: ForwardingForm,
    *,
    revision: str = "",
    status: int = 200,
    quick: dict[str, Any] | None = None,
) -> HttpResponse:
    subscriber = request.subscriber
    subscriber.refresh_from_db()
    plan, permitted, now = plan_of(subscriber), classes(), timezone.now()
    name = namer(subscriber)
    pages = Paginator(changes.events_of(subscriber), CHANGES_A_PAGE)
    shown = pages.get_page(request.GET.get("cambios"))
    context = {
        "form": form,
        "groups": [_group(form, kind) for kind in Kind],
        "revision": revision or subscriber.revision,
        "sentences": wording.now_in_words(plan, now, permitted, name),
        "forbidden": wording.forbidden(plan, now, permitted),
        "applied": state_on_nodes(subscriber),
        "changes": shown,
        "quick": quick or _quick(form),
        "evening_is_tomorrow": timezone.localtime(now).hour >= EVENING,
        "rows": [_row(event) for event in shown],
        **_trial(request),
    }
    return render(request, "desvios/desvios.html", context, status=status)


def _quick(form: ForwardingForm) -> dict[str, Any]:
    """What «Desviar hasta…» shows before anything is typed: the number that was used last."""
    return {"data": {"number": form.initial.get("unconditional_number", "")}, "errors": {}}


def _group(form: ForwardingForm, kind: Kind) -> dict[str, Any]:
    """One kind's fields, for the template."""
    return {
        "kind": kind.value,
        "title": wording.GROUP_NAMES[kind](),
        "to_voicemail": form[f"{kind}_to_voicemail"],
        "number": form[f"{kind}_number"],
        "number_enabled": form[f"{kind}_number_enabled"],
    }


def _row(event: AuditEvent) -> dict[str, Any]:
    """One change, for the template. A new clave alone cannot be undone: the old one is a hash."""
    is_late = event.action == AuditEvent.Action.OVERTAKEN
    can_undo = not is_late and any(name != changes.CODE for name in event.before)
    return {
        "event": event,
        "lines": wording.describe(event),
        "can_undo": can_undo,
        "telephone": event.actor_name if event.action in changes.AT_TELEPHONE else "",
    }


def _trial(request: SubscriberRequest) -> dict[str, Any]:
    """The form «¿Qué pasa si me llaman…?» and, once asked, its answer."""
    if "estado" not in request.GET:
        return {"trial": TrialForm(initial={"estado": LineState.IDLE.value}), "hops": None}
    trial = TrialForm(request.GET)
    if not trial.is_valid():
        return {"trial": trial, "hops": None}
    own, caller = request.subscriber.number, trial.cleaned_data["llamante"]
    state = LineState(trial.cleaned_data["estado"])

    def states(number: str) -> LineState:
        """Mine is as asked; who is calling is busy with that; the others are free."""
        if number == own:
            return state
        return LineState.BUSY if number == caller else LineState.IDLE

    instant = trial.cleaned_data["momento"] or timezone.now()
    hops = list(follow(own, instant, states, plans_at(instant), classes()))
    return {
        "trial": trial,
        "instant": instant,
        "caller": namer(request.subscriber)(caller) or phone.display(caller, settings.PHONE_REGION),
        "hops": wording.explain(hops, own, namer(request.subscriber)),
    }
