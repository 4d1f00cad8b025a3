"""What a file says of one person, whatever the kind of file. Pure."""

import re
import unicodedata
from dataclasses import dataclass, replace

MOST_NUMBERS, MOST_EMAILS = 20, 10
"""More of one person's are not read."""

PARTICLES = {"da", "das", "de", "del", "della", "di", "do", "dos", "e", "i", "la", "las", "los"}
PARTICLES |= {"mac", "san", "santa", "van", "von", "y"}
"""Words that belong to the word after them: «de la Fuente» is one surname."""


@dataclass(frozen=True, slots=True)
class Record:
    """One card or one line. ``place`` counts from 1; ``problem`` is why it cannot be taken."""

    place: int
    first_name: str = ""
    last_name: str = ""
    second_last_name: str = ""
    display_name: str = ""
    company: str = ""
    address: str = ""
    postcode: str = ""
    city: str = ""
    province: str = ""
    numbers: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    problem: str = ""

    def is_empty(self) -> bool:
        """Whether it says nothing at all."""
        return self == Record(self.place)


def named(record: Record) -> Record:
    """The record with the names that can be told from each other.

    Whoever has no name of their own is called as they are shown, or as their company.
    """
    whole = " ".join(filter(None, (record.first_name, record.last_name, record.second_last_name)))
    shown = record.display_name or whole or record.company
    return replace(record, first_name=record.first_name or shown, display_name=shown)


def split_surnames(surnames: str) -> tuple[str, str]:
    """«García López» as two surnames, «de la Fuente» as one.

    Where there are more than two, the last one is the second.
    """
    groups: list[str] = []
    open_group = False
    for word in surnames.split():
        if open_group:
            groups[-1] += f" {word}"
        else:
            groups.append(word)
        open_group = word.lower() in PARTICLES
    if len(groups) < 2 or open_group:
        return " ".join(groups), ""
    return " ".join(groups[:-1]), groups[-1]


def cleaned(text: str) -> str:
    """The text on one line, without characters that nobody sees and no database keeps."""
    seen = (c for c in text if c.isspace() or unicodedata.category(c) not in {"Cc", "Cf", "Cs"})
    return " ".join("".join(seen).split())


EXTENSION = re.compile(r"(?i)(?<=[0-9) ])\s*(?:[,;pwx#]|ext\.?|extensi[oó]n)\s*[0-9 ,;pwx#*]*$")


def cleaned_number(text: str) -> str:
    """A number without what is dialled after it, such as an extension, and without «tel:»."""
    number = cleaned(text.replace("\xa0", " "))
    number = re.sub(r"(?i)^(?:tel|sip|callto):", "", number).split(";")[0]
    number = re.sub(r"(?<=[0-9])\s*\(0\)\s*", " ", number)
    return EXTENSION.sub("", number).strip()
