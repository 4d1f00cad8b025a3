"""The sign of life that the active link leaves where every web process can see it."""

import socket
from datetime import timedelta

from django.utils import timezone

from portal import metrics
from portal.models import Heartbeat

DEAD_AFTER = timedelta(seconds=30)
"""Without a sign of life for so long the link counts as gone; it leaves one every five seconds."""


def beat() -> None:
    """A job of the link: say that it lives, where, and which nodes it hears."""
    values = {"at": timezone.now(), "host": socket.gethostname(), "nodes": metrics.nodes_up()}
    Heartbeat.objects.update_or_create(pk=1, defaults=values)


def is_alive(last: Heartbeat | None) -> bool:
    """Whether that sign of life is recent enough."""
    return last is not None and timezone.now() - last.at < DEAD_AFTER
