"""What is counted and measured, for Prometheus. https://prometheus.io/docs/instrumenting/

Several web processes of one machine add up in the folder ``PROMETHEUS_MULTIPROC_DIR``, which must
be empty when the first of them starts; a process alone needs none.
"""

import os
from pathlib import Path

from prometheus_client import (
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

PAGES = Counter("webfon_pages", "Pages served, by view and status.", ["view", "status"])
PAGE_SECONDS = Histogram("webfon_page_seconds", "Seconds from request to answer.", ["view"])
STREAMS = Gauge("webfon_streams", "Open streams of events in the web.", multiprocess_mode="livesum")
AMI_SECONDS = Histogram(
    "webfon_ami_seconds",
    "Seconds that a node took for a request to its manager interface.",
    ["node"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
AMI_FAILURES = Counter("webfon_ami_failures", "Requests that a node did not answer.", ["node"])
NODE_UP = Gauge(
    "webfon_node_up", "Whether the link hears the node.", ["node"], multiprocess_mode="livemax"
)
LINK_ACTIVE = Gauge(
    "webfon_link_active", "Whether this link is the active one.", multiprocess_mode="livemax"
)
JOB_SECONDS = Histogram("webfon_link_job_seconds", "Seconds that a job took.", ["job"])
JOB_FAILURES = Counter("webfon_link_job_failures", "Jobs that failed, to be tried again.", ["job"])
CALLS_IMPORTED = Counter("webfon_call_records_imported", "Call records read.", ["node"])


_nodes_up: dict[str, bool] = {}


def node_is_up(node: str, up: bool) -> None:
    """The link hears the node, or hears it no more."""
    _nodes_up[node] = up
    NODE_UP.labels(node).set(up)


def nodes_up() -> dict[str, bool]:
    """The nodes that this process watches, and whether it hears them."""
    return dict(_nodes_up)


def exposition() -> bytes:
    """All figures of this process, or of all that share its folder, in Prometheus' text format."""
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if not folder:
        return generate_latest(REGISTRY)
    _forget_dead(Path(folder))
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


def _forget_dead(folder: Path) -> None:
    """What is true of a moment goes with the process that said it; what was counted stays."""
    for path in folder.glob("gauge_live*_*.db"):
        process = int(path.stem.rpartition("_")[2])
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            mark_process_dead(process)  # type: ignore[no-untyped-call]
        except PermissionError:
            continue
