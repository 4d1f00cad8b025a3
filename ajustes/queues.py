"""The panel of queues, and what somebody may do there: of his own memberships and nobody else's."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError
from django.http import Http404, HttpRequest
from django.utils import timezone

from ajustes.models import QueueRights
from ajustes.wording import Words, state_in, strategy, why_not
from portal.audit import record
from portal.models import AuditEvent, Subscriber
from portal.pbx import get_pbx
from portal.pbx.errors import PBXError
from portal.pbx.presence import Membership


@dataclass(frozen=True, slots=True)
class Row:
    """One queue. ``elsewhere``: nodes where it is otherwise than ``here`` says."""

    here: Membership
    title: str
    words: Words
    strategy: str
    may_pause: bool
    may_enter: bool
    may_leave: bool
    waiting_since: datetime | None  # whoever has waited longest; unlike a length it stays true
    elsewhere: list[tuple[str, Words]]


@dataclass(frozen=True, slots=True)
class Queues:
    """All of somebody's, or ``problem``: why that cannot be said. ``away``: silent nodes."""

    rows: list[Row] = field(default_factory=list)
    away: tuple[str, ...] = ()
    problem: str = ""
    taken_today: int | None = None

    @property
    def to_pause(self) -> list[Row]:
        """Where a pause is possible."""
        return [row for row in self.rows if row.here.is_member and row.may_pause]

    @property
    def paused(self) -> list[Row]:
        """Where one is going on that may be ended."""
        return [row for row in self.to_pause if row.here.is_paused]

    @property
    def is_in_any(self) -> bool:
        """Whether calls may come from a queue."""
        return any(row.here.is_member for row in self.rows)


def queues(subscriber: Subscriber) -> Queues:
    """What the page shows."""
    try:
        rows, away = read(subscriber)
    except PBXError as error:
        return Queues(problem=why_not(error))
    return Queues(rows, away, taken_today=_taken_today(subscriber) if rows else None)


def read(subscriber: Subscriber) -> tuple[list[Row], tuple[str, ...]]:
    """The queues of which the subscriber is a member, or may become one; and silent nodes."""
    rights = {row.name: row for row in QueueRights.objects.all()}
    open_to = set(QueueRights.objects.filter(agents=subscriber).values_list("name", flat=True))
    found = get_pbx().queues.memberships(subscriber.number, sorted(open_to))
    by_queue: dict[str, list[Membership]] = {}
    for each in found.queues:
        by_queue.setdefault(each.queue, []).append(each)
    rows = [_row(rights.get(name), name in open_to, states) for name, states in by_queue.items()]
    return sorted(rows, key=lambda row: row.title.casefold()), found.away


def pause(request: HttpRequest, subscriber: Subscriber, name: str, reason: str) -> tuple[str, ...]:
    """Take no calls of the queue, or of all if it is "". Returns the nodes that are silent.

    Raises ``Http404`` for a queue in which the subscriber may not do so, and ``PBXError``.
    """
    chosen = _chosen([row for row in read(subscriber)[0] if _can_pause(row)], name)
    away = get_pbx().queues.pause(subscriber.number, _names(chosen), reason)
    _write_down(request, subscriber, chosen, {"paused": True, "reason": reason})
    return away


def resume(request: HttpRequest, subscriber: Subscriber, name: str) -> tuple[str, ...]:
    """Take calls again, as ``pause``."""
    chosen = _chosen([row for row in read(subscriber)[0] if _can_pause(row)], name)
    away = get_pbx().queues.resume(subscriber.number, _names(chosen))
    _write_down(request, subscriber, chosen, {"paused": False})
    return away


def enter(request: HttpRequest, subscriber: Subscriber, name: str) -> tuple[str, ...]:
    """Become a member, as ``pause``."""
    chosen = _chosen([row for row in read(subscriber)[0] if row.may_enter], name)
    rights = QueueRights.objects.get(name=name)
    shown, penalty = subscriber.display_name, rights.penalty
    away = get_pbx().queues.log_in(subscriber.number, name, name=shown, penalty=penalty)
    _write_down(request, subscriber, chosen, {"member": True})
    return away


def leave(request: HttpRequest, subscriber: Subscriber, name: str) -> tuple[str, ...]:
    """Be a member no more, as ``pause``."""
    chosen = _chosen([row for row in read(subscriber)[0] if row.may_leave], name)
    away = get_pbx().queues.log_out(subscriber.number, name)
    _write_down(request, subscriber, chosen, {"member": False})
    return away


def _can_pause(row: Row) -> bool:
    return row.may_pause and row.here.is_member


def _chosen(rows: list[Row], name: str) -> list[Row]:
    chosen = [row for row in rows if name in ("", row.here.queue)]
    if not chosen:
        raise Http404("no such queue of the subscriber's")
    return chosen


def _names(rows: list[Row]) -> list[str]:
    return [row.here.queue for row in rows]


def _row(rights: QueueRights | None, is_open: bool, states: list[Membership]) -> Row:
    """The node on which most is so comes first: the one where the subscriber is a member."""
    here = next((each for each in states if each.is_member), states[0])
    words = state_in(here)
    is_dynamic = here.is_dynamic and here.is_member
    return Row(
        here=here,
        title=str(rights or here.queue),
        words=words,
        strategy=strategy(here.strategy),
        may_pause=rights.may_pause if rights else True,
        may_enter=is_open and not all(each.is_member for each in states),
        may_leave=is_open and is_dynamic,
        waiting_since=_ago(here.longest_wait) if here.waiting else None,
        elsewhere=[(each.node, state_in(each)) for each in states if _differs(each, here)],
    )


def _ago(seconds: int) -> datetime:
    return timezone.now() - timedelta(seconds=seconds)


def _differs(one: Membership, other: Membership) -> bool:
    return (one.is_member, one.is_paused) != (other.is_member, other.is_paused)


def _taken_today(subscriber: Subscriber) -> int | None:
    """Since midnight where the person lives; ``None`` where the call records are away."""
    midnight = timezone.localtime(timezone=subscriber.zone).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    try:
        return get_pbx().call_log.taken_from_queues(subscriber.number, midnight)
    except DatabaseError:
        return None


def _write_down(
    request: HttpRequest, subscriber: Subscriber, rows: list[Row], after: dict[str, Any]
) -> None:
    """One entry for each queue."""
    for row in rows:
        before = {"paused": row.here.is_paused, "member": row.here.is_member}
        record(
            request,
            subscriber,
            AuditEvent.Action.QUEUE,
            before={"queue": row.here.queue}
            | {name: before[name] for name in before if name in after},
            after={"queue": row.here.queue} | after,
            at=timezone.now(),
        )
