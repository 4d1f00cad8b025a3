"""How a service does: now, and since midnight."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Avg, Count, F, Min, Q

from chat.availability import availability
from chat.models import Agent, CallbackTask, Conversation, Seat, Service, State
from chat.wording import closed


@dataclass(frozen=True, slots=True)
class Figures:
    """``closed``: why and until when, "" while it is open. ``level``: of those who waited since
    midnight and do no more, the per cent that an agent took within ``Service.answer_within``;
    ``None`` where there was nobody."""

    service: Service
    closed: str
    waiting: int
    waiting_since: datetime | None
    active: int
    asked: int
    answered: int
    abandoned: int
    messages: int
    callbacks_due: int
    level: int | None
    rating: float | None
    seats: list["SeatNow"]


@dataclass(frozen=True, slots=True)
class SeatNow:
    """An agent in a queue: tone and name of the state are the template's."""

    agent: Agent
    seat: Seat
    busy_with: int
    is_present: bool


def figures(service: Service, now: datetime, midnight: datetime) -> Figures:
    """Of one service."""
    rows = Conversation.objects.filter(service=service)
    open_ones = rows.open().aggregate(
        waiting=Count("pk", filter=Q(state=State.WAITING)),
        since=Min("opened_at", filter=Q(state=State.WAITING)),
        active=Count("pk", filter=Q(state=State.ACTIVE)),
    )
    today = rows.filter(opened_at__gte=midnight).aggregate(
        asked=Count("pk"),
        answered=Count("pk", filter=Q(taken_at__isnull=False)),
        messages=Count("pk", filter=Q(state=State.CALLBACK)),
        abandoned=Count("pk", filter=Q(state=State.CLOSED, taken_at=None)),
        rating=Avg("rating"),
    )
    opened = availability(service, now)
    due = CallbackTask.objects.filter(done_at=None, conversation__service=service)
    return Figures(
        service=service,
        closed="" if opened.is_open else closed(opened, now),
        waiting=open_ones["waiting"],
        waiting_since=open_ones["since"],
        active=open_ones["active"],
        asked=today["asked"],
        answered=today["answered"],
        abandoned=today["abandoned"],
        messages=today["messages"],
        callbacks_due=due.count(),
        level=service_level(service, midnight),
        rating=today["rating"],
        seats=seats(service, now),
    )


def service_level(service: Service, since: datetime, until: datetime | None = None) -> int | None:
    """Per cent taken in time of those who waited and were taken, gave up, or were given up.

    A message that was left at once waited for nobody.
    """
    rows = Conversation.objects.filter(service=service, opened_at__gte=since)
    if until:
        rows = rows.filter(opened_at__lt=until)
    in_time = Q(taken_at__lte=F("opened_at") + timedelta(seconds=service.answer_within))
    waited = Q(taken_at__isnull=False) | Q(closed_at__gt=F("opened_at"))
    found = rows.aggregate(in_time=Count("pk", filter=in_time), all=Count("pk", filter=waited))
    return round(100 * found["in_time"] / found["all"]) if found["all"] else None


def seats(service: Service, now: datetime) -> list[SeatNow]:
    """The agents of its queue, those present first."""
    rows = Seat.objects.filter(queue=service.queue).select_related("agent__subscriber")
    busy = {row.pk: row.busy_with for row in Agent.objects.counted()}
    found = [
        SeatNow(row.agent, row, busy.get(row.agent_id, 0), row.agent.is_present(now))
        for row in rows
    ]
    return sorted(found, key=lambda each: (not each.is_present, each.agent.name))
