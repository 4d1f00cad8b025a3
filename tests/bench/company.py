"""A company to measure with: an Asterisk, its telephones, and many subscribers."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command

from desvios.models import ForwardingRules
from portal.models import Device, NumberPattern, ServiceClass, Subscriber
from portal.pbx import get_pbx
from tests.asterisk.instance import Instance, tree

FIRST, CHUNK = 20_000, 1000


@contextmanager
def on_asterisk(folder: Path) -> Iterator[Instance]:
    """A portal with an empty database, on an Asterisk of its own."""
    for database in settings.DATABASES:
        call_command("migrate", database=database, verbosity=0)
    call_command("createcachetable", verbosity=0)
    instance = Instance(folder=folder / "asterisk", tree=tree()).write().start()
    settings.PBX = {
        "BACKEND": "portal.pbx.asterisk.backend.build",
        "OPTIONS": {
            "nodes": [
                {
                    "name": "centralita",
                    "host": "127.0.0.1",
                    "port": instance.ami,
                    "user": "webfon-rules",
                    "secret": instance.secret,
                    "spool": str(instance.spool),
                    "cdr_csv": str(instance.cdr),
                }
            ],
            "timeout": 5.0,
        },
    }
    get_pbx.cache_clear()
    try:
        yield instance
    finally:
        instance.stop()


def hire(count: int) -> None:
    """So many subscribers, each with a telephone and four rules; and 201 to 203, who log in."""
    national = ServiceClass.objects.create(name="Nacional", code="national")
    for pattern in ("[23]XX", "2XXXX", "[67]XXXXXXXX", "9XXXXXXXX"):
        NumberPattern.objects.create(service_class=national, label=pattern, pattern=pattern)
    for start in range(FIRST, FIRST + count, CHUNK):
        _hire([str(number) for number in range(start, min(start + CHUNK, FIRST + count))], national)
    _hire(["201", "202", "203"], national)
    for subscriber in Subscriber.objects.filter(number__in=["201", "202", "203"]):
        subscriber.user = User.objects.create_user(f"user{subscriber.number}")
        subscriber.save()
    ForwardingRules.objects.filter(subscriber__number__in=["201", "202", "203"]).delete()


def _hire(numbers: list[str], national: ServiceClass) -> None:
    subscribers = Subscriber.objects.bulk_create(
        Subscriber(
            number=number,
            display_name=f"Persona {number}",
            mailbox=f"{number}@default",
            call_class=national,
            forward_class=national,
        )
        for number in numbers
    )
    Device.objects.bulk_create(Device(name=each.number, owner=each) for each in subscribers)
    ForwardingRules.objects.bulk_create(
        ForwardingRules(
            subscriber=each,
            unconditional_number="600123123",
            not_connected_to_voicemail=True,
            busy_number="203",
            busy_number_enabled=True,
            no_answer_to_voicemail=True,
        )
        for each in subscribers
    )


def in_milliseconds(seconds: list[float]) -> str:
    """``p50 3.1  p95 5.0 ms``."""
    cuts = quantiles(seconds, n=20)
    return f"p50 {cuts[9] * 1000:8.2f}   p95 {cuts[18] * 1000:8.2f} ms   n={len(seconds)}"
