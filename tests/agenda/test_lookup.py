"""Names for numbers."""

import pytest
from django.utils import timezone

from agenda.lookup import names_for
from agenda.models import Contact, Favourite

pytestmark = pytest.mark.django_db


@pytest.fixture
def know():
    """Writes a contact with this name and number."""

    def write(name, number, owner=None):
        return Contact.objects.create(
            owner=owner,
            book="personal" if owner else "corporate",
            first_name=name,
            display_name=name,
            number=number,
        )

    return write


def test_own_contacts_come_before_the_companys_and_these_before_colleagues(ana, bruno, know):
    assert names_for(ana, ["202"]) == {"202": "Bruno"}
    know("Dirección", "202")
    assert names_for(ana, ["202"]) == {"202": "Dirección"}
    know("Mi jefe", "202", ana)
    assert names_for(ana, ["202"]) == {"202": "Mi jefe"}
    assert names_for(bruno, ["202"]) == {"202": "Dirección"}


def test_somebody_elses_contact_names_nobody(ana, bruno, know):
    know("Secreto", "600123123", bruno)
    assert names_for(ana, ["600123123"]) == {}


@pytest.mark.parametrize(
    "written", ["600123123", "+34600123123", "0034600123123", "34600123123", "600 12 31 23"]
)
def test_a_number_is_known_however_it_is_written(ana, know, written):
    know("Lucía", "600123123")
    assert names_for(ana, [written]) == {written: "Lucía"}


@pytest.mark.parametrize("written", ["00442079460018", "+442079460018", "442079460018"])
def test_so_is_one_of_another_country(ana, know, written):
    know("Emily", "00442079460018")
    assert names_for(ana, [written]) == {written: "Emily"}


@pytest.mark.parametrize("odd", ["", "anonymous", "vm", "abc", "1" * 80, "\x00", "٦٠٠١٢٣١٢٣"])
def test_what_is_no_number_has_no_name(ana, know, odd):
    know("Lucía", "600123123")
    assert names_for(ana, [odd]) == {}


def test_many_numbers_cost_one_query(ana, bruno, know, django_assert_num_queries):
    for n in range(30):
        know(f"Nombre {n}", f"6001231{n:02}")
    with django_assert_num_queries(1):
        names = names_for(ana, [f"6001231{n:02}" for n in range(60)] + ["202"])
    assert len(names) == 31


def test_no_numbers_cost_no_query(ana, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert names_for(ana, []) == {}


def test_further_numbers_have_the_name_too(ana, bruno, know):
    know("Lucía", "600123123", ana).write_numbers([("910000111", "landline")])
    know("Secreto", "600000000", bruno).write_numbers([("910000222", "landline")])
    assert names_for(ana, ["910000111", "910000222"]) == {"910000111": "Lucía"}
    assert names_for(bruno, ["910000111"]) == {}


def test_what_is_in_the_bin_names_nobody(ana, know):
    know("Lucía", "600123123", ana).write_numbers([("910000111", "landline")])
    Contact.objects.all().put_into_bin(timezone.now())
    assert names_for(ana, ["600123123", "910000111"]) == {}


def test_of_two_with_the_same_number_the_favourite_gives_the_name(ana, bruno, know):
    know("Ana Primera", "600123123")
    loved = know("Zoe Última", "600123123")
    assert names_for(ana, ["600123123"]) == {"600123123": "Ana Primera"}
    Favourite.objects.create(subscriber=ana, contact=loved)
    assert names_for(ana, ["600123123"]) == {"600123123": "Zoe Última"}
    assert names_for(bruno, ["600123123"]) == {"600123123": "Ana Primera"}
    know("Mía", "600123123", ana)
    assert names_for(ana, ["600123123"]) == {"600123123": "Mía"}
