"""Statements that read rows along an index, newest first, no farther than need be.

Django's compound queries cannot limit their parts on SQLite; hence statements made of its parts.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connections
from django.db.models import Q, QuerySet

from portal.pbx.models import CallEntry
from portal.pbx.router import ALIAS

Rows = QuerySet[CallEntry]
Choice = Mapping[str, int | str]
"""Fields with the one value that a walk is about."""

NEWEST = ("-started", "-id")
MARKS: Choice = {"kind": 32_767, "other": "\x7f"}
"""Values that stand for others in a statement which is made once for all walks."""


def merged(mine: Rows, choices: Sequence[Choice], period: Q, limit: int) -> list[CallEntry]:
    """The newest rows of all walks, one for each choice. All choices are about the same fields."""
    if not choices:
        return []
    if len(choices) == 1:
        return list(mine.filter(**choices[0]).filter(period).order_by(*NEWEST)[:limit])
    marks = {name: MARKS[name] for name in choices[0]}
    sql, params = _compiled(mine.filter(**marks).filter(period).order_by(*NEWEST)[:limit])
    parts = [f"SELECT * FROM ({sql}) w{n}" for n in range(len(choices))]  # noqa: S608
    # The marks come before the period, in which an id might look like one of them.
    places = {params.index(mark): name for name, mark in marks.items()}
    values = [
        choice[places[at]] if at in places else value
        for choice in choices
        for at, value in enumerate(params)
    ]
    return _newest(" UNION ALL ".join(parts), values, limit)


def within(some: Rows, wanted: Q, limit: int) -> list[CallEntry]:
    """The newest of a bounded number of rows for which the condition holds."""
    inner, params = _compiled(some)
    outer, more = _compiled(CallEntry.objects.filter(wanted).order_by())
    _, _, condition = outer.partition(" WHERE ")
    table = connections[ALIAS].ops.quote_name(CallEntry._meta.db_table)
    condition = condition.replace(f"{table}.", "w.") or "1 = 1"
    sql = f"SELECT * FROM ({inner}) w WHERE {condition}"  # noqa: S608
    return _newest(sql, [*params, *more], limit)


def _newest(source: str, params: Sequence[Any], limit: int) -> list[CallEntry]:
    """The newest rows among those that a statement gives ``id`` and ``started`` of."""
    sql = f"SELECT s.id FROM ({source}) s ORDER BY s.started DESC, s.id DESC LIMIT {limit:d}"  # noqa: S608
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(sql, params)
        ids = [row[0] for row in cursor.fetchall()]
    rows = CallEntry.objects.in_bulk(ids)
    return [rows[each] for each in ids if each in rows]


def _compiled(rows: Rows) -> tuple[str, tuple[Any, ...]]:
    """The statement for what ordering and comparing need of the rows."""
    chosen = rows.values_list("id", "started", "kind", "other")
    sql, params = chosen.query.get_compiler(ALIAS).as_sql()
    return sql, tuple(params)
