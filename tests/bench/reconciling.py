"""Keeping nodes in step: 10,000 subscribers with four rules each, and the memory of the link"""

import resource
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from desvios.apply import apply_pending, reconcile
from portal.models import Subscriber
from portal.pbx import get_pbx
from tests.asterisk.instance import Instance

ROUNDS = 10


def run(instance: Instance) -> Iterator[tuple[str, str]]:
    """First everything is pending, then in step, then the node has lost its whole AstDB."""
    begin = perf_counter()
    apply_pending()
    yield "first application of all", f"{perf_counter() - begin:.1f} s"
    assert not Subscriber.objects.pending().exists()
    yield "comparing, nothing wrong", _reconcile()
    instance.kill()
    for file in (instance.folder / "db").glob("astdb*"):
        file.unlink()
    instance.start()
    get_pbx.cache_clear()
    yield "after a crash that lost the whole AstDB", _reconcile()
    memory = []
    for _ in range(ROUNDS):
        reconcile("centralita")
        apply_pending()
        memory.append(_resident())
    yield f"resident memory after each of {ROUNDS} rounds, MB", " ".join(f"{m:.0f}" for m in memory)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield "peak", f"{peak:.0f} MB"


def _reconcile() -> str:
    begin = perf_counter()
    repaired = reconcile("centralita")
    return f"{perf_counter() - begin:.1f} s, {repaired} repaired"


def _resident() -> float:
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024
