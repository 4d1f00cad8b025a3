"""What an operator would change at an Asterisk that runs already, read from its folder."""

import re
from collections.abc import Iterator, Mapping
from difflib import unified_diff
from pathlib import Path

from portal.pbx.asterisk.check_users import DANGEROUS

INCLUDES = {
    "extensions.conf": ("extensions_webfon.conf", "at its end"),
    "pjsip.conf": ("pjsip_webfon.conf", "before the endpoints"),
    "manager.conf": ("manager_webfon.conf", "at its end"),
    "cdr_custom.conf": ("cdr_webfon.conf", "under [mappings]"),
    "voicemail.conf": ("voicemail_webfon.conf", "in [general]"),
}
"""Which file of the operator's includes which of ours, and where."""

OPTIONS = {
    "manager.conf": {"enabled": "yes"},
    "cdr.conf": {"enable": "yes", "unanswered": "yes", "endbeforehexten": "yes"},
}
"""What must stand in ``[general]`` of the operator's files."""

LEFT_OUT = (*DANGEROUS, "app_voicemail_odbc", "app_voicemail_imap")
"""The last two take ``VoiceMail`` along with them where they fail to load, as one of them does with
Debian's own configuration.
"""

OURS = re.compile(r"^\[(webfon-[^\]]*)\]", re.MULTILINE)


def compare(etc: Path, files: Mapping[str, str], outbound: str) -> Iterator[str]:
    """A line for each thing that is to be added, changed, or stands in the way.

    ``files`` are ours by name, secrets filled in. Raises ``OSError`` for what cannot be read.
    """
    for name, text in files.items():
        yield from _file(etc / name, text)
    for name, (included, place) in INCLUDES.items():
        yield from _include(etc / name, included, place)
    for name, options in OPTIONS.items():
        yield from _options(etc / name, options)
    yield from _modules(etc / "modules.conf")
    yield from _contexts(etc, outbound)


def _file(path: Path, text: str) -> Iterator[str]:
    if not path.exists():
        yield f"add      {path}, {len(text.splitlines())} lines"
        return
    changes = list(unified_diff(_lines(path), text.splitlines(), n=0, lineterm=""))[2:]
    more = sum(line.startswith("+") for line in changes)
    less = sum(line.startswith("-") for line in changes)
    if changes:
        yield f"replace  {path}: {more} lines more, {less} less"


def _include(path: Path, included: str, place: str) -> Iterator[str]:
    pattern = rf"\s*#(?:try)?include\s+[\"<]?(?:\S*/)?{re.escape(included)}\b"
    if not path.exists():
        yield f"add      {path} with the line, {place}: #include {included}"
    elif not any(re.match(pattern, line) for line in _lines(path)):
        yield f"edit     {path}: add the line, {place}: #include {included}"


def _options(path: Path, wanted: Mapping[str, str]) -> Iterator[str]:
    found = _general(_lines(path) if path.exists() else [])
    for name, value in wanted.items():
        if found.get(name) != value:
            yield f"edit     {path}, [general]: {name} = {value} (now: {found.get(name, 'unset')})"


def _modules(path: Path) -> Iterator[str]:
    lines = _lines(path) if path.exists() else []

    def says(words: str) -> bool:
        return any(re.match(rf"\s*{words}\b", line) for line in lines)

    loads_all = says(r"autoload\s*=>?\s*(?:yes|true|y|t|1|on)")
    for name in LEFT_OUT:
        module = rf"\s*=>?\s*{name}(?:\.so)?"
        if (loads_all or says(r"(?:pre)?load" + module)) and not says("noload" + module):
            yield f"edit     {path}, [modules]: noload = {name}.so (now: loaded)"


def _general(lines: list[str]) -> dict[str, str]:
    """The options of ``[general]``, comments and other sections left out."""
    section, found = "", {}
    for line in lines:
        text = line.partition(";")[0].strip()
        if text.startswith("["):
            section = text.strip("[]() ")
        elif section == "general" and "=" in text:
            name, _equals, value = text.partition("=")
            found[name.strip().lower()] = value.strip("> ").strip()
    return found


def _contexts(etc: Path, outbound: str) -> Iterator[str]:
    """Names of ours that somebody else took, and the context that permitted calls go on to."""
    known = set()
    for path in sorted(etc.glob("*.conf")):
        text = "\n".join(_lines(path))
        known |= set(re.findall(r"^\[([^\]]+)\]", text, re.MULTILINE))
        if not path.name.endswith("_webfon.conf"):
            for context in OURS.findall(text):
                yield f"look at  {path}: [{context}] has a name of ours"
    if outbound not in known:
        yield f"add      a context [{outbound}] that takes permitted calls to the trunk"


def _lines(path: Path) -> list[str]:
    return path.read_text(errors="replace").splitlines()
