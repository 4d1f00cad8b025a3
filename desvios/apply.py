"""Bringing the committed rules to the nodes of the telephone system, and keeping them there.

Nothing here carries a plan: under the subscriber's lock what was changed at telephones is taken
over, the latest committed rules are read, compiled and written, so that an older version can never
overtake a newer one.
"""

import logging
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from enum import Enum
from itertools import islice

from django.db.models import Exists, OuterRef
from django.utils import timezone

from desvios.absorbing import absorb, absorbed_from
from desvios.directory import classes, plan_of, with_rules
from portal import logs
from portal.audit import requests_that_saved
from portal.locks import LockTimeout, lock
from portal.models import ServiceClass, Subscriber
from portal.pbx import get_pbx
from portal.pbx.errors import PBXError
from portal.pbx.models import NodePlan
from portal.pbx.types import ForwardingPlan
from portal.presence import send_home

log = logging.getLogger(__name__)

CHUNK = 500
"""Subscribers whose locks are held together."""

PATIENCE = 2.0
"""Seconds to wait for somebody who is applying the same subscriber."""


class NodeState(Enum):
    """What one node holds of a subscriber."""

    ACTIVE = "active"
    PENDING = "pending"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class Applied:
    """What the nodes hold of a subscriber at this moment."""

    nodes: dict[str, NodeState]

    @property
    def everywhere(self) -> bool:
        """Whether every node carries out the latest rules."""
        return all(state is NodeState.ACTIVE for state in self.nodes.values())


def apply(subscriber: Subscriber) -> bool:
    """Bring one subscriber's rules to all nodes now. False: it stays pending and is retried."""
    try:
        return bring([subscriber.pk])
    except LockTimeout:
        return False


def bring(ids: Sequence[int]) -> bool:
    """The same for several, which nobody else may be applying. Raises ``LockTimeout``."""
    return _apply(ids, get_pbx().nodes, unconfirmed_only=False)


def apply_pending() -> None:
    """Bring to each node what it has not confirmed; forget subscribers who are gone."""
    _apply_classes(ServiceClass.objects.pending())
    _forget_gone()
    pending = Subscriber.objects.pending().order_by("pk").values_list("pk", flat=True)
    for ids in _chunks(pending):
        try:
            _apply(ids, get_pbx().nodes, unconfirmed_only=True)
        except LockTimeout as error:
            log.info("left for the next round: %s", error)


def reconcile_all() -> None:
    """Compare every node with the database and repair what differs."""
    for node in get_pbx().nodes:
        try:
            reconcile(node)
        except (PBXError, LockTimeout) as error:
            log.warning("node %s could not be reconciled: %s", node, error)


def reconcile(node: str) -> int:
    """The same for one node. Returns how many subscribers it had wrong.

    Raises ``PBXError`` where the node is away, ``LockTimeout`` where somebody else is applying.
    """
    repaired = 0
    _reconcile_classes(node)
    for ids in _chunks(Subscriber.objects.order_by("pk").values_list("pk", flat=True)):
        if wrong := _differing(node, ids):
            done = _apply(wrong, [node], unconfirmed_only=False)
            # Asking again raises where the node went away; what it refused stays as it is.
            left = [] if done else _differing(node, wrong)
            repaired += len(wrong) - len(left)
    if repaired:
        log.info("node %s: %d plans repaired", node, repaired)
    return repaired


def state_on_nodes(subscriber: Subscriber) -> Applied:
    """Ask every node what it holds, and compare."""
    wanted = plan_of(subscriber, with_windows=False)
    states = {}
    for node in get_pbx().nodes:
        try:
            is_so = not _wrong_on(node, [wanted])
            states[node] = NodeState.ACTIVE if is_so else NodeState.PENDING
        except PBXError:
            states[node] = NodeState.AWAY
    return Applied(states)


def _chunks(ids: Iterable[int]) -> Iterator[list[int]]:
    remaining = iter(list(ids))
    while chunk := list(islice(remaining, CHUNK)):
        yield chunk


def _differing(node: str, ids: Sequence[int]) -> list[int]:
    """Which of the subscribers the node does not hold as the database has them."""
    rows = with_rules(Subscriber.objects.filter(pk__in=ids), with_windows=False)
    wanted = {row.pk: plan_of(row, with_windows=False) for row in rows}
    wrong = _wrong_on(node, list(wanted.values()))
    return [pk for pk, plan in wanted.items() if plan.subscriber in wrong]


def _wrong_on(node: str, wanted: Sequence[ForwardingPlan]) -> set[str]:
    """Whose plan on the node is another, or lacks what was changed at a telephone there."""
    numbers = [plan.subscriber for plan in wanted]
    held = get_pbx().forwarding.read(node, numbers)
    phones = get_pbx().forwarding.read_phones(node, numbers)
    return {
        plan.subscriber
        for plan in wanted
        if (there := held[plan.subscriber]) != plan
        or phones[plan.subscriber].stamp > there.absorbed
    }


