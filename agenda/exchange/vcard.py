"""Reading vCard 2.1, 3.0 and 4.0 as telephones and mail programs write them. Pure.

Sources: vCard 2.1 (versit, 1996), RFC 2426, RFC 6350, RFC 9554 for the second surname; the
differences between the programs are those of their files under ``tests/agenda/exchange/files``.
"""

import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from django.utils.translation import gettext as _

from agenda.exchange.lines import Property, properties
from agenda.exchange.record import (
    MOST_EMAILS,
    MOST_NUMBERS,
    Record,
    cleaned,
    cleaned_number,
    named,
    split_surnames,
)
from portal.csv_table import NotReadable

CHARSETS = ("utf-8", "us-ascii", "iso-8859-1", "iso-8859-15", "windows-1250", "windows-1252")
"""What a file may say its text is in; anything else is found out."""

NOT_FOR_TALKING = {"fax", "pager", "modem", "bbs", "textphone", "telex", "tlx"}
NOT_PREFERRED = 101
SURNAMES, GIVEN, ADDITIONAL, SECOND_SURNAME = 0, 1, 2, 5
EXTENDED, STREET, CITY, PROVINCE, POSTCODE = range(1, 6)


def read(file: BinaryIO) -> Iterator[Record]:
    """The cards of a file. Raises ``NotReadable`` at the end of one that holds none."""
    place = 0
    for card in _cards(file):
        place += 1
        yield card.record(place)
    if not place:
        raise NotReadable(_("En el archivo no hay ninguna tarjeta vCard."))


@dataclass
class Card:
    """What stands between one BEGIN and its END."""

    version: str = "3.0"
    found: dict[str, list[Property]] = field(default_factory=dict)
    depth: int = 1
    expects_inner: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether its end has been read."""
        return not self.depth

    def take(self, each: Property, edge: str) -> None:
        """Take the next property; cards inside this one are somebody else's."""
        self.depth += {"BEGIN": 1, "END": -1}.get(edge, 0)
        if self.depth == 1 and not edge:
            self._add(each)
        # In version 2.1 a card may stand inside another, as its AGENT.
        agent = each.name == "AGENT" and not each.value.strip()
        self.expects_inner = agent or self.depth > 1

    def _add(self, each: Property) -> None:
        if each.name == "VERSION":
            self.version = each.value.decode("ascii", "replace").strip()
        elif len(self.found.setdefault(each.name, [])) < MOST_NUMBERS:
            self.found[each.name].append(each)

    def record(self, place: int) -> Record:
        """The card as a record."""
        surnames, second, given = self._names()
        address = self._best_address()
        emails = (cleaned(self._text(each)) for each in self._preferred("EMAIL"))
        record = Record(
            place=place,
            first_name=given,
            last_name=surnames,
            second_last_name=second,
            display_name=self._first_text("FN"),
            company=cleaned(_part(self._structure("ORG"), 0)),
            address=" ".join(filter(None, (_part(address, STREET), _part(address, EXTENDED)))),
            postcode=_part(address, POSTCODE),
            city=_part(address, CITY),
            province=_part(address, PROVINCE),
            numbers=tuple(self._numbers()),
            emails=tuple(dict.fromkeys(filter(None, emails)))[:MOST_EMAILS],
            problem="" if self.is_whole else _("La tarjeta está cortada."),
        )
        return named(record)

    def _names(self) -> tuple[str, str, str]:
        parts = self._structure("N")
        surnames, given = _part(parts, SURNAMES), _part(parts, GIVEN)
        given = " ".join(filter(None, (given, _part(parts, ADDITIONAL))))
        second = self._first_text("X-SECOND-SURNAME") or _part(parts, SECOND_SURNAME)
        if second and f" {surnames}".endswith(f" {second}"):
            return surnames[: -len(second)].strip(), second, given
        if second:
            return surnames, second, given
        if "X-SECOND-SURNAME" in self.found:
            return surnames, "", given
        return *split_surnames(surnames), given

    def _numbers(self) -> Iterator[str]:
        lines = self._preferred("TEL")
        spoken = [each for each in lines if not each.words("TYPE") & NOT_FOR_TALKING]
        yield from dict.fromkeys(
            number for each in spoken or lines if (number := cleaned_number(self._text(each)))
        )

    def _best_address(self) -> list[str]:
        """The preferred address, or the first one that says something."""
        for each in self._preferred("ADR"):
            parts = self._split(each)
            if any(_part(parts, at) for at in (STREET, CITY, PROVINCE, POSTCODE)):
                return parts
        return []

    def _preferred(self, name: str) -> list[Property]:
        return sorted(self.found.get(name, []), key=_preference)

    def _first_text(self, name: str) -> str:
        texts = (cleaned(self._text(each)) for each in self._preferred(name))
        return next(filter(None, texts), "")

    def _structure(self, name: str) -> list[str]:
        found = self._preferred(name)
        return self._split(found[0]) if found else []

    def _split(self, each: Property) -> list[str]:
        """The parts of a value that has several, such as a name."""
        parts = re.split(r"(?<!\\)((?:\\\\)*);", _decoded(each))
        whole = [
            text + slashes for text, slashes in zip(parts[::2], [*parts[1::2], ""], strict=True)
        ]
        return [self._unescaped(part).replace("\n", " ").strip() for part in whole]

    def _text(self, each: Property) -> str:
        return self._unescaped(_decoded(each))

    def _unescaped(self, text: str) -> str:
        """What the backslashes mean; in version 2.1 no line break is written that way."""
        breaks = r"[,;:\\]" if self.version == "2.1" else r"[,;:\\nN]"
        return re.sub(rf"\\({breaks})", lambda m: "\n" if m[1] in "nN" else m[1], text)


def _cards(file: BinaryIO) -> Iterator[Card]:
    """The cards of a file; one without an end ends where the next one begins."""
    card: Card | None = None
    for each in properties(file):
        edge = each.name if each.value.strip().upper() == b"VCARD" else ""
        if edge == "BEGIN" and not (card and card.expects_inner):
            if card:
                yield card
            card = Card()
        elif card:
            card.take(each, edge)
            if card.is_whole:
                yield card
                card = None
    if card:
        yield card


def _part(parts: list[str], at: int) -> str:
    return cleaned(parts[at]) if at < len(parts) else ""


def _preference(each: Property) -> int:
    """How far from the front a value belongs: PREF=1 of 4.0, ``pref`` among the types before."""
    if "pref" in each.words("TYPE"):
        return 1
    said = next(iter(each.params.get("PREF", [])), "")
    return int(said) if re.fullmatch(r"[0-9]{1,3}", said) else NOT_PREFERRED


def _decoded(each: Property) -> str:
    """The value as text, whatever the file says or keeps to itself about its encoding."""
    value = each.value
    if "quoted-printable" in each.words("ENCODING") | each.words("TYPE"):
        value = quopri.decodestring(value)
    said = next(iter(each.params.get("CHARSET", [])), "").lower()
    tries = ([said] if said in CHARSETS else []) + ["utf-8", "cp1252"]
    for charset in tries:
        try:
            return value.decode(charset)
        except UnicodeDecodeError:
            continue
    return value.decode("latin-1")
