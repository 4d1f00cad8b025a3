"""Reading the lines of a table as records, by what its columns mean. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from agenda.exchange.headings import EMAIL, NUMBER, SURNAMES, Column
from agenda.exchange.record import (
    MOST_EMAILS,
    MOST_NUMBERS,
    Record,
    cleaned,
    cleaned_number,
    named,
    split_surnames,
)
from portal.csv_cells import unprotected
from portal.csv_table import Table

SEVERAL = re.compile(r"\s*:::\s*")
"""Google puts several values of the same label into one cell."""

PLACE = frozenset({"address", "postcode", "city", "province"})


def read(table: Table, columns: list[Column]) -> Iterator[Record]:
    """The people of a table. Raises ``NotReadable`` where a line cannot be understood."""
    for number, cells in table.rows():
        row = Row()
        for column, cell in zip(columns, cells, strict=False):
            if column.kind and (text := unprotected(cell)):
                row.put(column, text)
        record = row.record(number)
        if not record.is_empty():
            yield record


@dataclass
class Row:
    """The cells of one line, by what they mean."""

    texts: dict[str, str] = field(default_factory=dict)
    places: dict[str, dict[str, str]] = field(default_factory=dict)
    numbers: list[str] = field(default_factory=list)
    emails: list[str] = field(default_factory=list)

    def put(self, column: Column, text: str) -> None:
        """Take a cell in. Of several columns that mean the same, the first that is not empty."""
        kind = column.kind
        if kind == NUMBER:
            self.numbers += [cleaned_number(each) for each in SEVERAL.split(text)]
        elif kind == EMAIL:
            self.emails += [cleaned(each) for each in SEVERAL.split(text)]
        elif kind in PLACE:
            place = self.places.setdefault(column.place, {})
            before = f"{place[kind]}, " if column.goes_on and kind in place else ""
            if before or kind not in place:
                place[kind] = before + cleaned(text)
        else:
            self.texts.setdefault(kind, cleaned(text))

    def record(self, number: int) -> Record:
        """The line as a record."""
        texts = self.texts | next(iter(self.places.values()), {})
        middle, surnames = texts.pop("middle_name", ""), texts.pop(SURNAMES, "")
        if surnames and "last_name" not in texts:
            texts["last_name"], second = split_surnames(surnames)
            texts.setdefault("second_last_name", second)
        if middle:
            texts["first_name"] = f"{texts.get('first_name', '')} {middle}".strip()
        numbers = tuple(dict.fromkeys(filter(None, self.numbers)))[:MOST_NUMBERS]
        emails = tuple(dict.fromkeys(each for each in self.emails if "@" in each))[:MOST_EMAILS]
        return named(Record(number, **texts, numbers=numbers, emails=emails))
