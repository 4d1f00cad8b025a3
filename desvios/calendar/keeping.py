"""Jobs of the link: calendars reach far enough ahead, and nodes forget what is over."""

import logging
from collections.abc import Iterable
from datetime import timedelta
from itertools import islice

from django.db import transaction
from django.utils import timezone

from desvios.apply import PATIENCE
from desvios.calendar.compile import FOR_EVER, LEAST_AHEAD, compile_calendars, retired
from desvios.models import CompiledCalendar, RetiredCalendar
from portal.locks import LockTimeout, lock
from portal.models import Subscriber
from portal.pbx import get_pbx
from portal.pbx.errors import PBXError
from portal.pbx.models import NodePlan
from portal.pbx.types import Window

log = logging.getLogger(__name__)

GRACE = timedelta(seconds=60)
"""A call that read the old plan may still be looking for its day."""

AT_ONCE = 200

TOGETHER = 50
"""Calendars compiled in one transaction, for which nobody who saves waits a quarter of a second."""


def top_up() -> None:
    """Compile anew what does not reach far enough ahead, and have it written to the nodes."""
    short = timezone.now().date() + LEAST_AHEAD
    low = CompiledCalendar.objects.filter(until__lt=short, subscriber__isnull=False)
    _recompile(list(low.exclude(version="").values_list("subscriber_id", flat=True)))


def recompile(subscribers: Iterable[Subscriber]) -> None:
    """After an edit of holidays: the calendars of these subscribers are other ones now."""
    _recompile([subscriber.pk for subscriber in subscribers])


def _recompile(ids: Iterable[int]) -> None:
    """Compile each anew, some in one transaction; who is gone meanwhile is left out."""
    remaining = iter(ids)
    while chunk := list(islice(remaining, TOGETHER)):
        with transaction.atomic():
            rows = Subscriber.objects.select_for_update().filter(pk__in=chunk).order_by("pk")
            subscribers = list(rows)
            compile_calendars(subscribers, timezone.now())
            write_again(*subscribers)


def write_again(*subscribers: Subscriber) -> None:
    """Have the nodes take the plans again although nobody changed a rule."""
    numbers = [subscriber.number for subscriber in subscribers]
    NodePlan.objects.filter(subscriber__in=numbers).delete()
    Subscriber.objects.filter(number__in=numbers).update(applied_revision=0)


def forget_retired() -> None:
    """Remove from the nodes the day keys that no plan names any more."""
    _retire_orphans()
    due = RetiredCalendar.objects.filter(retired_at__lt=timezone.now() - GRACE)
    for node in get_pbx().nodes:
        for row in due.filter(node=node).order_by("retired_at", "pk")[:AT_ONCE]:
            try:
                _forget(row)
            except (PBXError, LockTimeout) as error:
                log.warning("node %s still holds old days: %s", node, error)
                break


def _retire_orphans() -> None:
    """What was compiled for subscribers who are gone."""
    for old in CompiledCalendar.objects.filter(subscriber=None)[:AT_ONCE]:
        with transaction.atomic():
            RetiredCalendar.objects.bulk_create(retired(old, FOR_EVER, timezone.now()))
            old.delete()


def _forget(row: RetiredCalendar) -> None:
    subscriber = Subscriber.objects.filter(number=row.number).first()
    windows = tuple(Window(*window) for window in row.windows)
    # Under the lock no save can bring this very version back while its days are removed.
    with lock(f"subscriber-{subscriber.pk if subscriber else 0}", timeout=PATIENCE):
        held = get_pbx().forwarding.read(row.node, [row.number])[row.number]
        is_over = windows[-1].end < timezone.now().timestamp()
        if held and held.calendar == row.version and not is_over:
            # The node has not taken the new plan yet, or has taken this one again. Others are
            # looked at before this one's turn comes again.
            RetiredCalendar.objects.filter(pk=row.pk).update(retired_at=timezone.now())
            return
        get_pbx().forwarding.forget_calendar(row.node, row.number, row.version, windows)
        row.delete()
