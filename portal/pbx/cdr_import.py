"""Reading the call records that each node writes with Asterisk's ``cdr_custom``.

Safe to repeat: a record is known by node, ``uniqueid`` and ``sequence``, and how far a file is read
is kept in the transaction that keeps its records. A rotated file is read to its end under its
new name; a last line that is still being written is left for the next time.
"""

import csv
import hashlib
import logging
import math
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from portal import metrics
from portal.pbx.cdr.entries import save
from portal.pbx.models import CallRecord, ImportPosition
from portal.pbx.router import ALIAS

log = logging.getLogger(__name__)

COLUMNS = (
    "uniqueid",
    "sequence",
    "linkedid",
    "started",
    "answered",
    "ended",
    "clid",
    "src",
    "dst",
    "dialed",
    "diverter",
    "divreason",
    "channel",
    "dstchannel",
    "lastapp",
    "duration",
    "billsec",
    "disposition",
    "accountcode",
)
"""The columns of the file, in order, as the dialplan kit's ``cdr_custom`` mapping writes them."""

WIDTHS = {field.name: field.max_length for field in CallRecord._meta.fields}
TIMES = frozenset({"started", "answered", "ended"})
LENGTHS = frozenset({"duration", "billsec"})
CHUNK_BYTES = 256 * 1024
"""What is read in one transaction: under a thousand records."""

AT_MOST_SECONDS = 2.0
"""How long the job holds up others; of a file that takes longer the rest is for the next time."""

LONGEST_LINE = 64 * 1024
HEAD_BYTES = 256
ROTATED_KEPT_SECONDS = 2 * 24 * 3600
"""A rotated file that has not changed for so long is not looked at."""


def import_new() -> int:
    """Read what every node has written since the last time. Returns how many lines held a record.

    A job of the link. A file that is missing or cannot be read is told in the log.
    """
    until = monotonic() + AT_MOST_SECONDS
    total = 0
    for node, path in _files():
        try:
            total += import_file(node, path, until)
        except OSError as error:
            log.warning("call records of %s are not readable: %s", node, error)
    return total


def _files() -> Iterator[tuple[str, Path]]:
    options: Any = settings.PBX["OPTIONS"]
    for node in options.get("nodes", ()):
        if isinstance(node, dict) and node.get("cdr_csv"):
            yield str(node["name"]), Path(str(node["cdr_csv"]))


def import_file(node: str, path: Path, until: float = math.inf) -> int:
    """Read what is new in one node's file and in what it was rotated to, oldest first.

    Of each at least a part; no more once ``until`` is past, by the monotonic clock.
    """
    return sum(_read_on(node, each, until) for each in (*_rotated(path), path) if each.exists())


def last_read() -> dict[str, float]:
    """When new call records of a node were last read, in seconds of the epoch."""
    rows = ImportPosition.objects.values_list("node").annotate(last=Max("read_at"))
    return {node: last.timestamp() for node, last in rows}


def _rotated(path: Path) -> list[Path]:
    """The recent uncompressed files that the file was renamed to, oldest first."""
    oldest = timezone.now().timestamp() - ROTATED_KEPT_SECONDS
    found = []
    for each in path.parent.glob(f"{path.name}?*"):
        with suppress(OSError):
            changed = each.stat().st_mtime
            if each.suffix not in {".gz", ".bz2", ".xz", ".zst"} and changed >= oldest:
                found.append((changed, each))
    return [each for _changed, each in sorted(found)]


def _read_on(node: str, path: Path, until: float) -> int:
    total = 0
    with path.open("rb") as file:
        while True:
            read, more = _read_chunk(node, file.fileno())
            total += read
            if not more or monotonic() > until:
                return total


def _read_chunk(node: str, file: int) -> tuple[int, bool]:
    """Keep the records of the next whole lines, and how far that was, in one transaction."""
    now = timezone.now()
    status = os.fstat(file)
    with transaction.atomic(using=ALIAS):
        position = _position(node, file, status, now)
        if position.offset >= status.st_size:
            return 0, False
        data = os.pread(file, CHUNK_BYTES, position.offset)
        whole = data.rfind(b"\n") + 1
        if not whole and len(data) >= LONGEST_LINE:
            log.warning("node %s: %d bytes without a line's end passed over", node, len(data))
            whole = len(data)
        if not whole:
            return 0, False
        whole = _settled(data[:whole], now)
        kept = _keep(node, data[:whole])
        position.offset += whole
        position.read_at = now
        position.save()
        return kept, bool(whole) and position.offset < status.st_size


