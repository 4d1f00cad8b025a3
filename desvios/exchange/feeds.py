"""Subscriptions: their busy times as events, refreshed by the link, kept while they are away."""

import logging
import random
from datetime import datetime, timedelta
from threading import Thread
from zoneinfo import ZoneInfo

from django.db import connections, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from desvios.calendar.compile import compile_calendar, zone_of
from desvios.calendar.editing import redirected
from desvios.calendar.keeping import write_again
from desvios.exchange import ics
from desvios.exchange.draft import Draft, digest
from desvios.exchange.fetch import Answer, Fetcher, Unfetchable
from desvios.exchange.ics import Reading
from desvios.exchange.ics_lines import NotReadable
from desvios.exchange.models import CalendarFeed, CalendarUpload
from desvios.models import CalendarEvent
from portal import logs
from portal.models import Subscriber

log = logging.getLogger(__name__)

EVERY = timedelta(minutes=15)
JITTER = timedelta(minutes=2)
LONGEST_PAUSE = timedelta(hours=12)
"""A feed that stays broken is asked less and less often, but at least this often."""

MOST_EVENTS = 1_000
AT_ONCE = 8
A_ROUND = 400
KEEP_REMOVED = timedelta(days=30)
KEEP_UPLOADS = timedelta(hours=1)

_workers: list[Thread] = []


def refresh_due() -> None:
    """Job of the link: begin to refresh what is due, beside its other jobs; forget what is old."""
    now = timezone.now()
    _forget_old(now)
    _workers[:] = [worker for worker in _workers if worker.is_alive()]
    if _workers:
        return
    due = CalendarFeed.objects.in_use().filter(due_at__lte=now).order_by("due_at")
    ids = list(due.values_list("pk", flat=True)[:A_ROUND])
    for share in range(min(AT_ONCE, len(ids))):
        work = logs.carried(_refresh_each)
        worker = Thread(target=work, args=(ids[share::AT_ONCE],), daemon=True)
        _workers.append(worker)
        worker.start()


def refresh(feed: CalendarFeed, fetcher: Fetcher, now: datetime) -> bool:
    """Fetch one feed and store what came. False: it is broken, and the last good state stays."""
    try:
        answer = fetcher.fetch(feed.url, etag=feed.etag, last_modified=feed.last_modified)
        take_answer(feed, answer, now)
    except (Unfetchable, NotReadable) as error:
        feed.failures = min(feed.failures + 1, 1000)
        pause = min(EVERY * 2 ** min(feed.failures, 10), LONGEST_PAUSE)
        _note(feed, now, pause, error=str(error)[:300])
        return False
    return True


def take_answer(feed: CalendarFeed, answer: Answer, now: datetime) -> None:
    """Store a good answer. Raises ``NotReadable`` and changes nothing where it is not."""
    if answer.data is None and not feed.content:
        raise NotReadable(_("El servidor no envió el calendario."))
    if answer.data is not None and answer.data != bytes(feed.content):
        before = _wanted(feed, read(feed, bytes(feed.content), now)) if feed.content else {}
        reading = read(feed, answer.data, now)
        feed.content, feed.remark = answer.data, _left_out(reading)
        _put_events(feed, before, _wanted(feed, reading), now)
    if answer.data is not None:
        feed.etag, feed.last_modified = answer.etag, answer.last_modified
    feed.failures, feed.fetched_at = 0, now
    _note(feed, now, EVERY, error="")


def put_again(feed: CalendarFeed, now: datetime) -> None:
    """Bring the events back as they were last read, if they ever were."""
    if not feed.content:
        return
    _put_events(feed, {}, _wanted(feed, read(feed, bytes(feed.content), now)), now)


def take_away(feed: CalendarFeed, now: datetime) -> None:
    """Remove the events."""
    _put_events(feed, {}, {}, now)


def reread(feed: CalendarFeed, before: ZoneInfo, now: datetime) -> None:
    """Read it with the clock of another zone than ``before``: times that name none move along.

    Everything else stays as it is here, also where the user took an occurrence away.
    """
    if not feed.content:
        return
    data = bytes(feed.content)
    old = {draft.uid: draft for draft in read(feed, data, now, before).drafts}
    reading = read(feed, data, now)
    wanted = _wanted(feed, reading)
    same = [draft for draft in reading.drafts if old.get(draft.uid) == draft]
    uids = [_uid(feed, draft) for draft in same]
    _put_events(feed, {uid: wanted[uid] for uid in uids}, wanted, now)


