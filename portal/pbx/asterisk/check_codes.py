"""What ``pbx_check`` says of the codes that telephones dial: whether they reach the kit.

Asterisk looks for what was dialled among a context's own extensions first, then in the contexts
that it includes, in their order; and at ``pickupexten`` of features.conf before all of them.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from portal.pbx.asterisk import kit
from portal.pbx.asterisk.wire import Message
from portal.pbx.phone_rules import FIELDS
from portal.pbx.types import CheckResult

ReadConfig = Callable[[str], Message]

USERS, CODES = "webfon-users", "webfon-codes"
PICKUP = "*8"
"""``pickupexten`` where nobody chose another (Asterisk 22, features_config.c)."""

SIGNS = {"X": "[0-9]", "Z": "[1-9]", "N": "[2-9]", ".": ".+", "!": ".*"}


@dataclass
class Context:
    """The extensions of a context, and what it includes, in order."""

    extensions: list[str] = field(default_factory=list)
    includes: list[str] = field(default_factory=list)


def check_codes(
    name: str, steps: Sequence[Message], read: ReadConfig, codes: Mapping[str, str]
) -> Iterator[CheckResult]:
    """``steps``: all that ``ShowDialPlan`` lists. ``codes``: what the portal shows to people."""
    contexts = _contexts(steps)
    held = set(contexts.get(CODES, Context()).extensions)
    dialled = sorted({_example(code) for code in _ours(contexts)})
    if held != _expected(codes):
        message, remedy = "the node has other codes than the portal shows", _OTHER
    elif found := [*_picked_up(dialled, read), *_collisions(contexts, dialled)]:
        message, remedy = "; ".join(found), _COLLISION
    else:
        message, remedy = f"all {len(dialled)} reach the kit", ""
    yield CheckResult(part=f"{name}: codes", ok=not remedy, message=message, remedy=remedy)


def _contexts(steps: Sequence[Message]) -> dict[str, Context]:
    contexts: dict[str, Context] = {}
    for step in steps:
        context = contexts.setdefault(step.get("Context", ""), Context())
        extension, included = step.get("Extension"), step.get("IncludeContext")
        if extension and extension not in context.extensions:
            context.extensions.append(extension)
        if included:
            context.includes.append(included)
    return contexts


def _ours(contexts: Mapping[str, Context]) -> list[str]:
    """The kit's codes, as patterns: what begins with a sign, which no number does."""
    own = [*contexts.get(USERS, Context()).extensions, *contexts.get(CODES, Context()).extensions]
    return [each for each in own if each.lstrip("_")[:1] in {"*", "#"}]


def _expected(codes: Mapping[str, str]) -> set[str]:
    """The extensions that the kit makes of the portal's settings."""
    wanted = {name: codes.get(name, "") for name in FIELDS}
    text = kit.files(kit.Options(forwarding_codes=wanted))["extensions_codes_webfon.conf"]
    section = text.partition(f"\n[{CODES}]\n")[2].partition("\n[")[0]
    return set(re.findall(r"^exten => ([^,]+),1,", section, re.MULTILINE))


def _collisions(contexts: Mapping[str, Context], dialled: Sequence[str]) -> Iterator[str]:
    """What is dialled in the operator's contexts for telephones, and goes elsewhere or hides it."""
    for name in _above(contexts, USERS):
        own = contexts[name]
        for code, pattern in _matching(own.extensions, dialled):
            yield f"{code} never reaches the kit: {pattern} in [{name}] comes first"
        before = True
        for included in own.includes:
            if included == USERS or USERS in _below(contexts, included):
                before = False
                continue
            for other in (included, *_below(contexts, included)):
                extensions = contexts.get(other, Context()).extensions
                for code, pattern in _matching(extensions, dialled):
                    hidden = f"{code} never reaches the kit: {pattern} in [{other}] comes first"
                    yield hidden if before else f"{code} of the kit hides {pattern} in [{other}]"


def _above(contexts: Mapping[str, Context], name: str) -> list[str]:
    """The contexts that include it, directly or by way of others."""
    return [each for each in contexts if each != name and name in _below(contexts, each)]


def _below(contexts: Mapping[str, Context], name: str) -> list[str]:
    """The contexts that it includes, in the order in which they are looked through."""
    found: list[str] = []
    ahead = list(contexts.get(name, Context()).includes)
    while ahead:
        included = ahead.pop(0)
        if included not in found and included != name:
            found.append(included)
            ahead = contexts.get(included, Context()).includes + ahead
    return found


def _matching(extensions: Sequence[str], dialled: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each extension that takes one of the codes, with the first that it takes."""
    for extension in extensions:
        regex = _regex(extension)
        if code := next(filter(regex.fullmatch, dialled), None):
            yield code, extension


def _picked_up(dialled: Sequence[str], read: ReadConfig) -> Iterator[str]:
    lines = [text for key, text in read("features.conf").items() if key.startswith("Line-")]
    chosen = [line.partition("=")[2] for line in lines if line.startswith("pickupexten=")]
    pickup = chosen[-1] if chosen else PICKUP
    if pickup in dialled:
        yield f"{pickup} picks up calls (pickupexten in features.conf) and never reaches the kit"


def _regex(extension: str) -> re.Pattern[str]:
    """An extension, which may be a pattern, as Asterisk reads it."""
    name = extension.partition("/")[0]
    if not name.startswith("_"):
        return re.compile(re.escape(name))
    parts = re.findall(r"\[[^]]*\]|.", name[1:].replace("-", "") if "[" not in name else name[1:])
    return re.compile("".join(_part(part) for part in parts))


def _part(part: str) -> str:
    if part.startswith("["):
        return part.replace("\\", "\\\\").replace("^", "\\^")
    return SIGNS.get(part.upper(), re.escape(part))


def _example(code: str) -> str:
    """Something that people dial for a pattern of the kit."""
    return code.lstrip("_").replace("X!", "600123123#") if code.startswith("_") else code


_OTHER = (
    "Write the kit anew with manage.py pbx_config in the portal's environment, copy it to the "
    "node, then: asterisk -rx 'dialplan reload'."
)
_COLLISION = (
    "Change one of the two: yours, or the code in the portal's environment (WEBFON_..._CODE); then "
    "write the kit anew with manage.py pbx_config and reload the dialplan."
)
