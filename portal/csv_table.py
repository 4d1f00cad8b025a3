"""The lines and columns of a CSV file, whoever wrote it. Pure."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

MOST_COLUMNS = 300
"""Outlook writes 92, Google one for each kind and label; more is another kind of table."""

LONGEST_FIELD = 64 * 1024
DELIMITERS = ";,\t"
SEEN = 64 * 1024
"""Characters by which a file is judged."""

OTHER_PROGRAMS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"!BDN", b"%PDF", b"\x1f\x8b", b"\x89PNG")
"""How spreadsheets, Outlook's own files, documents, archives and pictures begin."""


class NotReadable(ValueError):
    """The file cannot be read; the message says why and what to do, for whoever uploaded it."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a heading for each column."""

    headings: list[str]
    text: str
    delimiter: str

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Number and cells of each line after the headings, empty ones left out.

        Raises ``NotReadable`` where a line cannot be told apart from what follows it.
        """
        number, cells = 0, [""]
        for number, cells in enumerate(_read(self.text, self.delimiter), start=1):
            if number > 1 and any(cell.strip() for cell in cells):
                yield number, cells
        if self.text.count('"') % 2 and any("\n" in cell for cell in cells):
            raise _unclosed(number)


def read(content: bytes) -> Table:
    """The table in a file. Raises ``NotReadable`` where there is none."""
    if content.startswith(OTHER_PROGRAMS):
        raise NotReadable(
            _("Eso no es un archivo de texto. Guárdalo como CSV o expórtalo como vCard.")
        )
    text = decoded(content)
    text, delimiter = _announced(text)
    delimiter = delimiter or _likeliest(text)
    headings = next(_read(text, delimiter), [])
    if not any(cell.strip() for cell in headings):
        raise NotReadable(_("El archivo está vacío."))
    if len(headings) > MOST_COLUMNS:
        raise NotReadable(
            _("La tabla tiene %(columns)d columnas; aquí caben %(most)d.")
            % {"columns": len(headings), "most": MOST_COLUMNS}
        )
    return Table([" ".join(cell.split()) for cell in headings], text, delimiter)


def decoded(content: bytes) -> str:
    """The text of a file: by its mark, else UTF-16 or UTF-8 if it is, else line by line."""
    marks = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le"}
    marks[codecs.BOM_UTF16_BE] = "utf-16-be"
    for mark, encoding in marks.items():
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, "replace")
    for encoding, odd in (("utf-16-le", 1), ("utf-16-be", 0)):
        if _has_zeros(content, odd):
            return content.decode(encoding, "replace")
    try:
        return content.decode()
    except UnicodeDecodeError:
        return "".join(_line(line) for line in content.splitlines(keepends=True))


def _has_zeros(content: bytes, odd: int) -> bool:
    """Whether every second byte is mostly zero, as Latin letters are in UTF-16."""
    sample = content[:SEEN]
    return len(sample) > 8 and sample[odd::2].count(0) > len(sample) * 0.3


def _line(line: bytes) -> str:
    for encoding in ("utf-8", "cp1252"):
        try:
            return line.decode(encoding)
        except UnicodeDecodeError:
            continue
    return line.decode("latin-1")


def _announced(text: str) -> tuple[str, str]:
    """The text without Excel's first line ``sep=;``, and the delimiter that it names."""
    said = re.match(r'"?sep=([;,\t|])"?\r?\n', text)
    return (text[said.end() :], said[1]) if said else (text, "")


def _likeliest(text: str) -> str:
    """The delimiter that makes most columns of the first line."""
    head = text[:SEEN]
    counts = {each: len(next(_read(head, each, strict=False), [])) for each in DELIMITERS}
    return max(counts, key=lambda each: counts[each])


def _read(text: str, delimiter: str, *, strict: bool = True) -> Iterator[list[str]]:
    lines = csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter=delimiter)
    csv.field_size_limit(LONGEST_FIELD)
    try:
        yield from lines
    except csv.Error as error:
        if strict:
            raise _unclosed(lines.line_num) from error


def _unclosed(line: int) -> NotReadable:
    return NotReadable(
        _("Desde la línea %d no se entiende el archivo: quizá falta cerrar unas comillas.") % line
    )