def _apply(ids: Sequence[int], nodes: Iterable[str], *, unconfirmed_only: bool) -> bool:
    """Write the latest committed rules of these subscribers. True when all nodes confirmed."""
    with ExitStack() as locks:
        for pk in sorted(ids):
            locks.enter_context(lock(f"subscriber-{pk}", timeout=PATIENCE))
        nodes, rows = list(nodes), Subscriber.objects.filter(pk__in=ids)
        absorb(list(rows.values_list("number", flat=True)), nodes)
        subscribers = list(with_rules(rows))
        plans = [plan_of(subscriber) for subscriber in subscribers]
        done = [_write(node, plans, unconfirmed_only=unconfirmed_only) for node in nodes]
        if all(done):
            _confirm_everywhere(subscribers)
        return all(done)


def _write(node: str, plans: Sequence[ForwardingPlan], *, unconfirmed_only: bool) -> bool:
    confirmed = _confirmed(node, [plan.subscriber for plan in plans])
    late = {plan.subscriber for plan in plans if confirmed.get(plan.subscriber) != plan.revision}
    if unconfirmed_only:
        plans = [plan for plan in plans if plan.subscriber in late]
    plans = _with_requests(plans, late)
    known = absorbed_from(node, [plan.subscriber for plan in plans])
    plans = [replace(plan, absorbed=known.get(plan.subscriber, 0)) for plan in plans]
    try:
        get_pbx().forwarding.write(node, plans)
    except PBXError as error:
        log.warning("node %s did not take %d plans: %s", node, len(plans), error)
        return False
    _note(node, plans)
    _tell(node, plans)
    return True


def _with_requests(plans: Sequence[ForwardingPlan], late: Collection[str]) -> list[ForwardingPlan]:
    """Those that the node never confirmed bear the id of the request that saved them."""
    saved = requests_that_saved(late) if late else {}
    return [replace(plan, request_id=saved.get(plan.subscriber, "")) for plan in plans]


def _tell(node: str, plans: Sequence[ForwardingPlan]) -> None:
    """One line, with its id, for each request whose plans were written later by somebody else."""
    now = logs.current()
    requests = Counter(plan.request_id for plan in plans if plan.request_id not in {"", now})
    for request_id, count in requests.items():
        with logs.bearing(request_id):
            log.info("node %s: %d plans of this request written later, by %s", node, count, now)


def _note(node: str, plans: Sequence[ForwardingPlan]) -> None:
    """Write down what the node confirmed."""
    now = timezone.now()
    rows = [
        NodePlan(node=node, subscriber=plan.subscriber, revision=plan.revision, confirmed_at=now)
        for plan in plans
    ]
    NodePlan.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["node", "subscriber"],
        update_fields=["revision", "confirmed_at"],
    )


def _confirmed(node: str, numbers: Sequence[str]) -> dict[str, int]:
    """The revisions that the node confirmed, by number."""
    rows = NodePlan.objects.filter(node=node, subscriber__in=numbers)
    return dict(rows.values_list("subscriber", "revision"))


def _confirm_everywhere(subscribers: Sequence[Subscriber]) -> None:
    """Note what is applied, unless a newer version was saved meanwhile on other nodes."""
    nodes = get_pbx().nodes
    numbers = [subscriber.number for subscriber in subscribers]
    by_node = [_confirmed(node, numbers) for node in nodes]
    for subscriber in subscribers:
        lowest = min(confirmed.get(subscriber.number, 0) for confirmed in by_node)
        if lowest > subscriber.applied_revision:
            subscriber.applied_revision = lowest
    Subscriber.objects.bulk_update(subscribers, ["applied_revision"])


def _apply_classes(rows: Iterable[ServiceClass]) -> None:
    rows = list(rows)
    if not rows:
        return
    patterns = {row.code: row.regex() for row in rows}
    try:
        for node in get_pbx().nodes:
            get_pbx().forwarding.write_classes(node, patterns)
    except PBXError as error:
        log.warning("service classes stay pending: %s", error)
        return
    for row in rows:
        ServiceClass.objects.filter(pk=row.pk).update(applied_revision=row.revision)


def _reconcile_classes(node: str) -> None:
    wanted = classes()
    held = get_pbx().forwarding.read_classes(node, list(wanted))
    wrong = {code: regex for code, regex in wanted.items() if held[code] != regex}
    if wrong:
        get_pbx().forwarding.write_classes(node, wrong)


def _forget_gone() -> None:
    """Remove from the nodes the numbers that are no subscriber's any more."""
    for node in get_pbx().nodes:
        known = Subscriber.objects.filter(number=OuterRef("subscriber"))
        gone = NodePlan.objects.filter(~Exists(known), node=node)
        numbers = list(gone.values_list("subscriber", flat=True)[:CHUNK])
        if not numbers:
            continue
        try:
            held = get_pbx().forwarding.read(node, numbers)
            plans = [held[number] or ForwardingPlan(subscriber=number) for number in numbers]
            send_home(numbers)
            get_pbx().forwarding.remove(node, plans)
        except PBXError as error:
            log.warning(
                "node %s still holds %d numbers that are gone: %s", node, len(numbers), error
            )
            continue
        NodePlan.objects.filter(node=node, subscriber__in=numbers).delete()
