"""A subscriber's own calendar as a file, without what other calendars sent."""

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from desvios.calendar.compile import holidays_of, zone_of
from desvios.exchange import export
from desvios.models import CalendarEvent
from desvios.wording import destination_in_words
from portal.models import Subscriber


def own_calendar(subscriber: Subscriber) -> bytes:
    """The events that the subscriber wrote or imported, with the pauses that holidays make."""
    name = _("Desvíos de %s") % subscriber.display_name
    zone, holidays, now = zone_of(subscriber), holidays_of(subscriber), timezone.now()

    def pauses(event: CalendarEvent) -> list[date]:
        return export.paused(event, holidays, zone, now)

    return export.write(name, subscriber.events.filter(feed=None), _destination, pauses)


def _destination(destination: str) -> str:
    return _("Las llamadas van a: %s") % destination_in_words(destination)
