"""Where the data stands: SQLite in the data folder, unless the environment names a database."""

from pathlib import Path
from typing import Any

import environ

SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "init_command": (
        "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA busy_timeout=15000;"
    ),
}

# A database that hangs must not hold a page: seconds to connect, milliseconds for a query.
# One whose machine vanished is given up as soon: seconds, and milliseconds for what was sent.
# Nor may a process that stands still in the midst of a change hold up the others: milliseconds.
POSTGRES_OPTIONS = {
    "connect_timeout": 5,
    "options": "-c statement_timeout=10000 -c idle_in_transaction_session_timeout=60000",
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
MARIADB_OPTIONS = {"connect_timeout": 5, "read_timeout": 10, "charset": "utf8mb4"}


def database(env: environ.Env, variable: str, file: Path) -> dict[str, Any]:
    """The database that the variable names, or an SQLite file."""
    if env(variable, default=""):
        found: dict[str, Any] = env.db_url(variable)
        is_mariadb = "mysql" in found["ENGINE"]
        if is_mariadb:
            _prepare_mariadb()
        usual: dict[str, Any] = MARIADB_OPTIONS if is_mariadb else POSTGRES_OPTIONS
        # What the address says after its "?" comes on top.
        options = usual | found.get("OPTIONS", {})
        return {**found, "OPTIONS": options, "CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
    file.parent.mkdir(parents=True, exist_ok=True)
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(file),
        "OPTIONS": SQLITE_OPTIONS,
        "CONN_MAX_AGE": None,
    }


def _prepare_mariadb() -> None:
    """PyMySQL serves where mysqlclient is not installed; it needs no compiler."""
    try:
        import MySQLdb  # noqa: F401, PLC0415
    except ImportError:
        import pymysql  # noqa: PLC0415

        pymysql.install_as_MySQLdb()
