"""The link: the process beside the web that watches the nodes and keeps promises.

Any number may run; one is active, the others stand by. They take over within a second when it ends,
and after thirty when it gives no more signs of life.
"""

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Event, Thread
from time import monotonic
from typing import Protocol
from uuid import uuid4

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connections
from django.utils.module_loading import import_string

from portal import logs, metrics
from portal.locks import LockTimeout, free, lock
from portal.pbx import get_pbx
from portal.pbx.errors import PBXError
from portal.pbx.types import News, NodeEvent

log = logging.getLogger(__name__)

STANDBY_PAUSE = 1.0
"""Seconds between two looks whether the active link is gone."""

RETRY_PAUSE = 1.0
"""Seconds until a node that came up, and could not be made ready, is tried again."""

PATIENCE = 5.0
"""Seconds that jobs under way may still take at the end."""

TICK = 0.2
"""Seconds to wait for an event before the jobs are looked at."""


class Watch(Protocol):
    """Says of the active link, once for each look, whether it was silent for too long."""

    def is_silent(self) -> bool: ...


def run(stop: Event) -> None:
    """Stand by until no other link is active, then be the active one, until ``stop``."""
    watch = import_string(settings.LINK_WATCH)()
    while not stop.is_set():
        try:
            with lock("link", timeout=0, own_connection=True) as held:
                log.info("this link is the active one")
                with metrics.LINK_ACTIVE.track_inprogress():
                    Active(stop, held.check).serve()
        except LockTimeout:
            _stand_by(watch)
            stop.wait(STANDBY_PAUSE)
        except DatabaseError as error:
            log.error("the database is away: %s", error)
            stop.wait(STANDBY_PAUSE)


def _stand_by(watch: Watch) -> None:
    """Give up an active link that stopped in the midst of its work, as on a frozen machine."""
    close_old_connections()
    try:
        if watch.is_silent() and free("link"):
            log.warning("the active link gave no sign of life; its lock was taken from it")
    except DatabaseError as error:
        log.error("the database is away: %s", error)


class Active:
    """The work of the active link."""

    def __init__(self, stop: Event, check_lock: Callable[[], None]) -> None:
        self.stop = stop
        self.check_lock = check_lock
        self.heard: SimpleQueue[tuple[str, NodeEvent]] = SimpleQueue()
        self.unready: dict[str, float] = {}
        self.failures: SimpleQueue[Exception] = SimpleQueue()

    def serve(self) -> None:
        """Watch all nodes and do what is due, until ``stop`` or until the lock is lost."""
        ended = Event()
        watchers = [
            Thread(target=self._watch, args=(node, ended), daemon=True) for node in get_pbx().nodes
        ]
        lanes = [Thread(target=self._run, args=(jobs, ended), daemon=True) for jobs in _lanes()]
        for thread in (*watchers, *lanes):
            thread.start()
        try:
            while not self.stop.is_set():
                self.check_lock()
                self._once()
        finally:
            ended.set()
            for lane in lanes:
                lane.join(PATIENCE)

    def _once(self) -> None:
        close_old_connections()
        if not self.failures.empty():
            raise self.failures.get()
        self._listen()
        for node, due in list(self.unready.items()):
            if monotonic() >= due:
                self._make_ready(node)

    def _listen(self) -> None:
        """Take what was heard since the last time: each piece of news once.

        Whoever stood still meanwhile, and was replaced, leaves it to the other.
        """
        with suppress(Empty):
            first = self.heard.get(timeout=TICK)
            self.check_lock()
            rest = [self.heard.get_nowait() for _ in range(self.heard.qsize())]
            for node, event in dict.fromkeys([first, *rest]):
                if event.news is News.UP:
                    self.unready[node] = 0.0
                for path in settings.LINK_NEWS.get(event.news, ()):
                    _do(path, event.subject, *filter(None, [event.state]))

    def _make_ready(self, node: str) -> None:
        """Do for a node that came up what it needs, and again until that succeeds."""
        done = [_do(path, node) for path in settings.LINK_NODE_UP]
        if all(done):
            del self.unready[node]
        else:
            self.unready[node] = monotonic() + RETRY_PAUSE

    def _run(self, jobs: Mapping[str, float], ended: Event) -> None:
        """Do each of the jobs whenever it is due. A fault of ours ends the link, as it should."""
        due = dict.fromkeys(jobs, 0.0)
        try:
            while not ended.wait(TICK):
                close_old_connections()
                for path in [path for path in jobs if monotonic() >= due[path]]:
                    _do(path)
                    due[path] = monotonic() + jobs[path]
        except Exception as error:
            self.failures.put(error)
        finally:
            connections.close_all()

    def _watch(self, node: str, ended: Event) -> None:
        for event in get_pbx().monitor.watch(node, ended):
            if not event.subject:
                log.info("node %s is %s", node, event.news)
                metrics.node_is_up(node, event.news is News.UP)
            self.heard.put((node, event))


def _lanes() -> list[dict[str, float]]:
    """The jobs, with their intervals, parted into those of each module.

    Each part has a thread, so that a store or a server which hangs holds up nothing else.
    """
    lanes: dict[str, dict[str, float]] = {}
    for path, seconds in settings.LINK_JOBS.items():
        lanes.setdefault(path.rpartition(".")[0], {})[path] = seconds
    return list(lanes.values())


def _do(path: str, *args: str) -> bool:
    """One job, and whether it was done. What is away now is tried again when it is due again."""
    with logs.bearing(f"link-{uuid4().hex[:16]}"), metrics.JOB_SECONDS.labels(path).time():
        try:
            import_string(path)(*args)
        except (DatabaseError, PBXError, LockTimeout, OSError) as error:
            log.warning("%s failed and will be tried again: %s", path, error)
            metrics.JOB_FAILURES.labels(path).inc()
            return False
    return True
