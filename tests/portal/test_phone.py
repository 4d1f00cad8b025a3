"""``phone``: numbers as people write them, and patterns of numbers."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.phone import InvalidNumber, display, is_pattern, normalise, to_regex


@pytest.mark.parametrize(
    ("written", "dialled"),
    [
        ("201", "201"),
        ("600 12 31 23", "600123123"),
        ("+34 600-12-31-23", "600123123"),
        ("0034 915.55.12.34", "915551234"),
        (" (+34) 915 551 234 ", "915551234"),
        ("+44 20 7946 0000", "00442079460000"),
        ("0044 20 7946 0000", "00442079460000"),
        ("112", "112"),
    ],
)
def test_a_number_is_accepted_as_people_write_it(written, dialled):
    assert normalise(written) == dialled


@pytest.mark.parametrize(
    "written",
    [
        "",
        "+",
        "60012312A",
        "llámame",
        "600\r\n123123",
        "600\x00123123",
        "600|123123",
        "${EXTEN}",
        "600 123 123,,,g",
        "٦٠٠١٢٣١٢٣",
        "６００１２３１２３",
        "1" * 200,
        "60012312",
        "6001231231",
        "+34 600",
        "00",
        "600+123123",
        "600\u202e123123",
    ],
)
def test_what_is_no_number_is_refused_with_a_reason(written):
    with pytest.raises(InvalidNumber) as refused:
        normalise(written)
    assert len(str(refused.value)) > 20


@given(st.text(max_size=60))
def test_whatever_is_accepted_is_ascii_digits(text):
    try:
        number = normalise(text)
    except InvalidNumber:
        return
    assert re.fullmatch(r"[0-9]{1,17}", number)


@given(st.text("0123456789+ ", max_size=20))
def test_normalising_twice_changes_nothing(text):
    try:
        number = normalise(text)
    except InvalidNumber:
        return
    assert normalise(number) == number


@pytest.mark.parametrize(
    ("dialled", "shown"),
    [
        ("201", "201"),
        ("600123123", "600 12 31 23"),
        ("915551234", "915 55 12 34"),
        ("00442079460000", "+44 20 7946 0000"),
        ("anonymous", "anonymous"),
        ("", ""),
    ],
)
def test_a_number_is_shown_as_it_is_read(dialled, shown):
    assert display(dialled) == shown


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        ("2XX", "201", "2011"),
        ("[679]XXXXXXXX", "600123123", "800123123"),
        ("8[1-8]XXXXXXX", "811234567", "801234567"),
        ("00Z.", "0044123", "0004412"),
        ("N11", "211", "111"),
    ],
)
def test_a_pattern_means_what_an_administrator_reads(pattern, matching, other):
    regex = to_regex([pattern])
    assert re.search(regex, matching)
    assert not re.search(regex, other)


def test_no_patterns_permit_nothing():
    assert to_regex([]) == ""


@pytest.mark.parametrize("text", ["", "abc", "6*", "(6)", "[a-z]X", "6.6", "[", "6\n", "²"])
def test_what_is_no_pattern_is_refused(text):
    assert not is_pattern(text)


def test_repeated_symbols_are_kept_short():
    assert to_regex(["6XXXXXXXX"]) == "^(6[0-9]{8})$"
