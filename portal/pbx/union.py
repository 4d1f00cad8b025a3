"""Asking all nodes and putting together what they say; a node that is away takes only its part."""

import logging
from collections.abc import Callable, Mapping
from typing import TypeVar

from portal.pbx.errors import PBXError, PBXUnavailable

logger = logging.getLogger(__name__)

T = TypeVar("T")


def ask_all(questions: Mapping[str, Callable[[], T]]) -> tuple[dict[str, T], tuple[str, ...]]:
    """What each node answers, by name, and the names of those that did not. Raises if none did."""
    answers: dict[str, T] = {}
    failures: dict[str, PBXError] = {}
    for name, question in questions.items():
        try:
            answers[name] = question()
        except PBXError as error:
            logger.info("Node %s: %s", name, error)
            failures[name] = error
    if not answers:
        raise _worst(failures)
    return answers, tuple(failures)


def change_all(changes: Mapping[str, Callable[[], None]]) -> tuple[str, ...]:
    """Change it at every node; the names of those that did not answer. Raises if none took it."""
    failures: dict[str, PBXError] = {}
    for name, change in changes.items():
        try:
            change()
        except PBXError as error:
            logger.info("Node %s: %s", name, error)
            failures[name] = error
    if len(failures) == len(changes):
        raise _worst(failures)
    return tuple(name for name, e in failures.items() if isinstance(e, PBXUnavailable))


def _worst(failures: Mapping[str, PBXError]) -> PBXError:
    """What a node said, before those that said nothing."""
    said = [each for each in failures.values() if not isinstance(each, PBXUnavailable)]
    return [*said, *failures.values(), PBXUnavailable("no node is configured")][0]
