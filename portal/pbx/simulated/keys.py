"""The keys that one simulated node holds: an SQLite file, like Asterisk's own AstDB."""

import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from portal.pbx.errors import PBXUnavailable

SCHEMA = """
CREATE TABLE IF NOT EXISTS keys (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS undo (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, name TEXT NOT NULL, old TEXT
);
CREATE TABLE IF NOT EXISTS serial (last INTEGER NOT NULL);
"""
UNDO_SECONDS = 10.0
BUSY_SECONDS = 5.0


class NodeKeys:
    """Names and values on disk, for any number of threads and processes.

    What was written lately can be lost again, as when Asterisk is killed: AstDB commits about
    once a second.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self.path = path
        self.clock = clock

    def get(self, names: Iterable[str]) -> dict[str, str]:
        """The values of these names, all of one moment; missing ones are left out."""
        query = "SELECT name, value FROM keys WHERE name IN (SELECT value FROM json_each(?))"
        with self._open() as db:
            return dict(db.execute(query, [json.dumps(list(names))]))

    def names(self, prefix: str) -> list[str]:
        """The names that begin so."""
        query = "SELECT name FROM keys WHERE substr(name, 1, ?) = ? ORDER BY name"
        with self._open() as db:
            return [name for (name,) in db.execute(query, [len(prefix), prefix])]

    def put(self, values: Mapping[str, str]) -> None:
        """Write all of them; whoever reads sees none or all."""
        query = (
            "INSERT INTO keys VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value=excluded.value"
        )
        with self._change(values) as db:
            db.executemany(query, list(values.items()))

    def delete(self, names: Iterable[str]) -> None:
        """Forget all of them."""
        gone = list(names)
        with self._change(gone) as db:
            db.executemany("DELETE FROM keys WHERE name = ?", [(name,) for name in gone])

    def lose(self, seconds: float) -> None:
        """Undo everything that was written within the last seconds."""
        query = "SELECT name, old FROM undo WHERE at >= ? ORDER BY id DESC"
        with self._open() as db, _transaction(db):
            for name, old in db.execute(query, [self.clock() - seconds]).fetchall():
                db.execute("DELETE FROM keys WHERE name = ?", [name])
                if old is not None:
                    db.execute("INSERT INTO keys VALUES (?, ?)", [name, old])
            db.execute("DELETE FROM undo")

    def next_serials(self, how_many: int = 1) -> int:
        """The first of so many numbers never given before, for the identity of calls."""
        with self._open() as db, _transaction(db):
            (last,) = db.execute("SELECT coalesce(max(last), 0) FROM serial").fetchone()
            db.execute("DELETE FROM serial")
            db.execute("INSERT INTO serial VALUES (?)", [last + how_many])
            return int(last) + 1

    @contextmanager
    def _change(self, names: Iterable[str]) -> Iterator[sqlite3.Connection]:
        """A transaction that remembers what these names held before."""
        now = self.clock()
        remember = (
            "INSERT INTO undo (at, name, old) VALUES (?, ?, (SELECT value FROM keys WHERE name=?))"
        )
        with self._open() as db, _transaction(db):
            db.execute("DELETE FROM undo WHERE at < ?", [now - UNDO_SECONDS])
            db.executemany(remember, [(now, name, name) for name in names])
            yield db

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            is_new = not self.path.exists()
            self.path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None)
            with closing(connection) as db:
                if is_new:
                    with suppress(sqlite3.OperationalError):  # another process is doing it
                        db.execute("PRAGMA journal_mode=WAL")
                db.execute("PRAGMA synchronous=OFF")  # only a power cut loses something
                db.executescript(SCHEMA)
                yield db
        except (sqlite3.Error, OSError) as error:
            raise PBXUnavailable(f"the keys in {self.path} cannot be used: {error}") from error


@contextmanager
def _transaction(db: sqlite3.Connection) -> Iterator[None]:
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")
