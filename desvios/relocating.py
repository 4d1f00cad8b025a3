"""What another zone of a person means for the calendar.

Whatever names its zone keeps its own clock: events made here, and imported ones, whose times
without a zone were taken for the person's of that day. Whole days, holidays and times without a
zone in subscriptions are those of the zone in which the person lives now.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F

from desvios.calendar.compile import compile_calendar
from desvios.exchange import feeds
from desvios.exchange.ics_lines import NotReadable
from desvios.exchange.models import CalendarFeed
from desvios.models import CalendarEvent
from portal.models import Subscriber

MOMENT = timedelta(microseconds=1)


def follow_zone(subscriber: Subscriber, before: ZoneInfo, now: datetime) -> None:
    """Compile the calendar anew for the zone that is stored by now.

    The caller sees to it that the plan is applied.
    """
    with transaction.atomic():
        current = Subscriber.objects.select_for_update().get(pk=subscriber.pk)
        # All edits a moment later: their order stays, and what is compiled gets another version.
        events = CalendarEvent.objects.filter(subscriber=current)
        events.update(edited_at=F("edited_at") + MOMENT, expanded=[], expanded_until=None)
        for feed in current.feeds.in_use():
            _reread(feed, before, now)
        compile_calendar(current, now)


def _reread(feed: CalendarFeed, before: ZoneInfo, now: datetime) -> None:
    try:
        feeds.reread(feed, before, now)
    except NotReadable:
        return  # what was read once can be read no more: it stays as it is
