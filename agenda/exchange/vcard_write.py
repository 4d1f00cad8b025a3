"""Writing vCard 3.0, which every telephone and mail program reads. Pure. Source: RFC 2426."""

from collections.abc import Iterator

from agenda.exchange.record import Record

LONGEST_LINE = 75
"""Octets of a line, its end not counted."""


def card(record: Record) -> bytes:
    """One contact as a card."""
    return b"".join(folded(line) for line in _lines(record))


def _lines(record: Record) -> Iterator[str]:
    surnames = " ".join(filter(None, (record.last_name, record.second_last_name)))
    yield "BEGIN:VCARD"
    yield "VERSION:3.0"
    yield f"N:{structure(surnames, record.first_name, '', '', '')}"
    if surnames:
        yield f"X-SECOND-SURNAME:{escaped(record.second_last_name)}"
    yield f"FN:{escaped(record.display_name)}"
    if record.company:
        yield f"ORG:{structure(record.company)}"
    for preferred, number in enumerate(record.numbers):
        yield f"TEL;TYPE=VOICE{'' if preferred else ',PREF'}:{escaped(number)}"
    for email in record.emails:
        yield f"EMAIL;TYPE=INTERNET:{escaped(email)}"
    place = (record.address, record.city, record.province, record.postcode)
    if any(place):
        yield f"ADR:{structure('', '', *place, '')}"
    yield "END:VCARD"


def structure(*parts: str) -> str:
    """The parts of a value that has several."""
    return ";".join(escaped(part) for part in parts)


def escaped(text: str) -> str:
    """The text with what has a meaning of its own marked."""
    for special in ("\\", ",", ";"):
        text = text.replace(special, f"\\{special}")
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")


def folded(line: str) -> bytes:
    """The line in UTF-8 with its end, cut into pieces between characters."""
    pieces: list[bytes] = [b""]
    room = LONGEST_LINE
    for character in line.encode("utf-8", "replace").decode():
        octets = character.encode()
        if len(pieces[-1]) + len(octets) > room:
            pieces.append(b"")
            room = LONGEST_LINE - 1
        pieces[-1] += octets
    return b"\r\n ".join(pieces) + b"\r\n"
