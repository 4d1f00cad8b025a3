"""Whether somebody would answer now: looked at for every page, and again with every sending."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count

from chat.hours import DAYS_AHEAD, company_day, holiday_that_closes, is_open, next_opening
from chat.models import Agent, Conversation, Service, State
from portal.models import Holiday

MOST_TOLD = 50
"""Of those who wait, whose pages follow at once; the others look every 20 seconds."""


@dataclass(frozen=True, slots=True)
class Availability:
    """A service now. ``present`` attend it, ``ready`` of them can take one more.

    ``holiday`` is the name of the one that closes it today, "" for none.
    """

    service: Service
    is_open: bool
    holiday: str
    opens_at: datetime | None
    present: int
    ready: int
    waiting: int

    @property
    def can_wait(self) -> bool:
        """Whether somebody who writes now will be answered."""
        return self.is_open and self.present > 0


def availability(service: Service, now: datetime) -> Availability:
    """Of one service."""
    waiting = Conversation.objects.filter(service=service, state=State.WAITING).count()
    return _availability(service, waiting, _holidays([service], now)[service.pk], now)


def availabilities(now: datetime) -> list[Availability]:
    """Of all services on offer, in their order."""
    services = list(Service.objects.filter(is_offered=True).prefetch_related("hours"))
    holidays = _holidays(services, now)
    counts = Conversation.objects.filter(state=State.WAITING).values("service").order_by()
    waiting = {row["service"]: row["n"] for row in counts.annotate(n=Count("pk"))}
    return [
        _availability(each, waiting.get(each.pk, 0), holidays[each.pk], now) for each in services
    ]


def numbers_on(queues: Iterable[str], now: datetime) -> list[str]:
    """Whom to tell of what happens in these queues: members who are there, paused or not."""
    rows = Agent.objects.present(now).filter(seats__queue__in=list(queues)).distinct()
    return list(rows.values_list("subscriber__number", flat=True))


def waiting_in(queues: Iterable[str]) -> list[str]:
    """Who waits there, to be told that somebody came or went; the first of them are enough."""
    rows = Conversation.objects.waiting().filter(service__queue__in=list(queues))
    return list(rows.values_list("subscriber__number", flat=True)[:MOST_TOLD])


def _holidays(services: Iterable[Service], now: datetime) -> dict[int, dict[date, str]]:
    """The days on which each is closed, from today on."""
    found: dict[int, dict[date, str]] = {each.pk: {} for each in services}
    today = company_day(now)
    days = Holiday.objects.filter(
        calendar__chat_services__in=list(found),
        date__range=(today, today + timedelta(days=DAYS_AHEAD)),
    ).order_by("date", "calendar__name")
    for service, day, name in days.values_list("calendar__chat_services", "date", "name"):
        found[service].setdefault(day, name)
    return found


def _availability(
    service: Service, waiting: int, holidays: dict[date, str], now: datetime
) -> Availability:
    rows = list(service.hours.all())
    opened = is_open(rows, holidays, now)
    duty = list(Agent.objects.on_duty(service.queue, now)) if opened else []
    return Availability(
        service=service,
        is_open=opened,
        holiday=holiday_that_closes(rows, holidays, now),
        opens_at=None if opened else next_opening(rows, holidays, now),
        present=len(duty),
        ready=sum(each.busy_with < each.limit for each in duty),
        waiting=waiting,
    )
