"""From the button to the telephone system: saving a forwarding"""

from collections.abc import Iterator
from time import perf_counter

from django.conf import settings
from django.test import Client
from django.urls import reverse

from portal.models import Subscriber
from tests.asterisk.instance import Instance
from tests.bench.company import in_milliseconds

TIMES = 300


def run(instance: Instance) -> Iterator[tuple[str, str]]:
    """Post the form again and again; the answer comes when the node confirmed the plan.

    A second connection reads the key at once, to see that it is in force.
    """
    admin = instance.admin()
    settings.ALLOWED_HOSTS = ["*"]
    client = Client()
    subscriber = Subscriber.objects.get(number="201")
    client.force_login(subscriber.user)
    saved, bare, missed = [], [], 0
    for number in range(TIMES):
        seconds = 20 + number % 50
        subscriber.refresh_from_db()
        form = {"display_name": "Ana", "ring_seconds": seconds, "revision": subscriber.revision}
        begin = perf_counter()
        answer = client.post(reverse("desvios:desvios"), form)
        saved.append(perf_counter() - begin)
        assert answer.status_code == 302, answer.status_code
        begin = perf_counter()
        admin.act("DBGet", Family="webfon", Key="plan/201")
        event = admin.wait(lambda event: event["Event"] == "DBGetResponse")
        bare.append(perf_counter() - begin)
        missed += f'"t":"{seconds}"' not in event["Val"]
    admin.close()
    yield "save to effective (validate, commit, write to the node)", in_milliseconds(saved)
    yield "baseline: one DBGet on an open connection", in_milliseconds(bare)
    yield "saves that the node did not hold at once", str(missed)
