"""The link: the process beside the web that watches the nodes and keeps promises.

Any number may run; one is active, the others stand by and take over within a second.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Event, Thread
from time import monotonic

from django.conf import settings
from django.db import DatabaseError, close_old_connections
from django.utils.module_loading import import_string

from portal.locks import LockTimeout, lock
from portal.pbx import get_pbx
from portal.pbx.errors import PBXError
from portal.pbx.types import News, NodeEvent

log = logging.getLogger(__name__)

STANDBY_PAUSE = 1.0
"""Seconds between two looks whether the active link is gone."""

RETRY_PAUSE = 1.0
"""Seconds until a node that came up, and could not be made ready, is tried again."""

TICK = 0.2
"""Seconds to wait for an event before the jobs are looked at."""


def run(stop: Event) -> None:
    """Stand by until no other link is active, then be the active one, until ``stop``."""
    while not stop.is_set():
        try:
            with lock("link", timeout=0, own_connection=True) as held:
                log.info("this link is the active one")
                Active(stop, held.check).serve()
        except LockTimeout:
            stop.wait(STANDBY_PAUSE)
        except DatabaseError as error:
            log.error("the database is away: %s", error)
            stop.wait(STANDBY_PAUSE)


class Active:
    """The work of the active link."""

    def __init__(self, stop: Event, check_lock: Callable[[], None]) -> None:
        self.stop = stop
        self.check_lock = check_lock
        self.heard: SimpleQueue[tuple[str, NodeEvent]] = SimpleQueue()
        self.due = dict.fromkeys(settings.LINK_JOBS, 0.0)
        self.unready: dict[str, float] = {}

    def serve(self) -> None:
        """Watch all nodes and do what is due, until ``stop`` or until the lock is lost."""
        ended = Event()
        watchers = [
            Thread(target=self._watch, args=(node, ended), daemon=True) for node in get_pbx().nodes
        ]
        for watcher in watchers:
            watcher.start()
        try:
            while not self.stop.is_set():
                self.check_lock()
                self._once()
        finally:
            ended.set()

    def _once(self) -> None:
        close_old_connections()
        self._listen()
        for node, due in list(self.unready.items()):
            if monotonic() >= due:
                self._make_ready(node)
        for path, seconds in settings.LINK_JOBS.items():
            if monotonic() >= self.due[path]:
                _do(path)
                self.due[path] = monotonic() + seconds

    def _listen(self) -> None:
        """Take what was heard since the last time: each piece of news once."""
        with suppress(Empty):
            first = self.heard.get(timeout=TICK)
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

    def _watch(self, node: str, ended: Event) -> None:
        for event in get_pbx().monitor.watch(node, ended):
            if not event.subject:
                log.info("node %s is %s", node, event.news)
            self.heard.put((node, event))


def _do(path: str, *args: str) -> bool:
    """One job, and whether it was done. What is away now is tried again when it is due again."""
    try:
        import_string(path)(*args)
    except (DatabaseError, PBXError, LockTimeout, OSError) as error:
        log.warning("%s failed and will be tried again: %s", path, error)
        return False
    return True
