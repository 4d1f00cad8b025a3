"""What people write: as it is stored, searched and shown. Pure."""

import re
import unicodedata
from uuid import UUID, uuid4

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from portal.folding import fold

KEPT = "\n\t"
TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Characters that make what follows run the other way (Unicode UAX #9)."""

TURNED = "\ufffd"
INVISIBLE = re.compile("[\u200b\u2028\u2029\u2060-\u2064\ufeff\ufff9-\ufffb]")
LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]}»]", re.IGNORECASE)
LINES = re.compile(r"\r\n?|\n")
MANY_EMPTY = re.compile(r"\n{4,}")


def clean(text: str) -> str:
    """As it is stored: without control characters, and without space around it."""
    text = LINES.sub("\n", text)
    kept = (c for c in text if c in KEPT or unicodedata.category(c) not in {"Cc", "Cs"})
    return MANY_EMPTY.sub("\n\n\n", "".join(kept).strip())


def searchable(text: str) -> str:
    """Its words, small and without accents."""
    return " ".join(filter(None, map(fold, text.split())))


def shown(text: str) -> str:
    """Without anything that would make it look like another text."""
    return INVISIBLE.sub("", TURNING.sub(TURNED, text))


def linked(text: str) -> SafeString:
    """As HTML: nothing in it has a meaning but addresses of the web, which become links."""
    text = shown(text)
    pieces: list[SafeString] = []
    position = 0
    for found in LINK.finditer(text):
        pieces.append(format_html("{}", text[position : found.start()]))
        link = '<a href="{}" rel="nofollow noopener noreferrer" target="_blank">{}</a>'
        pieces.append(format_html(link, found[0], found[0]))
        position = found.end()
    pieces.append(format_html("{}", text[position:]))
    return format_html_join("", "{}", ((piece,) for piece in pieces))


def client_id_of(text: str) -> UUID:
    """The id that was sent; a new one where there is none, as without JavaScript."""
    try:
        return UUID(text)
    except ValueError:
        return uuid4()
