"""The lines of a vCard file: unfolded, never longer than a limit, pictures left out. Pure.

Nothing is read as a whole: a file with large pictures takes no more memory than one without.
"""

import codecs
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from tempfile import TemporaryFile
from typing import BinaryIO

LONGEST_LINE = 64 * 1024
"""Bytes of a property; what is longer is cut off."""

KEPT = frozenset(
    (
        "ADR",
        "AGENT",
        "BEGIN",
        "EMAIL",
        "END",
        "FN",
        "N",
        "ORG",
        "TEL",
        "VERSION",
        "X-SECOND-SURNAME",
    )
)
"""The properties that are looked at; all others are skipped while they are read."""

HEAD = re.compile(rb"\s*(?:[A-Za-z0-9_-]+\.)?([A-Za-z0-9-]+)\s*[;:]")
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class Property:
    """One property as it stands in the file, with its value not yet decoded."""

    name: str
    params: dict[str, list[str]] = field(default_factory=dict)
    value: bytes = b""

    def words(self, name: str) -> set[str]:
        """The values of a parameter, such as the types of a number, in small letters."""
        return {part.lower() for value in self.params.get(name, ()) for part in value.split(",")}


def properties(file: BinaryIO) -> Iterator[Property]:
    """The properties of all cards of a file, in their order."""
    for line in kept(file):
        if found := _parsed(line):
            yield found


def kept(file: BinaryIO) -> Iterator[bytes]:
    """The lines of a file that are looked at, unfolded and without their ends."""
    yield from _unfolded(_physical(_as_bytes_of_text(file)))


def _as_bytes_of_text(file: BinaryIO) -> BinaryIO:
    """The file from its beginning, in one encoding, and with a line feed after every line."""
    file.seek(0)
    head = file.read(LONGEST_LINE)
    if head.startswith(UTF_16):
        decoder = codecs.getincrementaldecoder("utf-16")("replace")
        file = _copied(file, lambda chunk: decoder.decode(chunk).encode("utf-8", "replace"))
        head = file.read(LONGEST_LINE)
    if b"\r" in head and b"\n" not in head:
        file = _copied(file, lambda chunk: chunk.replace(b"\r", b"\n"))
    file.seek(3 if head.startswith(codecs.BOM_UTF8) else 0)
    return file


def _copied(file: BinaryIO, change: Callable[[bytes], bytes]) -> BinaryIO:
    copy = TemporaryFile()  # noqa: SIM115 - it lives as long as whoever reads it
    file.seek(0)
    while chunk := file.read(LONGEST_LINE):
        copy.write(change(chunk))
    copy.seek(0)
    return copy


def _physical(file: BinaryIO) -> Iterator[bytes]:
    """The lines without their ends, cut where they are too long."""
    while line := file.readline(LONGEST_LINE):
        ended = line.endswith(b"\n")
        yield line.rstrip(b"\r\n")
        while not ended and (rest := file.readline(LONGEST_LINE)):
            ended = rest.endswith(b"\n")


def _unfolded(lines: Iterator[bytes]) -> Iterator[bytes]:
    """Whole properties: a line that begins with a space goes on with the one before it.

    So does the line after one that ends in ``=``, where the value is quoted-printable.
    """
    parts: list[bytes] = []
    size, quoted, soft = 0, False, False
    for line in lines:
        if soft or line[:1] in {b" ", b"\t"}:
            part = line if soft else line[1:]
            if parts and size < LONGEST_LINE:
                parts.append(part)
        else:
            if parts:
                yield b"".join(parts)
            parts, size, quoted = ([line] if _is_wanted(line) else []), 0, _is_quoted(line)
        size += len(line)
        soft = quoted and line.endswith(b"=")
        if soft and parts and parts[-1].endswith(b"="):
            parts[-1] = parts[-1][:-1]
    if parts:
        yield b"".join(parts)


def _is_wanted(line: bytes) -> bool:
    head = HEAD.match(line)
    return head is not None and head[1].decode("ascii").upper() in KEPT


def _is_quoted(line: bytes) -> bool:
    return b"QUOTED-PRINTABLE" in line.split(b":", 1)[0].upper()


PARAM = re.compile(r';([^;:="]*)(?:=((?:"[^"]*"|[^;:"])*))?')


def _parsed(line: bytes) -> Property | None:
    """Name, parameters and value; ``None`` for a line without a value."""
    head = HEAD.match(line)
    if head is None:
        return None
    rest = line[head.end() - 1 :].decode("utf-8", "surrogateescape")
    params: dict[str, list[str]] = {}
    at = 0
    while match := PARAM.match(rest, at):
        name, value = match[1].strip().upper(), match[2]
        # In version 2.1 a type or an encoding may stand alone: TEL;CELL:...
        key, text = (name, value) if value is not None else ("", name)
        params.setdefault(key or "TYPE", []).append(text.replace('"', "").strip())
        at = match.end()
    if rest[at : at + 1] != ":":
        return None
    value = rest[at + 1 :].encode("utf-8", "surrogateescape")
    return Property(head[1].decode("ascii").upper(), params, value)
