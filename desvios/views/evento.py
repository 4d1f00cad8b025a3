"""Making, changing and removing an event or a series."""

from datetime import datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_time
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from desvios.calendar import series
from desvios.calendar.changes import ChangedMeanwhile, store
from desvios.calendar.compile import zone_of
from desvios.calendar.editing import Scope, remove
from desvios.calendar.pages import consequences, preview
from desvios.calendar.pages.asked import Asked, asked_for
from desvios.calendar.pages.forms import EventForm
from desvios.calendar.pages.initial import initial_of, initial_of_new
from desvios.models import GONE, rules_of
from desvios.telling import apply_and_tell
from portal.access import SubscriberRequest, subscriber_required
from portal.ways import way_back


@subscriber_required
@require_http_methods(["GET", "POST"])
def nuevo(request: SubscriberRequest) -> HttpResponse:
    """A new event or series."""
    if request.method == "GET":
        return _page(request, EventForm(request.subscriber, initial=_initial(request)))
    return _save(request, EventForm(request.subscriber, request.POST), None)


@subscriber_required
@require_http_methods(["GET", "POST"])
def evento(request: SubscriberRequest, pk: int) -> HttpResponse:
    """One event, or one occurrence of it where the address names one."""
    asked = asked_for(request.subscriber, pk, request.GET.get("original", ""))
    if request.method == "POST":
        if asked.is_occurrence_gone or request.POST.get("made_from", "") != asked.stamp:
            return _conflict(request, asked)
        return _save(request, _form_of(request, asked), asked)
    if asked.is_gone or asked.is_occurrence_gone:
        return _not_there(request, asked)
    if request.GET.get("visto", asked.stamp) != asked.stamp:
        notice = _("Este evento cambió mientras tanto (%s), así que no se ha movido.")
        return _stale(request, asked, notice % asked.when_changed())
    return _page(request, _form_of(request, asked), asked)


@subscriber_required
@require_POST
def borrar(request: SubscriberRequest, pk: int) -> HttpResponse:
    """Remove an event, a series, or a part of one."""
    asked = asked_for(request.subscriber, pk, request.GET.get("original", ""))
    if asked.is_gone or asked.is_occurrence_gone:
        return _not_there(request, asked)
    scope = consequences.scope_of(request.POST.get("scope", ""), asked.original)
    edit = remove(asked.event, scope=scope, original=asked.original)
    seen = {asked.event.uid: request.POST.get("made_from", "")}
    try:
        done = store(request, request.subscriber, edit, at=timezone.now(), seen=seen)
    except ChangedMeanwhile:
        notice = _("Este evento cambió mientras tanto (%s), así que no se ha borrado.")
        return _stale(request, asked, notice % asked.when_changed())
    apply_and_tell(request, done, _("«%s» borrado") % asked.title)
    return redirect(way_back(request, "desvios:calendario"))


@subscriber_required
@require_POST
def previa(request: SubscriberRequest) -> HttpResponse:
    """What the form as it stands would do, while somebody fills it in."""
    pk, asked = request.GET.get("evento", ""), None
    if pk:
        name = request.GET.get("original", "")
        asked = asked_for(request.subscriber, int(pk) if pk.isdecimal() else 0, name)
    form = _form_of(request, asked) if asked else EventForm(request.subscriber, request.POST)
    found = consequences.in_words(form, asked) if form.is_valid() else {}
    return render(request, "desvios/_event_preview.html", {**found, "form": form})


def _form_of(request: SubscriberRequest, asked: Asked, *, fresh: bool = False) -> EventForm:
    """The form with what was sent; ``fresh`` or not sent, with what the event says."""
    event, zone = asked.event, zone_of(request.subscriber)
    content = series.read(event.ical)
    rule = content.rule
    if asked.original is not None:
        content = series.content_of(event.ical, asked.original, zone) or content
    initial = initial_of(
        content, zone.key, enabled=event.enabled, skip_holidays=event.skip_holidays
    )
    initial["scope"] = Scope.ONE.value
    data = request.POST if request.method == "POST" and not fresh else None
    return EventForm(request.subscriber, data, initial=initial, rule=rule)


def _initial(request: SubscriberRequest) -> dict[str, Any]:
    """Day and hours from the address, else the next full hour of today."""
    now = timezone.localtime(timezone=zone_of(request.subscriber))
    day = _parsed(parse_date, request.GET.get("dia", "")) or now.date()
    begin = _parsed(parse_time, request.GET.get("desde", ""))
    finish = _parsed(parse_time, request.GET.get("hasta", ""))
    hour = begin or time((now.hour + 1) % 24 if day == now.date() else 9)
    first = datetime.combine(day, hour, tzinfo=now.tzinfo)
    last = datetime.combine(day, finish, tzinfo=now.tzinfo) if finish and begin else None
    if last and last <= first:
        last += timedelta(days=1)
    number = rules_of(request.subscriber).unconditional_number
    return initial_of_new(first, last, number)


def _parsed(parser: Any, text: str) -> Any:
    try:
        return parser(text)
    except ValueError:
        return None


