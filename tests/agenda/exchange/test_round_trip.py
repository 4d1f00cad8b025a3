"""What is written is read again as it was: quoting, folding, formulas, encodings, any text."""

import io
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agenda.exchange import csv_read, csv_write, lines, vcard, vcard_write
from agenda.exchange.headings import columns
from agenda.exchange.record import Record, cleaned
from portal import csv_cells, csv_table
from portal.csv_table import NotReadable

WORDS = st.text(
    st.characters(exclude_categories=["C", "Z"]) | st.sampled_from("\\;,:\"'=+-@ \u00f1\U0001f600"),
    max_size=60,
).map(cleaned)
UNHURRIED = settings(suppress_health_check=[HealthCheck.too_slow])
NAMES = WORDS.filter(bool)
NUMBERS = st.from_regex(r"\+?[0-9]{3,15}", fullmatch=True)
EMAILS = st.from_regex(r"[a-z0-9]{1,9}@[a-z]{1,9}\.es", fullmatch=True)
RECORDS = st.builds(
    Record,
    place=st.just(1),
    first_name=NAMES,
    last_name=WORDS,
    second_last_name=WORDS,
    display_name=NAMES,
    company=WORDS,
    address=WORDS,
    postcode=WORDS,
    city=WORDS,
    province=WORDS,
    numbers=st.lists(NUMBERS, max_size=4, unique=True).map(tuple),
    emails=st.lists(EMAILS, max_size=1).map(tuple),
)


@UNHURRIED
@given(RECORDS)
def test_a_card_says_what_was_written_into_it(record):
    written = vcard_write.card(record)
    (read,) = vcard.read(io.BytesIO(written))
    if not record.last_name and record.second_last_name:
        # One surname is one surname, whichever of the two it was called.
        assert read.last_name + read.second_last_name == record.second_last_name
        return
    assert read == record


@UNHURRIED
@given(RECORDS)
def test_a_line_of_a_card_is_never_too_long_and_no_letter_is_cut(record):
    for line in vcard_write.card(record).split(b"\r\n"):
        assert len(line) <= 75
        line.decode()


@UNHURRIED
@given(st.lists(RECORDS, min_size=1, max_size=5))
def test_a_table_says_what_was_written_into_it(records):
    content = "".join(csv_write.lines(records)).encode()
    found = csv_table.read(content)
    assert found.delimiter == ";"
    read = list(csv_read.read(found, columns(found.headings)))
    assert read == [replace(record, place=at) for at, record in enumerate(records, start=2)]


@UNHURRIED
@given(st.lists(WORDS, min_size=1, max_size=6))
def test_no_cell_begins_a_formula(texts):
    for text in texts:
        safe = csv_cells.safe(text)
        assert safe[:1] not in {"=", "+", "-", "@", "\t", "\r"} or csv_cells.NUMBER.fullmatch(safe)
        assert csv_cells.unprotected(safe) == text


@pytest.mark.parametrize("text", ["+34 600 11 22 33", "+34600112233", "600112233", "201"])
def test_a_telephone_number_stays_as_it_is(text):
    assert csv_cells.safe(text) == text


@pytest.mark.parametrize(
    "text", ["+34+cmd|' /C calc'!A0", "+1*2", "-1", "@SUM(A1)", "=1+1", "\t=1"]
)
def test_what_only_looks_like_a_number_is_protected(text):
    assert csv_cells.safe(text) == f"'{text}"


@UNHURRIED
@given(st.text(max_size=300), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]))
def test_any_text_in_any_encoding_is_read_or_refused_in_words(text, encoding):
    content = text.encode(encoding, "replace")
    with suppress(NotReadable):
        found = csv_table.read(content)
        list(csv_read.read(found, columns(found.headings)))


@UNHURRIED
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_in_words(content):
    with suppress(NotReadable):
        list(vcard.read(io.BytesIO(b"BEGIN:VCARD\n" + content)))
    with suppress(NotReadable):
        list(csv_table.read(content).rows())


@UNHURRIED
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=120), st.integers(1, 40))
def test_a_folded_line_is_unfolded_wherever_it_was_cut(text, width):
    value = vcard_write.escaped(cleaned(text)).encode()
    whole = b"FN:" + value
    pieces = [whole[at : at + width] for at in range(0, len(whole), width)]
    pieces = [pieces[0], *(b" " + piece for piece in pieces[1:])]
    if width >= 3:
        assert list(lines.kept(io.BytesIO(b"\r\n".join(pieces)))) == [whole]
