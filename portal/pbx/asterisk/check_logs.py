"""What ``pbx_check`` says about who would learn the PIN and clave that are keyed at a telephone.

``Read`` tells them to logs of verbosity 3 and, like every variable, to the manager's users who
read ``dialplan``; keys one by one go to the level and the class ``dtmf``, and CEL's event ``DTMF``.
All tried with Asterisk 22.
"""

import re
from collections.abc import Callable, Iterator

from portal.pbx.asterisk.wire import Message
from portal.pbx.types import CheckResult

ReadConfig = Callable[[str], Message]
"""The answer of ``GetConfig`` to the name of a file; without lines where there is no such file."""

QUIET = 2
"""The highest verbosity that tells nothing of what is keyed."""

LEVEL = re.compile(r"(\*|[a-z]+)\s*(?:\(\s*([0-9]+)\s*\))?", re.IGNORECASE)

TELLING = frozenset({"all", "dialplan", "dtmf"})
"""Classes of events that name variables or keys."""


def check_logs(name: str, read: ReadConfig) -> Iterator[CheckResult]:
    """Logs, CEL, and the manager's users, each with its own remedy."""
    for part, found, remedy in (
        ("logs", _loud(read("logger.conf")), _LOGS),
        ("CEL", _recorded(read("cel.conf")), _CEL),
        ("other users", _told(read("manager.conf")), _USERS),
    ):
        problem = f"PIN and clave of a login would be seen by {', '.join(found)}" if found else ""
        yield CheckResult(
            part=f"{name}: {part}",
            ok=not found,
            message=problem or "learn nothing of what is keyed at a login",
            remedy=remedy if found else "",
        )


def _loud(config: Message) -> list[str]:
    """The logs of ``logger.conf`` that are told of keys or variables."""
    return [log for log, levels in _lines(config, "logfiles") if _is_loud(levels)]


def _is_loud(levels: str) -> bool:
    for each in re.sub(r"^\[\w+\]", "", levels.strip()).split(","):
        if (found := LEVEL.fullmatch(each.strip())) is None:
            continue
        level, verbosity = found[1].lower(), found[2]
        if level in ("*", "dtmf", "debug"):
            return True
        if level == "verbose" and (verbosity is None or int(verbosity) > QUIET):
            return True
    return False


def _recorded(config: Message) -> list[str]:
    general = dict(_lines(config, "general"))
    events = {each.strip().upper() for each in general.get("events", "").split(",")}
    is_on = general.get("enable", "").lower() in ("yes", "true", "y", "t", "1", "on")
    return ["CEL"] if is_on and events & {"ALL", "DTMF"} else []


def _told(config: Message) -> list[str]:
    """The manager's users who hear variables or keys, and hear them unfiltered."""
    names = [name for key, name in config.items() if key.startswith("Category-")]
    found = []
    for user in names:
        lines = _lines(config, user)
        classes = {each.strip() for key, text in lines if key == "read" for each in text.split(",")}
        is_filtered = any(key.startswith("eventfilter") for key, _text in lines)
        if user != "general" and classes & TELLING and not is_filtered:
            found.append(user)
    return found


def _lines(config: Message, category: str) -> list[tuple[str, str]]:
    """The lines of one section, as ``GetConfig`` numbers them."""
    numbers = {
        key.removeprefix("Category-")
        for key, name in config.items()
        if key.startswith("Category-") and name == category
    }
    lines = []
    for key, text in config.items():
        if key.startswith("Line-") and key.split("-")[1] in numbers:
            name, _equals, value = text.partition("=")
            lines.append((name.strip(), value))
    return lines


_LOGS = (
    "In logger.conf let these have no dtmf, no debug and no *, and verbose(2) instead of verbose; "
    "then: asterisk -rx 'logger reload'. A console with -vvv sees it too."
)
_CEL = "Take DTMF out of events in cel.conf, naming the others instead of ALL; reload cel."
_USERS = (
    "Take all, dialplan and dtmf out of their read lines in manager.conf, or add the eventfilter "
    "lines that docs/operating.md has; then: asterisk -rx 'manager reload'."
)
