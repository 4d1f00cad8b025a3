"""Makes the .mo of every locale/*/LC_MESSAGES/django.po that changed.

scripts/environment runs it.
"""

import os
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent


def compile_changed(root: Path = ROOT) -> None:
    """Bring every .mo up to its .po. What is unsure (fuzzy) or missing stays out."""
    for source in sorted(root.glob("locale/*/LC_MESSAGES/django.po")):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime_ns <= source.stat().st_mtime_ns:
            _compile(source, target)


def _compile(source: Path, target: Path) -> None:
    language = source.parent.parent.name
    with source.open("rb") as lines:
        catalog = read_po(lines, locale=language)
    # Two that compile at once, and a portal that reads meanwhile, must not meet half a file.
    fresh = target.with_suffix(f".{os.getpid()}.new")
    with fresh.open("wb") as output:
        write_mo(output, catalog)
    fresh.replace(target)


if __name__ == "__main__":
    compile_changed()
