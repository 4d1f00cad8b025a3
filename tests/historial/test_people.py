"""Searching calls by the name of the other party."""

import pytest

from tests.historial.test_historial import listed

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def calls_of(contact, place, ana, bruno):
    contact("María Ibáñez", "600000001", ana)
    contact("Ibáñez de Bruno", "600000002", bruno)
    contact("Talleres Ruiz", "963112233", company="Grupo Norte")
    for number in ("600000001", "600000002", "963112233"):
        place(number, "201")
    place("201", "202")
    place("203", "201")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("ibáñez", ["María Ibáñez"]),
        ("ibáñez maría", ["María Ibáñez"]),
        ("IBAÑEZ", ["María Ibáñez"]),
        ("ibanez", ["María Ibáñez"]),
        ("ruiz", ["Talleres Ruiz"]),
        ("norte", ["Talleres Ruiz"]),
        ("bruno", ["Bruno"]),
        ("carl", ["Carla"]),
        ("nadie", []),
        ("ibáñez ruiz", []),
    ],
)
def test_a_name_finds_the_calls_of_its_numbers(show, calls_of, text, names):
    assert listed(show(f"?buscar={text}")) == names


def test_a_name_that_only_another_knows_finds_nothing(show, calls_of):
    html = show("?buscar=ibáñez de bruno")
    assert listed(html) == []
    assert "600 00 00 02" not in html


def test_the_filter_of_kinds_holds_beside_the_name(show, calls_of):
    assert listed(show("?ver=hechas&buscar=bruno")) == ["Bruno"]
    assert listed(show("?ver=recibidas&buscar=bruno")) == []


def test_a_further_number_of_a_contact_is_found_by_the_same_name(show, place, contact, ana):
    maria = contact("María Ibáñez", "600000001", ana)
    maria.more_numbers.create(number="911234567", number_type="landline")
    place("911234567", "201")
    assert len(listed(show("?buscar=maria"))) == 1
