"""How many missed calls wait to be returned, for the tab on every page."""

from functools import partial
from typing import Any

from django.http import HttpRequest

from historial.reach import CALL_RECORDS
from historial.returning import count, of_request
from portal.access import subscriber_of


def waiting(request: HttpRequest) -> dict[str, Any]:
    """``waiting``: how many, counted when a template asks."""
    return {"waiting": partial(_count, request)}


def _count(request: HttpRequest) -> int:
    if subscriber_of(request) is None or CALL_RECORDS.is_lost:
        return 0
    return count(of_request(request))
