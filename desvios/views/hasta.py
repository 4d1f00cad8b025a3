"""«Desviar hasta…»: an event that begins now and ends by itself."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from agenda.lookup import namer
from desvios import changes
from desvios.calendar.changes import store
from desvios.calendar.compile import zone_of
from desvios.calendar.editing import quick
from desvios.calendar.pages.coming import end_of_stretch, next_change
from desvios.calendar.pages.forms import LONGEST
from desvios.calendar.wording import at_in_words, until_in_words
from desvios.destination import clean_destination
from desvios.directory import plan_of
from desvios.models import rules_of
from desvios.telling import apply_and_tell
from desvios.views.desvios import EVENING, show
from desvios.wording import to_destination
from portal.access import SubscriberRequest, subscriber_required
from portal.models import Subscriber
from portal.pbx.types import VOICEMAIL
from portal.ways import way_back

MORNING = 8


@subscriber_required
@require_POST
def hasta(request: SubscriberRequest) -> HttpResponse:
    """Send all calls elsewhere until a moment."""
    subscriber, now = request.subscriber, timezone.now().replace(microsecond=0)
    errors: dict[str, str] = {}
    try:
        destination = _destination(subscriber, request)
    except ValidationError as error:
        errors["number"] = error.messages[0]
    try:
        end = _end(request, now)
    except ValidationError as error:
        errors["moment"] = error.messages[0]
    if errors:
        return show(request, quick={"data": request.POST, "errors": errors}, status=422)
    is_switched_on = _switch_on(request, now)
    zone = zone_of(subscriber)
    edit = quick(_("Desvío rápido"), destination, now.astimezone(zone), end.astimezone(zone))
    done = store(request, subscriber, edit, at=now)
    apply_and_tell(request, done, _told(subscriber, destination, end, now))
    if is_switched_on:
        messages.info(request, _("El desvío por calendario estaba en No: ahora está en Sí."))
    return redirect(way_back(request, "desvios:desvios"))


def _destination(subscriber: Subscriber, request: SubscriberRequest) -> str:
    """Raises ``ValidationError`` with what is wrong with the number."""
    if request.POST.get("to") == VOICEMAIL:
        return clean_destination(subscriber, VOICEMAIL)
    text = request.POST.get("number", "").strip()
    if not text:
        raise ValidationError(_("Escribe el número al que se desvían las llamadas."))
    return clean_destination(subscriber, text)


def _end(request: SubscriberRequest, now: datetime) -> datetime:
    """The moment that was chosen. Raises ``ValidationError`` where it makes no sense."""
    until = request.POST.get("until", "")
    if until in CHOICES:
        return CHOICES[until](now)
    try:
        moment = parse_datetime(request.POST.get("moment", ""))
    except ValueError:
        moment = None
    if moment is None:
        raise ValidationError(_("Elige hasta cuándo."))
    if timezone.is_naive(moment):
        moment = moment.replace(tzinfo=timezone.get_current_timezone())
    if moment <= now:
        raise ValidationError(_("Ese momento ya ha pasado."))
    if moment - now > LONGEST:
        raise ValidationError(_("Elige un momento de aquí a un año como mucho."))
    return moment


def _whole_minute(moment: datetime) -> datetime:
    return (moment + timedelta(seconds=59)).replace(second=0)


def _next_hour(now: datetime, hour: int, *, tomorrow: bool = False) -> datetime:
    """That hour of today, or of tomorrow where it is past."""
    local = timezone.localtime(now)
    at = local.replace(hour=hour, minute=0, second=0)
    return at + timedelta(days=1) if tomorrow or at <= local else at


CHOICES: dict[str, Callable[[datetime], datetime]] = {
    "30min": lambda now: _whole_minute(now + timedelta(minutes=30)),
    "1h": lambda now: _whole_minute(now + timedelta(hours=1)),
    "evening": lambda now: _next_hour(now, EVENING),
    "morning": lambda now: _next_hour(now, MORNING, tomorrow=True),
}


def _switch_on(request: SubscriberRequest, now: datetime) -> bool:
    """The calendar must act; say so where it did not."""
    if rules_of(request.subscriber).calendar_enabled:
        return False
    changes.save(request, request.subscriber, {"calendar_enabled": True}, at=now)
    return True


def _told(subscriber: Subscriber, destination: str, end: datetime, now: datetime) -> str:
    """What was done, and which event of the calendar comes in between."""
    to = to_destination(destination, namer(subscriber)(destination))
    words = _("Todas las llamadas van %(to)s %(until)s") % {
        "to": to,
        "until": until_in_words(end, now),
    }
    stretch = end_of_stretch(plan_of(subscriber), now)
    coming = next_change(subscriber, now)
    if stretch and stretch < end and coming and coming.begins:
        words += _(", pero %(at)s empieza «%(title)s»") % {
            "at": at_in_words(coming.at, now),
            "title": coming.event,
        }
    return words
