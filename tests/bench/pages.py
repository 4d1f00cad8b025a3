"""The pages: time on the server, without a network"""

import gzip
from collections.abc import Iterator
from time import perf_counter

from django.test import Client
from django.urls import reverse

from portal.models import Subscriber
from tests.asterisk.instance import Instance
from tests.bench.company import in_milliseconds

TIMES = 200


def run(instance: Instance) -> Iterator[tuple[str, str]]:
    """Load each page again and again; the health check is the baseline."""
    client = Client()
    client.force_login(Subscriber.objects.get(number="201").user)
    for name, view in (
        ("baseline: salud", "salud"),
        ("inicio", "inicio"),
        ("desvios, asking the node what it holds", "desvios:desvios"),
    ):
        seconds = []
        for _ in range(TIMES):
            begin = perf_counter()
            answer = client.get(reverse(view))
            seconds.append(perf_counter() - begin)
            assert answer.status_code == 200
        size = len(answer.content), len(gzip.compress(answer.content))
        yield name, f"{in_milliseconds(seconds)}   {size[0]} bytes, {size[1]} compressed"
