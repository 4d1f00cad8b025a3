"""Whether somebody would answer now: looked at for every page, and again with every sending."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from chat.hours import is_open, next_opening
from chat.models import Agent, Conversation, Service, State

MOST_TOLD = 50
"""Of those who wait, whose pages follow at once; the others look every 20 seconds."""


@dataclass(frozen=True, slots=True)
class Availability:
    """A service now. ``present`` attend it, ``ready`` of them can take one more."""

    service: Service
    is_open: bool
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
    return _availability(service, waiting, now)


def availabilities(now: datetime) -> list[Availability]:
    """Of all services on offer, in their order."""
    services = Service.objects.filter(is_offered=True).prefetch_related("hours")
    counts = Conversation.objects.filter(state=State.WAITING).values("service").order_by()
    waiting = {row["service"]: row["n"] for row in counts.annotate(n=Count("pk"))}
    return [_availability(each, waiting.get(each.pk, 0), now) for each in services]


def numbers_on(queues: Iterable[str], now: datetime) -> list[str]:
    """Whom to tell of what happens in these queues: members who are there, paused or not."""
    rows = Agent.objects.present(now).filter(seats__queue__in=list(queues)).distinct()
    return list(rows.values_list("subscriber__number", flat=True))


def waiting_in(queues: Iterable[str]) -> list[str]:
    """Who waits there, to be told that somebody came or went; the first of them are enough."""
    rows = Conversation.objects.waiting().filter(service__queue__in=list(queues))
    return list(rows.values_list("subscriber__number", flat=True)[:MOST_TOLD])


def _availability(service: Service, waiting: int, now: datetime) -> Availability:
    rows = list(service.hours.all())
    opened = is_open(rows, now)
    duty = list(Agent.objects.on_duty(service.queue, now)) if opened else []
    return Availability(
        service=service,
        is_open=opened,
        opens_at=None if opened else next_opening(rows, now),
        present=len(duty),
        ready=sum(each.busy_with < each.limit for each in duty),
        waiting=waiting,
    )