def _position(node: str, file: int, status: os.stat_result, now: datetime) -> ImportPosition:
    """Where to go on; from the start when the file is new, cut, or another with the old inode."""
    rows = ImportPosition.objects.select_for_update()
    head = hashlib.sha256(os.pread(file, HEAD_BYTES, 0).partition(b"\n")[0]).hexdigest()
    position, _created = rows.get_or_create(
        node=node, inode=status.st_ino, defaults={"head": head, "read_at": now}
    )
    if position.head != head or position.offset > status.st_size:
        position.head, position.offset = head, 0
    return position


def _settled(data: bytes, now: datetime) -> int:
    """How many bytes of these whole lines may be read: up to a call that ended a moment ago.

    Where ``cdr_pgsql`` writes as well, what it wrote is there by then, and it is not disturbed.
    """
    if settings.CALLS_IMPORT_AFTER <= 0:
        return len(data)
    horizon = now.timestamp() - settings.CALLS_IMPORT_AFTER
    length = 0
    for line in data.split(b"\n"):
        if _ended(line) > horizon:
            return length
        length += len(line) + 1
    return len(data)


def _ended(line: bytes) -> float:
    """When the call of a line ended, as an epoch; 0 where it does not say."""
    try:
        return float(next(csv.reader([line.decode(errors="replace")]))[COLUMNS.index("ended")])
    except (ValueError, IndexError, StopIteration, csv.Error):
        return 0


def _keep(node: str, data: bytes) -> int:
    """Keep the records in these lines; one that is already there stays as it is."""
    lines = data.decode("utf-8", errors="replace").replace("\r", "").split("\n")
    records = list(parse(node, lines))
    save(records)
    metrics.CALLS_IMPORTED.labels(node).inc(len(records))
    return len(records)


def parse(node: str, lines: Iterable[str]) -> Iterator[CallRecord]:
    """The records in these lines; a line that holds none is told in the log and passed over."""
    for line in lines:
        if not line.strip():
            continue
        try:
            yield _record(node, line)
        except (ValueError, OverflowError, OSError, csv.Error) as error:
            log.warning("node %s: passed over the call record %.200r: %s", node, line, error)


def _record(node: str, line: str) -> CallRecord:
    values = next(csv.reader([line.replace("\0", "")], strict=True))
    fields = dict(zip(COLUMNS, values, strict=True))
    texts = {name: _text(name, value) for name, value in fields.items()}
    started, ended = _moment(fields["started"]), _moment(fields["ended"])
    if not (fields["uniqueid"] and started and ended):
        raise ValueError("no uniqueid, start or end")
    return CallRecord(
        **{name: texts[name] for name in texts.keys() - TIMES - LENGTHS - {"sequence"}}
        | {"linkedid": texts["linkedid"] or texts["uniqueid"]},
        node=node,
        sequence=_sequence(fields["sequence"]),
        started=started,
        answered=_moment(fields["answered"]),
        ended=ended,
        duration=_length(fields["duration"]),
        billsec=_length(fields["billsec"]),
    )


def _text(name: str, value: str) -> str:
    """The text, cut to what its column holds; a caller chooses how long his name is."""
    return value[: WIDTHS[name]]


def _sequence(text: str) -> int:
    number = int(text)
    if not 0 <= number < 2**63:
        raise ValueError("the sequence is out of range")
    return number


def _length(text: str) -> float:
    seconds = float(text or 0)
    if not math.isfinite(seconds) or seconds < 0:
        raise ValueError("a length is no number of seconds")
    return seconds


def _moment(text: str) -> datetime | None:
    """``1700000000.123456`` as an instant; ``None`` for the zero of a call not answered."""
    seconds, _dot, fraction = text.partition(".")
    if not seconds or int(seconds) == 0:
        return None
    micros = int((fraction + "000000")[:6])
    return datetime.fromtimestamp(int(seconds), UTC).replace(microsecond=micros)
