"""What the documents name is there: pages and their parts, files, targets of make, commands.

The words that the help puts in bold are those of the pages, and its pictures are small.
"""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class
from django.core.management.base import BaseCommand

from portal.settings import VERSION
from scripts import translations

ROOT = Path(__file__).parent.parent
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]

FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^ {4,}\S.*$", re.MULTILINE)
SPAN = re.compile(r"`([^`]+)`", re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} +(.*?) *#* *$", re.MULTILINE)

COMMAND = re.compile(r"^(?:\$ )?(?:\w+=\S* )*(?:\S*python )?(?:manage\.py|webfon) +([a-z]\w*)(.*)")
FOLDERS = "portal agenda historial buzon desvios ajustes chat static tests scripts deploy docs"
FILE = re.compile(rf"(?:{FOLDERS.replace(' ', '|')})/[\w./-]+\.\w+")

PICTURES = ROOT / "static/img/ayuda"
MOST_OF_ONE, MOST_OF_ALL = 40_000, 400_000

documents = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)


def prose(text: str) -> str:
    """The text without what is code."""
    return SPAN.sub("", BLOCK.sub("", FENCE.sub("", text)))


def code(text: str) -> Iterator[str]:
    """The lines that somebody would type, and everything between backticks."""
    for block in FENCE.findall(text):
        yield from block.splitlines()[1:-1]
    text = FENCE.sub("", text)
    for line in re.sub(r"\\\n\s*", "", text).splitlines():
        if BLOCK.match(line):
            yield line.strip()
    for span in SPAN.findall(BLOCK.sub("", text)):
        yield " ".join(span.split())


def anchors(text: str) -> set[str]:
    """What a link may name after ``#``, made of the headings as GitHub makes it."""
    found: set[str] = set()
    seen: Counter[str] = Counter()
    for heading in HEADING.findall(FENCE.sub("", text)):
        plain = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").lower()
        slug = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        found.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
        seen[slug] += 1
    return found


def broken(path: Path) -> list[str]:
    """The links of a document that lead nowhere."""
    wrong = []
    for link in LINK.findall(prose(path.read_text())):
        name, _sign, part = link.partition("#")
        target = path.parent / name if name else path
        if not target.exists() or (part and part not in anchors(target.read_text())):
            wrong.append(link)
    return wrong


@documents
def test_every_link_of_a_document_leads_somewhere(path):
    assert broken(path) == []


def test_a_link_that_leads_nowhere_is_noticed(tmp_path):
    here = tmp_path / "here.md"
    (tmp_path / "there.md").write_text("# One `way` or\n## Another, too\n## Another, too\n")
    good = "[a](there.md) [b](there.md#one-way-or) [c](there.md#another-too-1) `[d](no.md)`\n"
    here.write_text(f"# Here\n{good}[e](#here) [f](no.md) [g](there.md#no) [h](#no)\n")
    assert broken(here) == ["no.md", "there.md#no", "#no"]


@documents
def test_every_file_that_a_document_names_is_there(path):
    named = {name for line in code(path.read_text()) for name in FILE.findall(line)}
    folders = (ROOT, ROOT / "tests")
    assert {name for name in named if not any((each / name).exists() for each in folders)} == set()


def targets(text: str) -> set[str]:
    """The targets of make that a document tells somebody to use."""
    return {name for line in code(text) for name in re.findall(r"(?:^| )make ([a-z]+)", line)}


@documents
def test_every_target_of_make_is_there(path):
    there = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert targets(path.read_text()) - there == set()


def commands(text: str) -> list[tuple[str, list[str]]]:
    """What a document tells to run, by its name, and the options that it is given."""
    found = [match for line in code(text) if (match := COMMAND.match(line))]
    return [(match[1], re.findall(r"(?<=\s)--[a-z-]+", match[2].split("#")[0])) for match in found]


def command(name: str) -> BaseCommand:
    """The command of that name."""
    app = get_commands()[name]
    return app if isinstance(app, BaseCommand) else load_command_class(app, name)


@documents
def test_every_command_is_there_with_its_options(path):
    wrong = []
    for name, options in commands(path.read_text()):
        if name not in get_commands():
            wrong.append(name)
            continue
        known = command(name).create_parser("webfon", name)._option_string_actions
        wrong += [f"{name} {option}" for option in options if option not in known]
    assert wrong == []


@pytest.mark.parametrize("name", ["install.md", "operate.md"])
def test_what_a_document_installs_is_this_version(name):
    text = (ROOT / "docs" / name).read_text()
    assert re.findall(r"^    new=(.*)$", text, re.MULTILINE) == [f"/opt/webfon-{VERSION}"]


def test_commands_and_targets_are_found_where_people_read_them():
    text = """# A

    X=1 make run PORT=1
    webfon migrate --database cdr  # --no

and `manage.py pbx_config
--out x`, `make test`, never `adduser webfon asterisk`; make do.
"""
    assert targets(text) == {"run", "test"}
    assert commands(text) == [("migrate", ["--database"]), ("pbx_config", ["--out"])]


def test_the_readme_leads_to_every_document():
    linked = {(ROOT / link).resolve() for link in LINK.findall((ROOT / "README.md").read_text())}
    assert [path.name for path in DOCUMENTS[1:] if path.resolve() not in linked] == []


def test_what_the_help_calls_a_button_is_called_so_on_a_page():
    said = [path.read_text() for path in (ROOT / "templates/ayuda").glob("*.html")]
    labels = {label for text in said for label in re.findall(r"""=_\("([^"]+)"\)""", text)}
    assert len(labels) > 20
    elsewhere = {
        text
        for _context, text, file in translations.in_sources()
        if not file.startswith("templates/ayuda")
    }
    assert labels - elsewhere == set()


def test_the_pictures_of_the_help_are_there_and_small():
    wanted = set(re.findall(r"img/ayuda/[\w.]+", (ROOT / "templates/ayuda.html").read_text()))
    there = {f"img/ayuda/{path.name}": path.stat().st_size for path in PICTURES.iterdir()}
    assert wanted == set(there)
    assert max(there.values()) <= MOST_OF_ONE
    assert sum(there.values()) <= MOST_OF_ALL
