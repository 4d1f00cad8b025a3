"""Whether the sessions of open pages have ended: asked for all of them at once, not for each."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from time import monotonic
from typing import Any

from django.contrib.sessions.models import Session
from django.db import DatabaseError
from django.utils import timezone

ASK_EVERY = 1.0
"""Seconds for which an answer holds."""

SURE_FOR = 60.0
"""Seconds for which it is also taken for granted whose session it is, and that the user may in."""


def not_ended(keys: Iterable[str]) -> set[str]:
    """Those of the keys whose session there is; none where the database cannot say."""
    rows = Session.objects.filter(session_key__in=list(keys), expire_date__gt=timezone.now())
    try:
        return set(rows.values_list("session_key", flat=True))
    except DatabaseError:
        return set()


class HeldSessions:
    """Used by one event loop alone; ``ask`` calls a function where databases may be used."""

    def __init__(self, ask: Callable[..., Awaitable[Any]]) -> None:
        self._ask = ask
        self._open: set[str] = set()
        self._asked_at = 0.0
        self._asking: asyncio.Task[None] | None = None

    async def holds(self, key: str, keys: Callable[[], set[str]]) -> bool:
        """Whether this session is known to hold; ``keys`` are all those that are asked for."""
        if monotonic() - self._asked_at > ASK_EVERY:
            self._asking = self._asking or asyncio.create_task(self._look(keys()))
            await asyncio.shield(self._asking)
        return key in self._open

    async def _look(self, keys: set[str]) -> None:
        try:
            self._open = await self._ask(not_ended, keys)
            self._asked_at = monotonic()
        finally:
            self._asking = None
