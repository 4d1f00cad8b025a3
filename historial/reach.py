"""Whether the call records can be reached, so that pages that only mention them need not wait."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError

PAUSE = 15.0
"""Seconds in which nobody asks again after they could not be read."""


class Reach:
    """Remembers in one process that a store did not answer."""

    def __init__(self, pause: float = PAUSE) -> None:
        self.pause = pause
        self._again = 0.0

    @property
    def is_lost(self) -> bool:
        """Whether somebody asked a moment ago and got no answer."""
        return time.monotonic() < self._again

    @contextmanager
    def asked(self) -> Iterator[None]:
        """Note how the asking went. Passes errors on."""
        try:
            yield
        except DatabaseError:
            self._again = time.monotonic() + self.pause
            raise
        self._again = 0.0


CALL_RECORDS = Reach()
