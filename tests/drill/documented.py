"""The commands of a document, as somebody would type them who follows it."""

import re
from pathlib import Path


def commands(source: Path, name: str, heading: str) -> list[list[str]]:
    """The blocks of commands below that heading of ``docs/<name>``, without comments."""
    text = (source / "docs" / name).read_text()
    [section] = re.findall(rf"(?ms)^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text)
    blocks = re.findall(r"(?m)(?:^    .*\n)+", section.replace("\\\n", " "))
    return [[_bare(line) for line in block.splitlines()] for block in blocks]


def lines(source: Path, name: str, heading: str) -> list[str]:
    """The same, of all blocks together."""
    return [line for block in commands(source, name, heading) for line in block]


def _bare(line: str) -> str:
    return " ".join(re.sub(r"\s+# .*", "", line).split())
