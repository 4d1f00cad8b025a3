"""Telling open pages that something of theirs changed, whichever process it happened in.

A page that hears of a topic looks again for itself. News carries no content, so it may come twice,
and what a page shows never depends on it.
"""

import logging
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from threading import Event

from django.db import DatabaseError, connection, transaction
from django.db.models import Max, Q
from django.utils import timezone

from portal.models import NewsItem

log = logging.getLogger(__name__)

CHANNEL = "webfon_news"
"""What PostgreSQL notifies, without content: a bell that spares the reader its pause."""

KEEP = timedelta(minutes=10)
"""How long news can be caught up with; who was away for longer looks at everything again."""

SETTLE = timedelta(seconds=5)
"""How much later news may become visible than it was written: clocks, and open transactions."""

BATCH = 1000

MOST_MISSED = 5_000
"""Keys that are looked for after one look; more are left out only where items were forgotten."""

LOOK_EVERY = 0.05
"""Seconds between two looks whether there may be something, where no bell rings."""


class Topic(StrEnum):
    """What may have changed. The values are the names of the stream's events."""

    MAILBOX = "buzon"
    CALLS = "historial"
    FORWARDING = "desvios"
    CALL = "llamada"
    PRESENCE = "informacion"
    CHAT = "chat"


def tell(numbers: Iterable[str], topic: Topic) -> None:
    """Let the open pages of these subscribers look again, once the transaction is committed.

    Never the reason why something else fails: without it, pages are merely late.
    """
    items = [NewsItem(at=timezone.now(), subscriber_number=n, topic=topic) for n in numbers]
    try:
        with transaction.atomic():
            NewsItem.objects.bulk_create(items, batch_size=BATCH)
        if items and connection.vendor == "postgresql":
            transaction.on_commit(_ring, robust=True)
    except DatabaseError as error:
        log.warning("open pages were not told of %s: %s", topic, error)


def _ring() -> None:
    """After the commit: within it, PostgreSQL lets only one transaction reach the disk at a time.

    Whoever is killed in between is late by ``READ_EVERY`` of ``portal.stream``.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])


def tell_of_calls(numbers: Iterable[str]) -> None:
    """Let the open pages of these subscribers look at their calls again."""
    tell(numbers, Topic.CALLS)


def since(number: str, moment: datetime) -> set[Topic]:
    """What changed for the subscriber since the moment, and possibly a little before."""
    now = timezone.now()
    if moment < now - KEEP / 2:
        return set(Topic)
    rows = NewsItem.objects.filter(subscriber_number=number, at__gt=moment - SETTLE)
    return {Topic(topic) for topic in rows.values_list("topic", flat=True)}


def forget() -> None:
    """A job of the link: drop what everybody has heard."""
    NewsItem.objects.filter(at__lt=timezone.now() - KEEP).delete()


class Follower:
    """Reads what is new, each item once. Belongs to one thread and its database connection.

    Transactions may commit in another order than they drew their keys: a key that was left out is
    looked for until ``SETTLE`` after it was first missed.
    """

    def __init__(self) -> None:
        settled = NewsItem.objects.filter(at__lt=timezone.now() - SETTLE)
        self._last: int = settled.aggregate(last=Max("pk"))["last"] or 0
        self._missed: dict[int, float] = {}
        self.read()
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(f"LISTEN {CHANNEL}")

    def read(self) -> list[tuple[str, Topic]]:
        """Subscriber and topic of each new item."""
        self._known = _commits()
        rows = NewsItem.objects.filter(Q(pk__gt=self._last) | Q(pk__in=list(self._missed)))
        found = list(rows.order_by("pk").values_list("pk", "subscriber_number", "topic"))
        self._note({pk for pk, _number, _topic in found}, time.monotonic())
        return [(number, Topic(topic)) for _pk, number, topic in found]

    def _note(self, found: set[int], now: float) -> None:
        """Remember which keys were left out, and since when."""
        last = max([self._last, *found])
        skipped = range(max(self._last, last - MOST_MISSED) + 1, last)
        self._missed |= dict.fromkeys(skipped, now)
        self._missed = {
            pk: since
            for pk, since in self._missed.items()
            if pk not in found and now - since <= SETTLE.total_seconds()
        }
        self._last = last

    def pause(self, stop: Event, seconds: float) -> None:
        """Wait until there may be something new, at most so long."""
        if connection.vendor == "postgresql":
            for _ in connection.connection.notifies(timeout=seconds, stop_after=1):
                pass
        else:
            self._wait_for_a_commit(stop, seconds)

    def _wait_for_a_commit(self, stop: Event, seconds: float) -> None:
        """SQLite counts what other connections commit (PRAGMA data_version): cheap to look at."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and _commits() == self._known:
            if stop.wait(LOOK_EVERY):
                return


def _commits() -> int:
    """Another number whenever there may be something new; always the same where a bell rings."""
    if connection.vendor != "sqlite":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA data_version")
        count: int = cursor.fetchone()[0]
        return count
