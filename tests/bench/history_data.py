"""``python -m tests.bench.history_data 10000000``: so many legs, and what people see of them.

In the database of call records that the environment names. Made by the database itself, since the
link would take an hour; how fast that is has a line of its own.
"""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connections  # noqa: E402

from portal.pbx.models import CallEntry, CallRecord  # noqa: E402

BUSY, FIRST = 20_000, 20_000
LEGS_EACH = 500
"""Of each of the others: 20,000 people have 10,000,000 legs."""

SHARE = 16
"""Every sixteenth call is the busy one's: 500,000 of 8,000,000."""

BEGIN, SECONDS = 1_732_000_000, 2 * 365 * 86_400
LEGS_OF_FOUR_CALLS = 5

LITE = {
    "series": "WITH RECURSIVE n(i) AS"
    " (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {calls})",
    "moment": "strftime('%Y-%m-%d %H:%M:%f000', {epoch}, 'unixepoch')",
    "text": "CAST({} AS TEXT)",
}
POSTGRES = {
    "series": "WITH n(i) AS (SELECT generate_series(0::bigint, {calls} - 1))",
    "moment": "to_timestamp({epoch})",
    "text": "({})::text",
}

CALLS = """
{series},
h(i, at, who, a, b, k) AS (
    SELECT i, {begin} + i * {seconds} / {calls},
        CASE WHEN i % {share} = 0 THEN {busy} ELSE {first} + (i * 7919 + i / 13) % {people} END,
        (i * 2654435761) % 1000003, (i * 40503 + i / 7) % 1000003, (i * 69069 + i / 3) % 100
    FROM n
),
c(i, at, who, other, inside, kind) AS (
    SELECT i, at, who,
        CASE WHEN a % 10 < 3 THEN {first} + b % {people}
             WHEN a % 10 < 8 THEN 600000000 + (who * 104729 + b % CASE who WHEN {busy} THEN 5000 ELSE 60 END * 7717) % 99999999
             ELSE 910000000 + (who * 15485863 + b % 40 * 7717) % 9999999 END,
        a % 10 < 3,
        CASE WHEN k < 35 THEN 1 WHEN k < 50 THEN 2 WHEN k < 55 THEN 3 WHEN k < 59 THEN 4
             WHEN k < 60 THEN 5 WHEN k < 90 THEN 6 ELSE 7 END
    FROM h
)
"""  # noqa: E501
RESULT = "CASE {} WHEN 1 THEN 'answered' WHEN 6 THEN 'answered' WHEN 3 THEN 'voicemail' WHEN 4 THEN 'forwarded' WHEN 5 THEN 'forwarded' ELSE 'missed' END"  # noqa: E501
LINKEDID = "{at} || '.' || {i}"

ENTRIES = """
INSERT INTO pbx_callentry (node, linkedid, subscriber, started, kind, other, other_name, called,
    result, seconds, forwarded_to, reason)
{calls_with}
SELECT 'madrid', {linkedid}, {who}, {moment}, kind, {other},
    CASE WHEN kind < 6 THEN 'Nombre de prueba' ELSE '' END,
    CASE WHEN kind < 6 THEN {who} ELSE '' END,
    {result}, CASE WHEN kind IN (1, 3, 4, 6) THEN 60 + i % 300 ELSE 0 END,
    CASE WHEN kind IN (4, 5) THEN '600123123' ELSE '' END,
    CASE WHEN kind IN (4, 5) THEN 'noanswer' ELSE '' END
FROM c
"""
MIRRORED = """
INSERT INTO pbx_callentry (node, linkedid, subscriber, started, kind, other, other_name, called,
    result, seconds, forwarded_to, reason)
{calls_with}, d AS (
    SELECT i, at, who, other, CASE kind WHEN 6 THEN 1 WHEN 7 THEN 2 WHEN 1 THEN 6 ELSE 7 END AS kind
    FROM c WHERE inside AND other <> who
)
SELECT 'madrid', {linkedid}, {other}, {moment}, kind, {who}, '', '', {result},
    CASE WHEN kind IN (1, 6) THEN 60 + i % 300 ELSE 0 END, '', ''
FROM d
"""
LEGS = """
INSERT INTO pbx_callrecord (node, uniqueid, sequence, linkedid, started, answered, ended, clid, src,
    dst, dialed, diverter, divreason, channel, dstchannel, lastapp, duration, billsec, disposition,
    accountcode, merged)
{calls_with}, e(leg) AS (SELECT 0 UNION ALL SELECT 1)
SELECT 'madrid', {linkedid}, i * 2 + leg, {linkedid}, {moment}, NULL, {moment}, 'Nombre de prueba',
    {src}, {dst}, {dst}, '', '', 'PJSIP/trunk-0000001f', 'PJSIP/201-00000020', 'Dial', 75, 60,
    CASE WHEN kind IN (1, 6) THEN 'ANSWERED' ELSE 'NO ANSWER' END, '', {true}
FROM c JOIN e ON leg = 0 OR i % 4 = 0
"""


def statements(legs: int) -> list[str]:
    """What fills the tables."""
    calls = legs * 4 // LEGS_OF_FOUR_CALLS
    is_lite = connections["cdr"].vendor == "sqlite"
    words = LITE if is_lite else POSTGRES
    text = words["text"].format
    common = {
        "calls_with": CALLS.format(
            series=words["series"].format(calls=calls),
            calls=calls, begin=BEGIN, seconds=SECONDS, share=SHARE, busy=BUSY, first=FIRST,
            people=legs // LEGS_EACH,
        ),
        "linkedid": LINKEDID.format(at=text("at"), i=text("i")),
        "moment": words["moment"].format(epoch="at + i % 1000 / 1000.0"),
        "who": text("who"),
        "other": text("other"),
        "result": RESULT.format("kind"),
        "src": text("CASE WHEN kind < 6 THEN other ELSE who END"),
        "dst": text("CASE WHEN kind < 6 THEN who ELSE other END"),
        "true": "1" if is_lite else "true",
    }  # fmt: skip
    return [each.format(**common) for each in (ENTRIES, MIRRORED, LEGS)]


def main(legs: int) -> None:
    """Fill the tables without their indexes, then make these."""
    call_command("migrate", database="cdr", verbosity=0)
    connection = connections["cdr"]
    indexes = [(model, index) for model in (CallEntry, CallRecord) for index in model._meta.indexes]
    with connection.schema_editor() as editor:
        for model, index in indexes:
            editor.remove_index(model, index)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET statement_timeout = 0")
        else:
            cursor.execute("PRAGMA synchronous=OFF")
            cursor.execute("PRAGMA cache_size=-500000")
        for statement in statements(legs):
            cursor.execute(statement)
    with connection.schema_editor() as editor:
        for model, index in indexes:
            editor.add_index(model, index)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE" if connection.vendor == "sqlite" else "VACUUM ANALYZE")


if __name__ == "__main__":
    main(int(sys.argv[1]))
