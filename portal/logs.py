"""Log lines, for people or as JSON, each with the id of the request that it belongs to.

The id travels with the thread: pages set it, the link sets one for each of its jobs, and what asks
the telephone system puts it into the ids of its actions.
"""

import json
import logging
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import uuid4

from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")

_request_id: ContextVar[str] = ContextVar("request_id", default="")

GIVEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{7,63}")
"""Ids that are taken over from whoever asks; any other is replaced by one of our own."""

ID_KEY = "webfon.request_id"
"""Where a request's ``META`` holds its id: Django logs of a request when its thread is done."""

SECRET_PATH = re.compile(r"(/calendario/)[^/\s\"']+(\.ics)")
"""The secret address of a calendar, which is a path."""

CONTROL = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))}
"""What would begin a new line or paint a terminal, made visible."""


def current() -> str:
    """The id of what this thread is doing now; "" outside requests and jobs."""
    return _request_id.get()


def id_from(given: str) -> str:
    """The id that a request brought along, or a new one where it brought none that is fit."""
    return given if GIVEN.fullmatch(given) else uuid4().hex


@contextmanager
def bearing(request_id: str) -> Iterator[None]:
    """Everything that is logged and asked in the block bears this id."""
    token = _request_id.set(request_id)
    try:
        yield
    finally:
        _request_id.reset(token)


def carried(work: Callable[..., T]) -> Callable[..., T]:
    """The same for another thread, which then bears the id that this one bears now."""
    request_id = current()

    def run(*args: Any) -> T:
        with bearing(request_id):
            return work(*args)

    return run


def identify(record: logging.LogRecord) -> bool:
    """A filter that takes nothing away: it notes the id of the request on the record."""
    request = getattr(record, "request", None)
    meta = getattr(request, "META", None) or {}
    record.request_id = current() or meta.get(ID_KEY, "")
    return True


def _hidden(text: str) -> str:
    return SECRET_PATH.sub(r"\1***\2", text)


class Lines(logging.Formatter):
    """For people: one line for each record, and below it the traceback of an error."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name} [{request_id}] {message}", style="{")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        return super().formatMessage(record).translate(CONTROL)

    def format(self, record: logging.LogRecord) -> str:
        return _hidden(super().format(record))


class JSONLines(logging.Formatter):
    """For programs: one object in one line; ``extra={"data": {…}}`` adds to it."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": getattr(record, "request_id", ""),
            **getattr(record, "data", {}),
        }
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        return _hidden(json.dumps(entry, ensure_ascii=False, default=str))


FORMATS = {"text": Lines, "json": JSONLines}


def logging_settings(kind: str, level: str) -> dict[str, Any]:
    """What ``LOGGING`` holds."""
    if kind not in FORMATS:
        raise ImproperlyConfigured(f"LOG_FORMAT is {kind!r}: choose one of {', '.join(FORMATS)}")
    handler = {"class": "logging.StreamHandler", "formatter": "line", "filters": ["identify"]}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"identify": {"()": lambda: identify}},
        "formatters": {"line": {"()": FORMATS[kind]}},
        "handlers": {"console": handler},
        "loggers": {
            # The server's own lines look like ours.
            "uvicorn": {"handlers": ["console"], "propagate": False},
            # Named here, or what stands above would undo --no-access-log: it tells what was asked.
            "uvicorn.access": {"handlers": [], "propagate": False},
        },
        "root": {"handlers": ["console"], "level": level},
    }
