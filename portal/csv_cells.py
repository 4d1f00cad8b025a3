"""Writing CSV as spreadsheets in Spain open it: semicolons, UTF-8 with its mark. Pure.

No cell is read as a formula (OWASP, CSV injection): what begins like one gets an apostrophe. A
telephone number is left as it is.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence

BOM = "\ufeff"
NUMBER = re.compile(r"\+?[0-9][0-9 ]*")
PROTECTED = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")
DANGEROUS = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")


def written(rows: Iterable[Sequence[object]]) -> str:
    """The lines of a file, with every text in them made safe."""
    text = io.StringIO(newline="")
    lines = csv.writer(text, delimiter=";", lineterminator="\r\n")
    lines.writerows([safe(each) if isinstance(each, str) else each for each in row] for row in rows)
    return text.getvalue()


def safe(text: str) -> str:
    """The text so that no spreadsheet calculates with it."""
    if NUMBER.fullmatch(text) or not DANGEROUS.match(text):
        return text
    return f"'{text}"


def unprotected(cell: str) -> str:
    """The cell as it was before it was made safe."""
    text = cell.strip(" \n")
    return text[1:] if PROTECTED.match(text) else text
