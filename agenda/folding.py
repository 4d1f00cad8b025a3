"""The words by which somebody is found, and those that were typed. Pure."""

import re
from collections.abc import Iterable

from portal.folding import fold

LIKE_A_NUMBER = re.compile(r"[0-9\s.\-()/+\u2010-\u2015]*[0-9][0-9\s.\-()/+\u2010-\u2015]*")
LONGEST_WORD, MOST_TERMS = 40, 8


def words_in(texts: Iterable[str], numbers: Iterable[str]) -> set[str]:
    """Every word by whose beginning somebody may be found.

    A number of another country is found with 00 before it and without.
    """
    words = {word[:LONGEST_WORD] for text in texts for word in fold(text).split()}
    for number in filter(None, numbers):
        words |= {number, number.removeprefix("00")}
    return words - {""}


def terms(typed: str, own_prefix: str = "34") -> list[str]:
    """The beginnings of words that somebody typed; what looks like a number is one of them.

    The country's ``own_prefix`` falls off a number, as numbers of the country are stored without.
    """
    if LIKE_A_NUMBER.fullmatch(typed.strip()):
        written = re.sub(r"[^0-9+]", "", typed)
        digits = re.sub(r"[^0-9]", "", typed)
        if written.startswith(("+" + own_prefix, "00" + own_prefix)):
            digits = digits.removeprefix("00").removeprefix(own_prefix)
        return [digits[:LONGEST_WORD]] if digits else []
    folded = dict.fromkeys(word[:LONGEST_WORD] for word in fold(typed).split())
    return list(folded)[:MOST_TERMS]
