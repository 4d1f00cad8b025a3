"""The person's calls, as the page Historial exports them."""

from collections.abc import Iterator

from historial.export import lines
from portal.models import Subscriber
from portal.own_data import File
from portal.pbx import get_pbx


def export(subscriber: Subscriber) -> Iterator[File]:
    """One CSV file, written while the records are read."""
    calls = get_pbx().call_log.export(subscriber.number)
    yield "llamadas.csv", (part.encode() for part in lines(subscriber, calls))
