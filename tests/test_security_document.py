"""The table of docs/security.md: whole, and what it names is there."""

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs/security.md").read_text()
ROWS = re.findall(r"^\| V([\d.]+) \| (.+?) \| (.+?) \| (.+) \|$", TEXT, re.MULTILINE)
TEST = re.compile(r"`([\w/]+\.py)::(\w+)`")

# How many requirements of levels 1 and 2 each section of ASVS 5.0.0 has. They are the first of
# their section, but for those of level 3, which stand last.
SECTIONS = {
    1: [2, 9, 11, 3, 2],
    2: [3, 3, 4, 1],
    3: [0, 2, 4, 6, 5, 0, 2],
    4: [3, 1, 2, 4],
    5: [1, 3, 2, 3],
    6: [3, 12, 4, 4, 5, 3, 0, 4],
    7: [3, 4, 2, 5, 2, 2],
    8: [2, 3, 1, 1],
    11: [2, 3, 3, 4, 1, 1],
    12: [3, 2, 4],
    13: [1, 5, 2, 5],
    14: [2, 4, 3],
    15: [3, 3, 7],
    16: [1, 5, 4, 3, 3],
}


def numbers():
    return [
        f"{chapter}.{section}.{at}"
        for chapter, sections in SECTIONS.items()
        for section, many in enumerate(sections, 1)
        for at in range(1, many + 1)
    ]


@cache
def held_by(path):
    """The tests that a file holds."""
    tree = ast.parse((ROOT / "tests" / path).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_requirement_stands_there_once_in_its_order():
    assert [number for number, *_ in ROWS] == numbers()
    assert len(ROWS) == 210


def test_every_requirement_is_met_or_not_and_the_count_says_how_many():
    states = Counter(state for _, _, state, _ in ROWS)
    met, missing, foreign = (states.pop(word) for word in ("met", "not met", "does not apply"))
    assert not states
    said = f"Of {len(ROWS)} requirements {met} are met, {missing} are not, and {foreign} do not"
    assert said in TEXT


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_what_a_row_names_is_there(row):
    _number, asked, state, shown = row
    assert asked
    for path, name in TEST.findall(shown):
        assert name in held_by(path)
    for path in re.findall(r"`([\w./]+/[\w.]+\.(?:py|js|conf|toml|txt))`", shown):
        assert (ROOT / path).exists(), path
    for anchor in re.findall(r"\]\(#([\w-]+)\)", shown):
        headings = re.findall(r"^##+ (.+)$", TEXT, re.MULTILINE)
        assert anchor in {heading.lower().replace(" ", "-") for heading in headings}
    # What is met is shown: by a test, a file, a setting or a document.
    assert state != "met" or "`" in shown or "](" in shown
