"""What ``pbx_check`` says about the files of a node: call records and voicemail."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from pathlib import Path

from django.utils import timezone

from portal.pbx.asterisk.site import Site
from portal.pbx.cdr_import import COLUMNS, parse
from portal.pbx.types import CheckResult

TAIL_BYTES = 64 * 1024
"""How much of the end of the call records is read to find the last line."""

SAMPLE = 1000
"""How many folders and files of the voicemail are tried."""

CLOCKS = timedelta(seconds=5)
"""How far the clocks of node and portal may be apart."""


@dataclass(frozen=True, slots=True)
class Activity:
    """Since when a node has been up, and how many calls have ended since."""

    seconds_up: int
    calls_ended: int


def check_cdr(site: Site, activity: Activity | None) -> CheckResult:
    """Whether the call records are there, well formed, and no older than the node's calls."""
    part = f"{site.node.name}: call records"
    if site.cdr_csv is None:
        return CheckResult(part=part, ok=True, message="not read from this node")
    try:
        line = _last_line(site.cdr_csv)
    except FileNotFoundError:
        line = ""
    except OSError as error:
        return CheckResult(part=part, ok=False, message=str(error), remedy=_READABLE)
    problem, remedy = _cdr_problem(site, line, activity)
    if problem:
        return CheckResult(part=part, ok=False, message=problem, remedy=remedy)
    message = f"{site.cdr_csv} is readable and its last line is whole" if line else "no call yet"
    return CheckResult(part=part, ok=True, message=message)


def check_spool(site: Site) -> CheckResult:
    """Whether the folder of the voicemail and what is in it can be read."""
    part = f"{site.node.name}: voicemail"
    if site.spool is None:
        return CheckResult(part=part, ok=True, message="not read from this node")
    looked_at = 0
    try:
        for path in islice(_walk(site.spool), SAMPLE):
            looked_at += 1
            if path.suffix == ".txt":
                path.open("rb").close()
            if path.parent.parent == site.spool and not os.access(path, os.W_OK | os.X_OK):
                message = f"{path} may not be written: no greetings, no PINs"
                return CheckResult(part=part, ok=False, message=message, remedy=_WRITABLE)
    except OSError as error:
        return CheckResult(part=part, ok=False, message=str(error), remedy=_READABLE)
    return CheckResult(part=part, ok=True, message=f"{looked_at} files and folders readable")


def _walk(folder: Path) -> Iterator[Path]:
    """All below the folder, which must be there; what vanishes meanwhile is left out."""
    for entry in sorted(os.scandir(folder), key=lambda each: each.name):
        path = Path(entry.path)
        yield path
        if entry.is_dir(follow_symlinks=False) and path.exists():
            yield from _walk(path)


def _last_line(path: Path) -> str:
    """The last whole line, ``""`` when there is none."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - TAIL_BYTES))
        lines = file.read().split(b"\n")[:-1]
    return lines[-1].decode("utf-8", "replace") if lines else ""


def _cdr_problem(site: Site, line: str, activity: Activity | None) -> tuple[str, str]:
    """What is wrong, and the remedy; both empty when nothing is."""
    if not line:
        if site.cdr_csv and not site.cdr_csv.parent.is_dir():
            return f"there is no folder {site.cdr_csv.parent}", _READABLE
        if activity and activity.calls_ended:
            return "the node has carried calls, but there is no record of any", _MAPPING
        return "", ""
    record = next(parse(site.node.name, [line]), None)
    if record is None:
        return f"the last line has not the {len(COLUMNS)} fields that are read", _MAPPING
    if activity and activity.calls_ended:
        booted_at = timezone.now() - timedelta(seconds=activity.seconds_up)
        if record.ended < booted_at - CLOCKS:
            return f"no call since the node came up is recorded; last: {record.ended}", _MAPPING
    return "", ""


_READABLE = (
    "See that the path is right and the folder mounted, and let the portal's user read it, for "
    "instance by membership in the group asterisk."
)
_WRITABLE = (
    "Let the portal's user and Asterisk share a group that may write there, as docs/operating.md "
    "says, or run both as one user."
)
_MAPPING = (
    "Include cdr_webfon.conf in cdr_custom.conf as pbx_config says, see that cdr.conf has "
    "enable = yes, then: asterisk -rx 'module reload cdr_custom.so'."
)
