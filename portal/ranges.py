"""Answering with a file, or with the part of it that was asked for (RFC 9110, sections 13 and 14).

One range is served as asked; several at once get the whole file, which section 14.2 allows.
"""

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import BinaryIO

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header

BLOCK = 64 * 1024
UNSATISFIABLE = 416
PARTIAL = 206
MOST_DIGITS = 18
"""A number of bytes with more digits than this lies beyond the end of every file."""

SPEC = re.compile(r"([0-9]*)-([0-9]*)", re.ASCII)


class Unsatisfiable(Exception):
    """Nothing of what was asked for lies within the file."""


@dataclass(frozen=True, slots=True)
class Part:
    """``length`` bytes from ``start`` on."""

    start: int
    length: int

    def content_range(self, size: int) -> str:
        """The header's value for this part of ``size`` bytes."""
        return f"bytes {self.start}-{self.start + self.length - 1}/{size}"


def parse_range(header: str, size: int) -> Part | None:
    """The part of ``size`` bytes that a ``Range`` header asks for; ``None`` means all of them.

    All is the answer, too, to other units, to what makes no sense and to several parts at once.
    Raises ``Unsatisfiable``.
    """
    unit, equals, wanted = header.partition("=")
    if not equals or unit.lower() != "bytes":
        return None
    specs = [spec.strip(" \t") for spec in wanted.split(",")]
    matches = [SPEC.fullmatch(spec) for spec in specs if spec]
    pairs = [(match[1], match[2]) for match in matches if match and match[0] != "-"]
    if not pairs or len(pairs) < len(matches) or any(_runs_backwards(*pair) for pair in pairs):
        return None
    found = [part for pair in pairs if (part := _part(*pair, size))]
    if not found:
        raise Unsatisfiable
    return found[0] if len(pairs) == 1 and found[0].length else None


def _runs_backwards(first: str, last: str) -> bool:
    return bool(first and last) and _number(last) < _number(first)


def _part(first: str, last: str, size: int) -> Part | None:
    """What one spec means, or ``None`` where it lies beyond the end."""
    if not first:
        length = min(_number(last), size)
        return Part(size - length, length) if _number(last) else None
    start = _number(first)
    if start >= size:
        return None
    end = min(_number(last), size - 1) if last else size - 1
    return Part(start, end - start + 1)


def _number(digits: str) -> int:
    """The number; of one that is absurdly long, a huge one."""
    digits = digits.lstrip("0") or "0"
    return int(digits) if len(digits) <= MOST_DIGITS else 10**MOST_DIGITS


def answer(
    request: HttpRequest, file: BinaryIO, *, content_type: str, filename: str, attached: bool
) -> HttpResponseBase:
    """The file, opened at its beginning, to GET or HEAD; closed when it is sent.

    ``attached`` makes the browser keep it under ``filename`` instead of showing it.
    """
    size = file.seek(0, os.SEEK_END)
    etag = etag_of(file, size)
    response = get_conditional_response(request, etag=etag) or _body(request, file, size, etag)
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-store"
    response["Accept-Ranges"] = "bytes"
    # What is compressed on the way could not be asked for in parts.
    response["Content-Encoding"] = "identity"
    if response.status_code in (200, PARTIAL):
        response["Content-Type"] = content_type
        response["Content-Disposition"] = content_disposition_header(attached, filename) or "inline"
    if not isinstance(response, StreamingHttpResponse):
        file.close()
    return response


def etag_of(file: BinaryIO, size: int) -> str:
    """Strong: the same for the same bytes, another for others.

    A file on a disk is known by its last change; what has just been made, by its bytes.
    """
    try:
        facts = os.fstat(file.fileno())
    except OSError:
        facts = None
    if facts and stat.S_ISREG(facts.st_mode) and facts.st_nlink:
        return f'"{facts.st_mtime_ns:x}-{size:x}"'
    digest = blake2b(digest_size=12)
    file.seek(0)
    while block := file.read(BLOCK):
        digest.update(block)
    return f'"{digest.hexdigest()}"'


def _body(request: HttpRequest, file: BinaryIO, size: int, etag: str) -> HttpResponseBase:
    """The bytes, or 416. ``If-Range`` with another version asks for the whole file."""
    part = None
    asks = request.method == "GET" and request.headers.get("If-Range", etag) == etag
    if asks and "Range" in request.headers:
        try:
            part = parse_range(request.headers["Range"], size)
        except Unsatisfiable:
            beyond = HttpResponse(status=UNSATISFIABLE)
            beyond["Content-Range"] = f"bytes */{size}"
            return beyond
    if request.method == "HEAD":
        whole = HttpResponse()
        whole["Content-Length"] = str(size)
        return whole
    sent = part or Part(0, size)
    response = StreamingHttpResponse(Slice(file, sent), status=PARTIAL if part else 200)
    response["Content-Length"] = str(sent.length)
    if part:
        response["Content-Range"] = part.content_range(size)
    return response


class Slice:
    """Reads one part of a file block by block, and closes the file when Django is done with it."""

    def __init__(self, file: BinaryIO, part: Part) -> None:
        self.file, self.left = file, part.length
        file.seek(part.start)

    def __iter__(self) -> Iterator[bytes]:
        while self.left and (block := self.file.read(min(BLOCK, self.left))):
            self.left -= len(block)
            yield block

    def close(self) -> None:
        """Called by the server, also when nobody read to the end."""
        self.file.close()
