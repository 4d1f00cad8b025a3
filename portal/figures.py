"""What the link tells Prometheus besides its own measurements: what the databases say."""

from collections.abc import Callable, Iterator
from inspect import getdoc

from django.conf import settings
from django.db import DatabaseError, connections
from django.utils.module_loading import import_string
from prometheus_client import REGISTRY, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

LOOPBACK = "127.0.0.1"


class Figures(Collector):
    """Asks for each of ``LINK_FIGURES`` whenever somebody looks, and then does ``afterwards``."""

    def __init__(self, afterwards: Callable[[], None] = lambda: None) -> None:
        self._afterwards = afterwards

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One family for each; where a database is away its families are missing."""
        try:
            for name, path in settings.LINK_FIGURES.items():
                read = import_string(path)
                try:
                    yield _family(name, getdoc(read) or "", read())
                except DatabaseError:
                    continue
        finally:
            self._afterwards()

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing: registering asks no database."""
        return []


def _family(name: str, meaning: str, values: dict[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, meaning.partition("\n")[0], labels=["node"])
    for node, value in values.items():
        family.add_metric([node], value)
    return family


def serve(port: int) -> None:
    """Answer Prometheus on this port of the loopback, from a thread, until the process ends."""
    REGISTRY.register(Figures(connections.close_all))  # each answer has a thread of its own
    start_http_server(port, addr=LOOPBACK)