def claim(feed: CalendarFeed, now: datetime, least: timedelta) -> bool:
    """Whether the feed may be fetched now; only one asker is told so in that time."""
    rows = CalendarFeed.objects.in_use().filter(pk=feed.pk)
    if rows.filter(tried_at__gt=now - least).exists():
        return False
    return bool(rows.filter(tried_at=feed.tried_at).update(tried_at=now))


def _refresh_each(ids: list[int]) -> None:
    """What a worker of the link does; each keeps its own connection to the database."""
    try:
        fetcher = Fetcher()
        for pk in ids:
            feed = CalendarFeed.objects.in_use().filter(pk=pk).first()
            if feed and claim(feed, timezone.now(), timedelta(minutes=1)):
                _refresh_or_report(feed, fetcher)
    finally:
        connections.close_all()


def _refresh_or_report(feed: CalendarFeed, fetcher: Fetcher) -> None:
    """A fault of ours with one feed keeps no other from being read, and waits its turn again."""
    try:
        with translation.override(feed.subscriber.letters_in):  # what is noted is for its owner
            refresh(feed, fetcher, timezone.now())
    except Exception:
        log.exception("subscription %s could not be refreshed", feed.pk)
        CalendarFeed.objects.filter(pk=feed.pk).update(due_at=timezone.now() + EVERY)


def read(feed: CalendarFeed, data: bytes, now: datetime, zone: ZoneInfo | None = None) -> Reading:
    """What the calendar holds that is still to come. Raises ``NotReadable``."""
    reading = ics.read(data, zone or zone_of(feed.subscriber), now, busy_only=True)
    reading.drafts = [each for each in reading.drafts if not each.is_over(now)]
    if len(reading.drafts) > MOST_EVENTS:
        raise NotReadable(_("El calendario trae más de %d eventos por venir.") % MOST_EVENTS)
    return reading


def _wanted(feed: CalendarFeed, reading: Reading) -> dict[str, str]:
    """The feed's events as they are stored, by UID."""
    return {_uid(feed, draft): draft.ical(feed.destination) for draft in reading.drafts}


def _uid(feed: CalendarFeed, draft: Draft) -> str:
    return f"{feed.uid_prefix}{digest(draft.uid)}"


def _put_events(
    feed: CalendarFeed, before: dict[str, str], wanted: dict[str, str], now: datetime
) -> None:
    """Bring the feed's events from what was read before to what was read now.

    What did not change there stays as it is here, also where the user took an occurrence away.
    """
    with transaction.atomic():
        subscriber = Subscriber.objects.select_for_update().get(pk=feed.subscriber_id)
        current = CalendarFeed.objects.filter(pk=feed.pk, removed_at=feed.removed_at).first()
        if current is None:
            return  # removed while it was being fetched
        held = subscriber.events.filter(uid__startswith=feed.uid_prefix)
        changed = {uid: ical for uid, ical in wanted.items() if before.get(uid) != ical}
        if current.destination != feed.destination:  # edited while it was being fetched
            changed = {uid: redirected(changed[uid], current.destination) for uid in changed}
        gone = [
            uid for uid in held.values_list("uid", flat=True) if uid in changed or uid not in wanted
        ]
        if not changed and not gone:
            return
        held.filter(uid__in=gone).delete()
        CalendarEvent.objects.bulk_create(
            CalendarEvent(
                subscriber=subscriber,
                feed=feed,
                uid=uid,
                ical=ical,
                enabled=current.enabled,
                edited_at=now,
            )
            for uid, ical in changed.items()
        )
        compile_calendar(subscriber, now)
        write_again(subscriber)


def _note(feed: CalendarFeed, now: datetime, pause: timedelta, *, error: str) -> None:
    jitter = JITTER * random.random()  # noqa: S311 - spreads the load, keeps no secret
    feed.error, feed.due_at, feed.tried_at = error, now + pause + jitter, now
    # Only what a fetch says: the name and whether it was removed are somebody else's to change.
    feed.save(
        update_fields=[
            "content",
            "remark",
            "etag",
            "last_modified",
            "failures",
            "fetched_at",
            "error",
            "due_at",
            "tried_at",
        ]
    )


def _left_out(reading: Reading) -> str:
    if not reading.refusals:
        return ""
    first, count = reading.refusals[0], len(reading.refusals)
    words = ngettext("%d evento se queda fuera.", "%d eventos se quedan fuera.", count) % count
    return f"{words} «{first.title}»: {first.reason}"[:300]


def _forget_old(now: datetime) -> None:
    CalendarFeed.objects.filter(removed_at__lt=now - KEEP_REMOVED).delete()
    CalendarUpload.objects.filter(uploaded_at__lt=now - KEEP_UPLOADS).delete()
