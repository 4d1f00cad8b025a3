"""One lock across all processes: for subscribers, mailboxes and the active link.

A file lock in the data folder on SQLite, an advisory lock on PostgreSQL; never a transaction held
open. Both end with the process that holds them.
"""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b

from django.conf import settings
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

PAUSE = 0.01
"""Seconds between two tries."""

# An advisory lock's key stands in two columns:
# https://www.postgresql.org/docs/15/view-pg-locks.html
HOLDERS_ENDED = """SELECT pg_terminate_backend(pid) FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND objsubid = 1
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND (classid::bigint << 32 | objid::bigint) = %s"""


class LockTimeout(Exception):
    """Somebody else held the lock until the deadline."""


@dataclass(frozen=True, slots=True)
class Held:
    """A lock that is held."""

    database: BaseDatabaseWrapper | None = None

    def check(self) -> None:
        """Raise ``DatabaseError`` when the lock went away with its database connection."""
        if self.database:
            with self.database.cursor() as cursor:
                cursor.execute("SELECT 1")


@contextmanager
def lock(name: str, *, timeout: float, own_connection: bool = False) -> Iterator[Held]:
    """Hold the named lock. Raises ``LockTimeout`` after ``timeout`` seconds; 0 tries once.

    ``own_connection`` is for a lock that is held for long: connections in use are recycled.
    """
    deadline = time.monotonic() + timeout
    if connection.vendor != "postgresql":
        with _file(name, deadline):
            yield Held()
    elif own_connection:
        database = connections.create_connection("default")
        try:
            with _advisory(database, name, deadline):
                yield Held(database)
        finally:
            database.close()
    else:
        with _advisory(connections["default"], name, deadline):
            yield Held()


def free(name: str) -> bool:
    """Take the lock from a process that holds it and stands still; whether there was one.

    Its connection to the database is ended, as the same role may. On SQLite nothing can be done.
    https://www.postgresql.org/docs/15/functions-admin.html#FUNCTIONS-ADMIN-SIGNAL
    """
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute(HOLDERS_ENDED, [_key(name)])
        return bool(cursor.fetchall())


def _key(name: str) -> int:
    digest = blake2b(f"webfon:{name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


@contextmanager
def _file(name: str, deadline: float) -> Iterator[None]:
    folder = settings.DATA_DIR / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / name).open("a") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                _pause(name, deadline)
        yield


@contextmanager
def _advisory(database: BaseDatabaseWrapper, name: str, deadline: float) -> Iterator[None]:
    key = _key(name)
    with database.cursor() as cursor:
        while True:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
            if cursor.fetchone()[0]:
                break
            _pause(name, deadline)
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [key])


def _pause(name: str, deadline: float) -> None:
    if time.monotonic() >= deadline:
        raise LockTimeout(name)
    time.sleep(PAUSE)
