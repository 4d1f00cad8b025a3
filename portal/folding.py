"""Text as it is compared: no accents, no capitals, no punctuation. Pure."""

import re
import unicodedata

UNDECOMPOSED = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "ı": "i", "æ": "ae", "œ": "oe"})
"""Letters that Unicode does not take apart into a letter and a mark."""

WORD = re.compile(r"[^\W_]+")
LONGEST_KEY = 100


def fold(text: str) -> str:
    """``Peña-Ibáñez, S.L.`` → ``pena ibanez s l``, cut where it is very long."""
    small = unicodedata.normalize("NFKD", text).casefold()
    apart = unicodedata.normalize("NFKD", small)
    bare = "".join(each for each in apart if not unicodedata.combining(each))
    return " ".join(WORD.findall(bare.translate(UNDECOMPOSED)))[:LONGEST_KEY].strip()
