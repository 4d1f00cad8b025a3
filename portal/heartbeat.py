"""The sign of life that the active link leaves where every web process can see it."""

import socket
from datetime import datetime, timedelta

from django.utils import timezone

from portal import metrics
from portal.models import Heartbeat

DEAD_AFTER = timedelta(seconds=30)
"""Without a sign of life for so long the link counts as gone; it leaves one every five seconds."""

MOST_SILENT_LOOKS = 30
"""Looks, one each second, after which a link that stands by gives the active one up."""


def beat() -> None:
    """A job of the link: say that it lives, where, and which nodes it hears."""
    values = {"at": timezone.now(), "host": socket.gethostname(), "nodes": metrics.nodes_up()}
    Heartbeat.objects.update_or_create(pk=1, defaults=values)


def is_alive(last: Heartbeat | None) -> bool:
    """Whether that sign of life is recent enough."""
    return last is not None and timezone.now() - last.at < DEAD_AFTER


class Watch:
    """How a link that stands by sees whether the active one still gives signs of life.

    It counts looks and compares no clocks: those of two machines may differ, and while this process
    or the database stood still nobody looked.
    """

    def __init__(self) -> None:
        self.last: datetime | None = None
        self.silent_looks = 0

    def is_silent(self) -> bool:
        """Look, and say whether there was nothing new for too many looks; then begin anew."""
        last = Heartbeat.objects.values_list("at", flat=True).first()
        self.silent_looks = self.silent_looks + 1 if last == self.last else 0
        self.last = last
        if self.silent_looks < MOST_SILENT_LOOKS:
            return False
        self.silent_looks = 0
        return True
