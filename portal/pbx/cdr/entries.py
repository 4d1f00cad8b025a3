"""Keeping the calls as subscribers see them (``CallEntry``) in step with their legs."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from django.conf import settings
from django.db import connections, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from portal.pbx.cdr.merging import merge, target
from portal.pbx.cdr.numbers import may_be_subscriber
from portal.pbx.models import CallEntry, CallRecord
from portal.pbx.router import ALIAS
from portal.pbx.types import Call, CallResult

Key = tuple[str, str]
"""Node and ``linkedid`` of one call."""

Kind = CallEntry.Kind
UNIQUE = ["linkedid", "subscriber", "node"]
CONTENT = [
    "started",
    "kind",
    "other",
    "other_name",
    "called",
    "result",
    "seconds",
    "forwarded_to",
    "reason",
    "voicemail_at",
]
BATCH = 200
NEWS_FOR = timedelta(hours=1)
"""Of a change in a call that began longer ago no open page is told."""

RECEIVED = {
    CallResult.ANSWERED: Kind.RECEIVED,
    CallResult.VOICEMAIL: Kind.VOICEMAIL,
    CallResult.ELSEWHERE: Kind.ELSEWHERE,
}


def refresh(keys: Iterable[Key]) -> None:
    """Write what the legs of these calls say now; call it in the transaction that wrote them.

    Once that is committed, ``settings.CALL_NEWS`` is told whose recent calls changed.
    """
    recent = timezone.now() - NEWS_FOR
    changed: set[str] = set()
    for some in _batches(sorted(set(keys))):
        rows = _differing(some)
        _write(rows)
        changed |= {row.subscriber for row in rows if row.started > recent}
    if changed:
        transaction.on_commit(lambda: _tell(changed), using=ALIAS)


def save(legs: Sequence[CallRecord]) -> None:
    """Keep these legs, of which some may be there already, and what subscribers see of them."""
    for leg in legs:
        leg.merged = True
    with transaction.atomic(using=ALIAS):
        CallRecord.objects.bulk_create(legs, batch_size=BATCH, ignore_conflicts=True)
        refresh((leg.node, leg.linkedid) for leg in legs)


def _tell(subscribers: set[str]) -> None:
    for path in settings.CALL_NEWS:
        import_string(path)(subscribers)


def legs_of(keys: Sequence[Key]) -> dict[Key, list[CallRecord]]:
    """All legs of these calls, each call's in the order in which they began."""
    wanted = set(keys)
    grouped: dict[Key, list[CallRecord]] = defaultdict(list)
    for leg in CallRecord.objects.filter(linkedid__in={linkedid for _node, linkedid in keys}):
        if (leg.node, leg.linkedid) in wanted:
            grouped[leg.node, leg.linkedid].append(leg)
    for legs in grouped.values():
        legs.sort(key=lambda leg: (leg.started, leg.sequence))
    return grouped


def entries(node: str, legs: Sequence[CallRecord]) -> Iterator[CallEntry]:
    """One call as each subscriber sees it who had to do with it; not saved."""
    fields = {number for leg in legs for number in (leg.src, target(leg), leg.dialed, leg.diverter)}
    for subscriber in sorted(fields):
        if may_be_subscriber(subscriber):
            yield _entry(node, subscriber, merge(subscriber, legs))


def _entry(node: str, subscriber: str, call: Call) -> CallEntry:
    return CallEntry(
        node=node,
        linkedid=call.linkedid,
        subscriber=subscriber,
        started=call.started_at,
        kind=_kind(call),
        other=call.other,
        other_name="" if call.outgoing else call.caller_name[:80],
        called="" if call.outgoing else call.called,
        result=call.result,
        seconds=call.seconds,
        forwarded_to=call.forwarded_to,
        reason=call.reason,
        voicemail_at=call.voicemail_at,
    )


def _kind(call: Call) -> CallEntry.Kind:
    if call.outgoing:
        return Kind.MADE if call.result is CallResult.ANSWERED else Kind.TRIED
    if call.result is CallResult.FORWARDED:
        return Kind.FORWARDED if call.seconds else Kind.LOST
    return RECEIVED.get(call.result, Kind.MISSED)


def _differing(keys: Sequence[Key]) -> list[CallEntry]:
    """The entries of these calls that are not there, or say something else."""
    linkedids = {linkedid for _node, linkedid in keys}
    there = {_identity(row): row for row in CallEntry.objects.filter(linkedid__in=linkedids)}
    wanted = [row for (node, _), legs in legs_of(keys).items() for row in entries(node, legs)]
    return [row for row in wanted if not _same(there.get(_identity(row)), row)]


def _identity(row: CallEntry) -> tuple[str, ...]:
    return row.node, row.linkedid, row.subscriber


def _same(there: CallEntry | None, wanted: CallEntry) -> bool:
    if there is None:
        return False
    return all(getattr(there, name) == getattr(wanted, name) for name in CONTENT)


def _write(rows: Sequence[CallEntry]) -> None:
    """New rows are added; those that are there are changed and keep their ids."""
    names_target = connections[ALIAS].features.supports_update_conflicts_with_target
    CallEntry.objects.bulk_create(
        rows,
        batch_size=BATCH,
        update_conflicts=True,
        update_fields=CONTENT,
        unique_fields=UNIQUE if names_target else None,
    )


def _batches(keys: Sequence[Key]) -> Iterator[Sequence[Key]]:
    for start in range(0, len(keys), BATCH):
        yield keys[start : start + BATCH]
