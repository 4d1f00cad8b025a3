"""How numbers, moments and lengths are written."""

from datetime import UTC, datetime

import pytest
from django.contrib.messages.storage.base import Message

from portal.templatetags.portal import (
    duracion,
    keep_numbers,
    lower_first,
    moment_in_words,
    telefono,
    undo_url,
)

NOW = datetime(2026, 11, 23, 9, 42, tzinfo=UTC)  # 10:42 in Madrid


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (datetime(2026, 11, 23, 9, 42, tzinfo=UTC), "hoy, 10:42"),
        (datetime(2026, 11, 22, 23, 0, tzinfo=UTC), "hoy, 00:00"),
        (datetime(2026, 11, 22, 17, 20, tzinfo=UTC), "ayer, 18:20"),
        (datetime(2026, 11, 23, 23, 30, tzinfo=UTC), "mañana, 00:30"),
        (datetime(2026, 11, 21, 12, 2, tzinfo=UTC), "21 nov, 13:02"),
        (datetime(2026, 7, 1, 12, 2, tzinfo=UTC), "1 jul, 14:02"),
        (datetime(2025, 12, 31, 23, 30, tzinfo=UTC), "1 ene, 00:30"),
        (datetime(2025, 11, 21, 12, 2, tzinfo=UTC), "21 nov 2025, 13:02"),
    ],
)
def test_a_moment_is_told_as_people_tell_it_in_local_time(at, words):
    assert moment_in_words(at, NOW) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "—"),
        (45, "45 s"),
        (65, "1 min 05 s"),
        (760, "12 min 40 s"),
        (3600, "1 h 00 min"),
        (3900, "1 h 05 min"),
    ],
)
def test_a_length_is_told_in_at_most_two_units(seconds, words):
    assert duracion(seconds) == words


@pytest.mark.parametrize(
    ("number", "words"),
    [("600123123", "600 12 31 23"), ("204", "204"), ("", "Número oculto")],
)
def test_a_number_is_grouped_and_a_withheld_one_has_a_name(number, words):
    assert telefono(number) == words


def test_a_number_in_a_sentence_is_not_torn_between_two_lines():
    assert keep_numbers("van al 600 12 31 23.") == "van al 600\u00a012\u00a031\u00a023."


def test_a_sentence_goes_on_after_a_colon():
    assert lower_first("Todas las llamadas") == "todas las llamadas"
    assert not lower_first("")


@pytest.mark.parametrize(("tags", "url"), [("/a/b/", "/a/b/"), ("safe", ""), ("", "")])
def test_only_an_address_in_a_messages_tags_is_its_undo(tags, url):
    assert undo_url(Message(20, "x", extra_tags=tags)) == url