def _save(request: SubscriberRequest, form: EventForm, asked: Asked | None) -> HttpResponse:
    """Store a form that is right and whose overlaps were seen; else show it again."""
    if not form.is_valid():
        return _page(request, form, asked, status=422)
    if "look" in request.POST:
        return _page(request, form, asked)
    now, edit = timezone.now(), consequences.edit_of(form, asked)
    mine = consequences.meant(form, asked, edit, now)
    found = preview.overlaps(request.subscriber, mine, edit, now)
    if preview.token(found) not in {"", request.POST.get("seen", "")}:
        return _page(request, form, asked, ask=True)
    seen = {asked.event.uid: asked.stamp} if asked else {}
    try:
        done = store(request, request.subscriber, edit, at=now, seen=seen)
    except ChangedMeanwhile:
        return evento(request, asked.event.pk if asked else 0)  # it is found changed now
    what = _("«%s» guardado") if asked else _("«%s» añadido al calendario")
    apply_and_tell(request, done, what % form.cleaned_data["title"])
    return redirect(way_back(request, "desvios:calendario"))


def _not_there(request: SubscriberRequest, asked: Asked) -> HttpResponse:
    """Back to the calendar, saying what became of it; what was removed can be brought back."""
    if asked.is_gone:
        text = _("«%(title)s» ya no está en tu calendario: se borró (%(when)s).")
    else:
        text = _("Esa vez ya no está en la serie «%(title)s»: cambió (%(when)s).")
    undo = reverse("desvios:deshacer", args=[asked.change.pk]) if asked.change else ""
    words = {"title": asked.title, "when": asked.when_changed()}
    messages.warning(request, text % words, extra_tags=undo)
    return redirect(way_back(request, "desvios:calendario"))


def _conflict(request: SubscriberRequest, asked: Asked) -> HttpResponse:
    """Keep what was typed, show what is there now, and let it be saved on top."""
    if asked.is_occurrence_gone:
        return _as_new(request, asked)
    if asked.is_gone:
        text = _("Mientras tanto este evento se borró (%s). Si guardas, vuelve como lo ves aquí.")
        now = []
    else:
        text = _("Mientras tanto este evento cambió (%s). Si guardas, vale lo que ves aquí.")
        now = consequences.event_in_words(asked)
    conflict = {"text": text % asked.when_changed(), "now": now}
    form = _form_of(request, asked)
    return _page(request, form, asked, status=409, made_from=asked.stamp, conflict=conflict)


def _as_new(request: SubscriberRequest, asked: Asked) -> HttpResponse:
    """An occurrence that the series has no more: what was typed can stand alone."""
    text = _(
        "Esa vez ya no está en la serie «%(title)s»: cambió mientras tanto (%(when)s). "
        "Si guardas, lo que ves aquí se añade como evento nuevo."
    )
    conflict = {
        "text": text % {"title": asked.title, "when": asked.when_changed()},
        "now": consequences.event_in_words(asked),
    }
    data = request.POST.copy()
    if data.get("scope", Scope.ONE) == Scope.ONE:
        data["repeat"] = ""
    form = EventForm(request.subscriber, data)
    return _page(request, form, status=409, conflict=conflict)


def _stale(request: SubscriberRequest, asked: Asked, notice: str) -> HttpResponse:
    """The event as it is now: what was wanted was meant for what it was."""
    asked = asked_for(request.subscriber, asked.event.pk, asked.name)
    if asked.is_gone or asked.is_occurrence_gone:
        return _not_there(request, asked)
    form = _form_of(request, asked, fresh=True)
    conflict = {"text": notice, "now": consequences.event_in_words(asked)}
    return _page(request, form, asked, status=409, made_from=asked.stamp, conflict=conflict)


def _page(
    request: SubscriberRequest,
    form: EventForm,
    asked: Asked | None = None,
    *,
    status: int = 200,
    ask: bool = False,
    made_from: str = "",
    conflict: dict[str, Any] | None = None,
) -> HttpResponse:
    """The form. ``made_from`` is what it goes back with, unless it is what it came with."""
    event, name = (asked.event, asked.name) if asked else (None, "")
    about = _query(evento=str(event.pk), original=name) if event else ""
    context = {
        "form": form,
        "action": reverse("desvios:evento", args=[event.pk]) if event else reverse("desvios:nuevo"),
        "event": event,
        "is_gone": bool(asked and asked.is_gone),
        "occurrence": asked.original if asked else None,
        "query": f"?{_query(original=name)}" if name else "",
        "preview_url": f"{reverse('desvios:previa')}?{about}",
        "is_series": bool(event and series.is_series(event.ical)),
        "next": request.POST.get("next") or request.GET.get("next", ""),
        "made_from": made_from or request.POST.get("made_from", asked.stamp if asked else GONE),
        "conflict": conflict,
        "ask": ask,
    }
    if form.is_bound and form.is_valid():
        context |= consequences.in_words(form, asked)
    return render(request, "desvios/evento.html", context, status=status)


def _query(**values: str) -> str:
    query = QueryDict(mutable=True)
    query.update({name: value for name, value in values.items() if value})
    return query.urlencode()
