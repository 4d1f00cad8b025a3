"""Words as the search compares them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agenda.folding import LONGEST_WORD, MOST_TERMS, terms, words_in
from portal.folding import LONGEST_KEY, fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Peña-Ibáñez, S.L.", "pena ibanez s l"),
        ("  ÓSCAR   Núñez ", "oscar nunez"),
        ("Straße Ærø Łódź", "strasse aero lodz"),
        ("ﬁn ①", "fin 1"),
        ("Ναύπλιο", "ναυπλιο"),
        ("!?_…", ""),
        ("", ""),
    ],
)
def test_accents_capitals_and_marks_do_not_count(text, folded):
    assert fold(text) == folded


@given(st.text())
def test_folding_twice_changes_nothing_and_nothing_gets_too_long(text):
    once = fold(text)
    assert fold(once) == once
    assert len(once) <= LONGEST_KEY


@given(st.text(max_size=60))
def test_whoever_types_a_name_as_it_is_written_finds_it(text):
    words = words_in([text], [])
    assert all(any(word.startswith(term) for word in words) for term in terms(text)) or (
        text.strip() and terms(text)[0].isdigit()
    )


@given(st.text())
def test_what_is_typed_becomes_a_few_short_words(text):
    found = terms(text)
    assert len(found) <= MOST_TERMS
    assert all(0 < len(term) <= LONGEST_WORD for term in found)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("600 12 31", ["6001231"]),
        ("+34 600-12", ["60012"]),
        ("0034 600 12", ["60012"]),
        ("+44 20", ["4420"]),
        ("00 44 20", ["004420"]),
        ("lucía 600", ["lucia", "600"]),
        ("lucia@duero.es", ["lucia", "duero", "es"]),
        ("-- ", []),
    ],
)
def test_what_looks_like_a_number_is_one_word(typed, found):
    assert terms(typed) == found


def test_a_number_of_another_country_is_found_with_00_and_without():
    assert words_in([], ["00442079460018", ""]) == {"00442079460018", "442079460018"}
