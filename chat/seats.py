"""Keeping in mind what the telephone system says of agents: who is in which queue, and in a pause.

The pause is the queue's own: made at the telephone or in the portal, it holds for calls and chat.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from chat.availability import numbers_on, waiting_in
from chat.models import GONE_AFTER, Agent, Seat, Service
from portal.models import Subscriber
from portal.news import Topic, tell
from portal.pbx import get_pbx
from portal.pbx.presence import Membership


def sync() -> None:
    """A job of the link: ask about everybody who is in a queue that offers chat, or was.

    Raises ``PBXError`` while no node answers; what was known goes on to hold then.
    """
    queues = get_pbx().queues
    members = {n for queue in chat_queues() for n in queues.members(queue)}
    known = Seat.objects.values_list("agent__subscriber__number", flat=True)
    for number in sorted(members | {number for number in known if number}):
        sync_one(number)
    Seat.objects.filter(agent__subscriber=None).delete()


def on_queue(queue: str, number: str = "") -> None:
    """What the link does when it hears of a queue; without a number only callers came or went."""
    if number and Service.objects.filter(queue=queue).exists():
        sync_one(number)


def sync_one(number: str) -> None:
    """Ask what the queues are to one subscriber, and tell open pages where that is new."""
    subscriber = Subscriber.objects.filter(number=number).first()
    if subscriber is None:
        return
    found = get_pbx().queues.memberships(number).queues
    wanted = _seats(found, set(chat_queues()))
    if not wanted and not Agent.objects.filter(subscriber=subscriber).exists():
        return
    with transaction.atomic():
        agent, _is_new = Agent.objects.update_or_create(
            subscriber=subscriber, defaults={"name": subscriber.display_name}
        )
        changed = _put(agent, wanted)
    if changed:
        tell({number, *waiting_in(wanted)}, Topic.CHAT)


def show_life(agent: Agent, now: datetime) -> None:
    """A page of the agent's is open. Whoever comes back is the last in the line of the idle."""
    was_gone = Q(seen_at=None) | Q(seen_at__lte=now - GONE_AFTER)
    row = Agent.objects.filter(pk=agent.pk)
    if row.filter(was_gone).update(idle_since=now, seen_at=now):
        queues = agent.seats.values_list("queue", flat=True)
        tell(numbers_on(queues, now), Topic.CHAT)
    else:
        row.update(seen_at=now)


def chat_queues() -> list[str]:
    """The queues of the services, offered or not: what waits there still has to be answered."""
    return list(Service.objects.values_list("queue", flat=True))


def _seats(found: Iterable[Membership], queues: set[str]) -> dict[str, dict[str, Any]]:
    """What each seat has to say. A pause on any node is one."""
    seats: dict[str, dict[str, Any]] = {}
    for each in found:
        if each.queue not in queues or not each.is_member:
            continue
        seat = {"penalty": each.penalty, "is_paused": each.is_paused, "reason": each.reason}
        other = seats.get(each.queue)
        if other is None or (each.is_paused and not other["is_paused"]):
            seats[each.queue] = seat
    return seats


def _put(agent: Agent, wanted: dict[str, dict[str, Any]]) -> bool:
    """Make the agent's seats these. Whether they were otherwise."""
    rows = {row.queue: row for row in agent.seats.all()}
    old = {
        queue: {"penalty": row.penalty, "is_paused": row.is_paused, "reason": row.reason}
        for queue, row in rows.items()
    }
    if old == wanted:
        return False
    agent.seats.exclude(queue__in=wanted).delete()
    for queue, fields in wanted.items():
        Seat.objects.update_or_create(agent=agent, queue=queue, defaults=fields)
    return True
