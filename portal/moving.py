"""Moving what an embedded SQLite holds into the database that the settings name, row by row."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management.color import no_style
from django.db import connections, models, router, transaction
from django.db.migrations.recorder import MigrationRecorder

from portal.databases import SQLITE_OPTIONS
from portal.heartbeat import is_alive
from portal.models import Heartbeat

OLD = "old"
BATCH = 2_000
MADE_BY_MIGRATIONS = {ContentType, Permission, Group, Group.permissions.through}
"""Their rows are in every new database; the old one's take their place."""


class NotMoved(Exception):
    """Nothing was moved; the message says why."""


def move(file: Path, alias: str) -> Iterator[tuple[str, int]]:
    """Fill a new database from an SQLite file, in one transaction; each table's name and rows.

    Raises ``NotMoved``, and then nothing has changed. The file is only read.
    """
    _open(file, alias)
    try:
        tables = [model for model in _models() if router.allow_migrate_model(alias, model)]
        _check(tables, alias)
        with transaction.atomic(using=alias):
            _clear(tables, alias)
            counts = [(model._meta.db_table, _copy(model, alias)) for model in tables]
            _go_on_counting(tables, alias)
    finally:
        connections[OLD].close()
        del connections[OLD]
    yield from counts


def _open(file: Path, alias: str) -> None:
    if connections[alias].vendor == "sqlite":
        raise NotMoved(f"{alias}: the settings name no other database than SQLite")
    if not file.exists():
        raise NotMoved(f"{file} is not there")
    name = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(file), "OPTIONS": SQLITE_OPTIONS}
    connections.settings[OLD] = {**connections.settings[alias], **name}


def _models() -> list[type[models.Model]]:
    found = apps.get_models(include_auto_created=True)
    return [model for model in found if model._meta.managed and not model._meta.proxy]


def _check(tables: list[type[models.Model]], alias: str) -> None:
    """Both at the same version, the old one at rest, the new one empty."""
    old, new = (
        set(MigrationRecorder(connections[each]).applied_migrations()) for each in (OLD, alias)
    )
    if old != new:
        names = ", ".join(".".join(key) for key in sorted(old ^ new))
        raise NotMoved(f"{alias}: old and new differ by {names}; migrate both with this version")
    if alias == "default" and is_alive(Heartbeat.objects.using(OLD).first()):
        raise NotMoved("the link runs, or did until a moment ago; stop web and link, and wait 30 s")
    for model in tables:
        if model not in MADE_BY_MIGRATIONS and _rows(model, alias).exists():
            raise NotMoved(f"{alias}: {model._meta.db_table} holds something already")


def _rows(model: type[models.Model], alias: str) -> models.QuerySet[models.Model]:
    return model._base_manager.using(alias)  # noqa: SLF001 - the one that leaves nothing out


def _clear(tables: list[type[models.Model]], alias: str) -> None:
    quote = connections[alias].ops.quote_name
    with connections[alias].cursor() as cursor:
        for model in tables:
            if model in MADE_BY_MIGRATIONS:
                cursor.execute(f"DELETE FROM {quote(model._meta.db_table)}")  # noqa: S608 - our own


def _copy(model: type[models.Model], alias: str) -> int:
    """Column by column as it is: no default, signal or moment of saving gets in between."""
    new, fields = connections[alias], model._meta.concrete_fields
    quote = new.ops.quote_name
    names = ", ".join(quote(str(field.column)) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    table = quote(model._meta.db_table)
    insert = f"INSERT INTO {table} ({names}) VALUES ({places})"  # noqa: S608 - names of our own
    rows = _rows(model, OLD).values_list(*(field.attname for field in fields))
    count, source = 0, rows.order_by("pk").iterator(chunk_size=BATCH)
    while batch := list(islice(source, BATCH)):
        written = [
            [field.get_db_prep_save(value, new) for field, value in zip(fields, row, strict=True)]
            for row in batch
        ]
        with new.cursor() as cursor:
            cursor.executemany(insert, written)
        count += len(batch)
    if _rows(model, alias).count() != count:
        raise NotMoved(f"{model._meta.db_table}: not as many rows arrived as left")
    return count


def _go_on_counting(tables: list[type[models.Model]], alias: str) -> None:
    """New rows get keys after the highest that came."""
    new = connections[alias]
    with new.cursor() as cursor:
        for statement in new.ops.sequence_reset_sql(no_style(), tables):
            cursor.execute(statement)
