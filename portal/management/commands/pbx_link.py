"""``manage.py pbx_link``: run the link until it is told to end."""

import signal
from threading import Event
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from portal import figures
from portal.link import run


class Command(BaseCommand):
    """Any number of links may run; one is active at a time."""

    help = "Watches the telephone system, applies pending changes and keeps the nodes in step."

    def handle(self, *args: Any, **options: Any) -> None:
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        if settings.LINK_METRICS_PORT:
            figures.serve(settings.LINK_METRICS_PORT)
        run(stop)
