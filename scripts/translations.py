"""Keeps locale/*/LC_MESSAGES/django.po as the sources are; CONTRIBUTING.md says how to translate.

python scripts/translations.py              take what is new from the sources, drop what is gone
python scripts/translations.py --check      say what is missing, unsure or other; fail if there is
"""

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ["portal", "agenda", "historial", "buzon", "desvios", "ajustes", "chat"]
LANGUAGES = {"en": "English", "ca": "Català", "gl": "Galego", "eu": "Euskara"}
OF_PACKAGES = "locale/packages.py"
OF_SCRIPTS = "portal/admin/script_texts.py"
"""Texts in English of packages, and of their scripts, which lack them in one of our languages."""

KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}

STRING = r"""u?(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
CALL = re.compile(rf"(?<!\w)(n?p?gettext|_)\(({STRING}(?:, ?{STRING})*)(?:, ?count)?\)")

PLACEHOLDER = re.compile(r"%\(\w+\)0?\d*[sd]|\{\w*\}|%[sd%]|</?\w[^>]*>")
"""What has to be alike in the original and in the translation, tags of HTML among it."""

Found = tuple[str | None, str | tuple[str, str], str]
"""Context, text (or singular and plural), file."""


def in_sources() -> Iterator[Found]:
    """Every text that is marked for translation."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if "migrations" not in path.parts:
                yield from in_python(path)
    for path in sorted((ROOT / "templates").rglob("*.*")):
        yield from in_template(path)
    yield from in_python(ROOT / OF_PACKAGES)


def in_python(path: Path) -> Iterator[Found]:
    """The texts of one module."""
    with path.open("rb") as source:
        for _line, function, texts, _comments in extract_python(source, list(KEYWORDS), [], {}):
            parts = [texts] if isinstance(texts, str) else [each for each in texts or () if each]
            if parts:  # none where what is spoken is marked elsewhere
                yield _entry(str(function), parts, path)


def in_template(path: Path) -> Iterator[Found]:
    """The texts of one template, as Django itself reads it."""
    for function, literals in CALL.findall(templatize(path.read_text(), str(path))):
        yield _entry(function, list(ast.literal_eval(f"[{literals}]")), path)


def _entry(function: str, parts: list[str], path: Path) -> Found:
    kind = function.removesuffix("_lazy").removesuffix("_noop").removesuffix("gettext")
    context = parts.pop(0) if "p" in kind else None
    text = (parts[0], parts[1]) if "n" in kind else parts[0]
    return context, text, str(path.relative_to(ROOT))


def template() -> Catalog:
    """All texts of the sources."""
    catalog = Catalog(fuzzy=False)
    for context, text, file in in_sources():
        known = catalog.get(text if isinstance(text, str) else text[0], context)
        if known and known.pluralizable == isinstance(text, str):
            sys.exit(f"{file}: {text!r} has a plural in one place only; give it a context")
        catalog.add(text, None, [(file, 1)], context=context)
    return catalog


def path_of(language: str) -> Path:
    return ROOT / "locale" / language / "LC_MESSAGES/django.po"


def wanted(language: str, texts: Catalog) -> list[Message]:
    """What has to be translated into that language."""
    own = language == "en"  # that of the packages already
    return [
        row
        for row in texts
        if row.id and not (own and {file for file, _ in row.locations} <= {OF_PACKAGES, OF_SCRIPTS})
    ]


def updated(language: str, texts: Catalog) -> bytes:
    """The catalogue as it should be written, with all translations that there are."""
    path = path_of(language)
    have = read_po(path.open("rb"), locale=language) if path.exists() else Catalog()
    fresh = Catalog(locale=language, header_comment=f"# Webfon: {language}", fuzzy=False)
    for row in wanted(language, texts):
        known = have.get(_key(row), row.context)
        string = known.string if known and known.pluralizable == row.pluralizable else None
        flags = known.flags & {"fuzzy"} if known else ()
        fresh.add(row.id, string, row.locations, flags, context=row.context)
    output = BytesIO()
    write_po(output, fresh, width=100, sort_by_file=True, include_lineno=False, omit_header=True)
    return _header(fresh).encode() + output.getvalue()


def _header(catalog: Catalog) -> str:
    fields = {"Content-Type": "text/plain; charset=UTF-8", "Plural-Forms": catalog.plural_forms}
    lines = "".join(f'"{name}: {value}\\n"\n' for name, value in fields.items())
    return f'msgid ""\nmsgstr ""\n{lines}"Language: {catalog.locale}\\n"\n\n'


def _key(message: Message) -> str:
    return message.id[0] if isinstance(message.id, tuple) else message.id


def faults(language: str, texts: Catalog) -> Iterator[str]:
    """What is wrong with a catalogue, in words."""
    path = path_of(language)
    have = read_po(path.open("rb"), locale=language) if path.exists() else Catalog()
    there, due = _by_key(have), _by_key(wanted(language, texts))
    yield from (f"new in the sources: {key[0]!r}" for key in sorted(due.keys() - there.keys()))
    yield from (f"gone from the sources: {key[0]!r}" for key in sorted(there.keys() - due.keys()))
    for row in there.values():
        if wrong := wrong_with(row):
            yield f"{wrong}: {_key(row)!r}"


def _by_key(rows: Iterable[Message]) -> dict[tuple[str, str, bool], Message]:
    """By text, context, and whether there is a plural."""
    return {(_key(row), row.context or "", row.pluralizable): row for row in rows if row.id}


def wrong_with(row: Message) -> str:
    """What is wrong with a translation, or ``""``."""
    forms = row.string if isinstance(row.string, tuple) else (row.string,)
    if not all(forms):
        return "not translated"
    if row.fuzzy:
        return "unsure (fuzzy)"
    ids = row.id if isinstance(row.id, tuple) else (row.id,)
    if marks(forms[-1]) != marks(ids[-1]) or any(marks(each) - marks(ids[-1]) for each in forms):
        return "other placeholders or tags"
    if [each.strip() == each for each in ids[-1:]] != [each.strip() == each for each in forms[-1:]]:
        return "other blanks at the ends"
    return ""


def marks(text: str) -> Counter[str]:
    """The placeholders and tags in a text, and how often each occurs."""
    return Counter(PLACEHOLDER.findall(text))


def main(arguments: list[str]) -> int:
    texts = template()
    if "--check" in arguments:
        found = [f"{each}: {fault}" for each in LANGUAGES for fault in faults(each, texts)]
        print("\n".join(found) or "The catalogues are complete.")
        return 1 if found else 0
    for language, name in LANGUAGES.items():
        path = path_of(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(updated(language, texts))
        print(f"{path.relative_to(ROOT)}: {name}, {len([*faults(language, texts)])} to do")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
