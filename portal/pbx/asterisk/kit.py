"""The dialplan kit: the part of Webfon that runs inside Asterisk, as files of configuration.

Rendering is pure text; the templates in the folder ``kit`` explain themselves to an operator.
"""

import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

TEMPLATES = Path(__file__).with_suffix("")

DIALPLAN = "extensions_webfon.conf"

VERSION = sha256((TEMPLATES / DIALPLAN).read_bytes()).hexdigest()[:8]
"""Another one with every change of the dialplan, so that ``pbx_check`` can tell an old one."""

VERSION_VARIABLE = "HINT(version@webfon-kit)"
"""Ask for it with the AMI action ``Getvar``: the kit in force answers ``VERSION_VALUE``."""

VERSION_VALUE = f"Custom:{VERSION}"

SECRET = "@SECRET@"  # noqa: S105 - a mark in a template
"""Stands in ``manager_webfon.conf`` where the secret of the AMI user belongs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What differs between installations. ``ValueError`` where Asterisk could not read it."""

    subscribers: tuple[str, ...] = ("[23]XX",)
    """Patterns of the subscribers' numbers, in Asterisk's own syntax without the underscore."""
    outbound_context: str = "outbound"
    """The operator's context that takes permitted calls to all other numbers."""
    users_context: str = "webfon-users"
    """The context of the telephones, which is or includes ``webfon-users``."""
    emergency: tuple[str, ...] = ("112",)
    """Numbers that every telephone may call."""
    international_prefix: str = "00"
    """What stands for a leading ``+``."""
    ring_seconds: int = 20
    """How long a telephone rings where the plan does not say."""
    max_hops: int = 5
    """How many subscribers one call may visit; ``routing.HOP_LIMIT`` is the same number."""
    loop_limit: int = 5
    """How many calls of one caller a subscriber may be forwarding at the same time."""

    def __post_init__(self) -> None:
        for pattern in self.subscribers:
            _expect(r"([0-9NXZ]|\[[0-9-]+\])+", pattern)
        for number in (*self.emergency, self.international_prefix):
            _expect(r"[0-9]+", number)
        for context in (self.outbound_context, self.users_context):
            _expect(r"[A-Za-z0-9_-]+", context)
        for count in (self.ring_seconds, self.max_hops, self.loop_limit):
            _expect(r"[1-9][0-9]*", str(count))


def files(options: Options) -> dict[str, str]:
    """Every file of the kit by name; an Asterisk reads them after ``#include`` of the name."""
    paths = sorted(TEMPLATES.glob("*.conf"))
    return {path.name: _render(path.read_text(), options) for path in paths}


def render(options: Options) -> str:
    """The dialplan alone."""
    return files(options)[DIALPLAN]


def _render(text: str, options: Options) -> str:
    for name, value in _values(options).items():
        text = text.replace(f"@{name}@", value)
    patterns = tuple(f"_{pattern}" for pattern in options.subscribers)
    text = _repeat(text, "@SUBSCRIBER@", patterns)
    return _repeat(text, "@EMERGENCY@", options.emergency)


def _values(options: Options) -> dict[str, str]:
    return {
        "VERSION": VERSION,
        "OUTBOUND": options.outbound_context,
        "USERS": options.users_context,
        "INTERNATIONAL": options.international_prefix,
        "RING_SECONDS": str(options.ring_seconds),
        "MAX_HOPS": str(options.max_hops),
        "LOOP_LIMIT": str(options.loop_limit),
    }


def _repeat(text: str, mark: str, values: tuple[str, ...]) -> str:
    """Each line that bears the mark, once for every value."""
    lines = []
    for line in text.splitlines():
        lines += [line.replace(mark, value) for value in values] if mark in line else [line]
    return "\n".join(lines) + "\n"


def _expect(pattern: str, value: str) -> None:
    if not re.fullmatch(pattern, value):
        raise ValueError(f"{value!r} cannot stand in the dialplan (expected {pattern})")
