"""The house rules that lint, types and import rules cannot hold."""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.contrib.admin import ModelAdmin
from django.urls import URLPattern, URLResolver, get_resolver

ROOT = Path(__file__).parent.parent
ROOMS = ["portal", "agenda", "historial", "buzon", "desvios", "ajustes", "chat"]

MAX_LINES = {".py": 300, ".html": 150, ".css": 400, ".js": 120}
MAX_TEST_LINES = 400
MAX_FUNCTION_LINES = 40

GRAB_BAGS = {"utils", "helpers", "common", "manager", "managers", "services", "mixins", "signals"}

INLINE = (
    r"<style\b",
    r"\sstyle\s*=",
    r"<[^>]*\s(?:hx-)?on[a-z:-]+\s*=",
    r"<script\b(?![^>]*\ssrc=)",
    r"(?:href|src|action)\s*=\s*[\"']?\s*(?:javascript:|https?:)",
)
"""What the content security policy would not let work, and addresses outside the portal."""

PROPER_NAMES = {"Webfon", "webfon"}
"""Words of templates that are the same in every language."""


def files(*folders: str, suffix: str) -> list[Path]:
    """The files of those folders, with paths from the root."""
    found = [path for folder in folders for path in (ROOT / folder).rglob(f"*{suffix}")]
    return sorted(path.relative_to(ROOT) for path in found if "migrations" not in path.parts)


def read(path: Path) -> str:
    return (ROOT / path).read_text()


def parametrize(name: str, values: list[Path]) -> pytest.MarkDecorator:
    assert values
    return pytest.mark.parametrize(name, values, ids=str)


CODE = files(*ROOMS, suffix=".py")
TESTS = files("tests", suffix=".py")
TEMPLATES = files("templates", suffix=".html")
FRONT_END = files("static", suffix=".css") + files("static", suffix=".js")


@parametrize("path", CODE + TESTS + TEMPLATES + FRONT_END)
def test_a_file_is_short_enough_to_be_read_at_once(path):
    ceiling = MAX_TEST_LINES if path.parts[0] == "tests" else MAX_LINES[path.suffix]
    assert len(read(path).splitlines()) <= ceiling


@parametrize("path", CODE + TESTS)
def test_a_function_is_short_enough_to_be_read_at_once(path):
    functions = (
        node
        for node in ast.walk(ast.parse(read(path)))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    too_long = {
        function.name: lines
        for function in functions
        if (lines := (function.end_lineno or 0) - function.lineno + 1) > MAX_FUNCTION_LINES
    }
    assert too_long == {}


@parametrize("path", CODE)
def test_a_module_is_named_for_what_it_holds(path):
    assert path.stem not in GRAB_BAGS


@parametrize("path", files("portal/pbx", suffix=".py"))
def test_the_adapter_knows_no_request(path):
    assert not re.findall(r"^\s*(?:from|import) django\.(?:http|shortcuts|urls|views)", read(path))


@parametrize("path", TEMPLATES)
def test_a_template_has_nothing_inline(path):
    found = [pattern for pattern in INLINE if re.search(pattern, read(path), re.IGNORECASE)]
    assert found == []


class Visible(HTMLParser):
    """Collects what a person would see or hear of a template's own text."""

    ATTRIBUTES = frozenset({"alt", "aria-label", "label", "placeholder", "title"})

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.texts += [value for name, value in attrs if value and name in self.ATTRIBUTES]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def untranslated(template: str) -> list[str]:
    """Words that stand in a template without being marked for translation."""
    for pattern in (
        r"{% comment.*?endcomment %}",
        r"{% blocktrans(?:late)?\b.*?{% endblocktrans(?:late)? %}",
        r"{#.*?#}",
        r"{%.*?%}",
        r"{{.*?}}",
    ):
        template = re.sub(pattern, "", template, flags=re.DOTALL)
    visible = Visible()
    visible.feed(template)
    words = re.findall(r"[^\W\d_]{2,}", " ".join(visible.texts))
    return [word for word in words if word not in PROPER_NAMES]


@parametrize("path", TEMPLATES)
def test_every_visible_word_of_a_template_is_marked_for_translation(path):
    assert untranslated(read(path)) == []


def test_words_without_mark_are_noticed():
    marked = '<p title="{% translate "Hola" %}">{% translate "Hola" %}, {{ name }}</p>'
    assert untranslated(marked) == []
    assert untranslated("<p>Hola</p>") == ["Hola"]
    assert untranslated('<a title="Adiós">{{ name }}</a>') == ["Adiós"]


def own_patterns(patterns: list[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    """The URL patterns whose views are ours."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from own_patterns(pattern.url_patterns)
        elif pattern.callback.__module__.split(".")[0] in ROOMS:
            yield pattern


OWN = [
    pattern
    for pattern in own_patterns(get_resolver().url_patterns)
    # allauth looks its pages up by names of its own, and so does the administration.
    if not (pattern.name or "").startswith(("account_", "mfa_"))
    and not isinstance(getattr(pattern.callback, "model_admin", None), ModelAdmin)
]


@pytest.mark.parametrize("pattern", OWN, ids=lambda pattern: pattern.name)
def test_a_view_is_named_as_its_url(pattern):
    assert pattern.name == pattern.callback.__name__


def pages() -> list[Path]:
    """The templates of whole pages of our own."""
    return [
        path
        for path in TEMPLATES
        if not path.name.startswith("_") and (path.parts[1] in ROOMS or path.name == "inicio.html")
    ]


@parametrize("path", pages())
def test_a_page_is_named_as_its_view(path):
    room = path.parts[1] if path.parts[1] in ROOMS else "portal"
    names = {pattern.name for pattern in OWN if pattern.callback.__module__.split(".")[0] == room}
    assert path.stem in names


def commands() -> list[str]:
    """The names of our management commands."""
    found = [path for path in CODE if path.parent.name == "commands"]
    return sorted(path.stem for path in found if not path.stem.startswith("_"))


@pytest.mark.parametrize("name", commands())
def test_a_command_is_described_in_the_readme(name):
    assert f"`manage.py {name}" in read(Path("README.md"))


def test_every_setting_of_the_environment_is_described_in_the_readme():
    source = read(Path("portal/settings.py"))
    names = set(re.findall(r"(?:env(?:\.\w+)?|_database)\(\s*\"([A-Z_]+)\"", source))
    assert len(names) > 10
    readme = read(Path("README.md"))
    assert {name for name in names if f"`{name}`" not in readme} == set()


def test_every_identifier_of_the_glossary_stands_in_the_code():
    cells = re.findall(r"^\|[^|]*\|([^|]*)\|", read(Path("docs/glossary.md")), re.MULTILINE)
    identifiers = {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}
    assert len(identifiers) > 20
    code = "\n".join(read(path) for path in CODE)
    assert {name for name in identifiers if not re.search(rf"\b{name}\b", code)} == set()
