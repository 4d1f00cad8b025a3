"""Finding contacts."""

import pytest

from agenda.lookup import completions, numbers_called
from agenda.models import Contact, ContactWord, Favourite
from agenda.search import Asked, Found

pytestmark = pytest.mark.django_db


@pytest.fixture
def names(ana):
    """The names that Ana's list shows, in its order."""

    def shown(text="", *, start=0, stop=50, who=ana, **fields):
        found = Found(who, Asked(text=text, **fields))
        rows = found[start:stop]
        assert len(rows) == max(0, min(stop, len(found)) - start)
        return [row.display_name for row in rows]

    return shown


@pytest.mark.parametrize(
    "text",
    ["ibáñez", "IBANEZ", "iba", "ibañez mar", "mar iba", "imprenta", "duero maria", "600 12 31",
     "+34600123", "98300", "duero.es", "maria@duero"],
)  # fmt: skip
def test_a_contact_is_found_by_the_beginnings_of_its_words_in_any_order(names, write, ana, text):
    write("María Ibáñez", ana, company="Imprenta Duero", email="maria@duero.es", more=["983001122"])
    write("Otro Nombre", ana, number="700000000")
    assert names(text) == ["María Ibáñez"]


@pytest.mark.parametrize("text", ["báñez", "maria lopez", "zzz", "!!!", "12", "%", "_", "' OR 1=1"])
def test_what_begins_no_word_finds_nobody(names, write, ana, text):
    write("María Ibáñez", ana)
    assert names(text) == []


def test_whose_name_begins_with_the_text_comes_first(names, write, ana):
    write("Bea Marín")
    write("Marta Zurdo")
    write("Ángel", ana, company="Mármoles")
    write("María Gil", ana)
    assert names("mar") == ["María Gil", "Marta Zurdo", "Ángel", "Bea Marín"]
    assert names("mar", sort="apellido") == ["Bea Marín", "Ángel", "María Gil", "Marta Zurdo"]


def test_own_contacts_and_the_companys_are_sorted_together(names, write, ana, bruno):
    for name, owner in [("Bea Z", ana), ("ana A", None), ("Óscar M", ana), ("Nuria Q", None)]:
        write(name, owner)
    write("Secreto de Bruno", bruno)
    assert names() == ["ana A", "Bea Z", "Nuria Q", "Óscar M"]
    assert names(descending=True) == ["Óscar M", "Nuria Q", "Bea Z", "ana A"]
    assert names(sort="agenda") == ["ana A", "Nuria Q", "Bea Z", "Óscar M"]
    assert names("secreto") == []


def test_without_a_company_or_last_name_one_comes_last(names, write, ana):
    write("Uno", ana, company="Zeta")
    write("Dos Gil")
    write("Tres Alba", ana, company="Álamo")
    assert names(sort="empresa") == ["Tres Alba", "Uno", "Dos Gil"]
    assert names(sort="apellido") == ["Tres Alba", "Dos Gil", "Uno"]


def test_filters_go_together(names, write, ana, bruno):
    own = write("Bea", ana, number="911111111", number_type="landline")
    write("Berta", ana, number_type="mobile")
    company = write("Benito", number_type="landline")
    Favourite.objects.create(subscriber=ana, contact=company)
    Favourite.objects.create(subscriber=bruno, contact=own)
    assert names("be", number_type="landline") == ["Bea", "Benito"]
    assert names(book="personal") == ["Bea", "Berta"]
    assert names(favourites=True) == ["Benito"]
    assert names(letter="b", book="corporate") == ["Benito"]
    assert names(letter="z") == []


def test_every_window_is_the_same_part_of_the_whole(names, write, ana):
    for n in range(23):
        write(f"Persona {n:02d}", ana if n % 3 else None, number=f"6001231{n:02d}")
    for order in ({}, {"sort": "telefono", "descending": True}, {"sort": "agenda"}, {"text": "p"}):
        whole = names(**order)
        assert len(set(whole)) == 23
        for start in range(0, 25, 4):
            assert names(start=start, stop=start + 4, **order) == whole[start : start + 4]


def test_more_than_can_be_held_at_hand_is_found_all_the_same(names, write, ana, monkeypatch):
    monkeypatch.setattr("agenda.search.FEW", 2)
    for n in range(5):
        write(f"Marta Gil{n}", number=f"60012310{n}")
    for text in ("mar", "gil mar", "marta gil4"):
        assert len(names(text)) == (1 if text.endswith("4") else 5)


def test_what_is_changed_is_found_by_what_it_is_now(names, write, ana):
    contact = write("María Ibáñez", ana)
    contact.last_name = contact.display_name = "Soto"
    contact.save()
    assert (names("soto"), names("ibanez")) == (["Soto"], [])
    contact.company = "Ibáñez e hijos"
    Contact.objects.bulk_update([contact], ["company"])
    assert names("hijos ibanez") == ["Soto"]


def test_many_written_at_once_are_found_too(names, ana):
    Contact.objects.bulk_create(
        Contact(owner=ana, first_name=f"Eva{n}", display_name="Eva", number="600123123")
        for n in range(3)
    )
    assert len(names("eva")) == 3
    assert ContactWord.objects.filter(word="600123123").count() == 3


def test_what_is_in_the_bin_is_not_found_until_it_is_taken_out(names, write, ana, now):
    write("María", ana)
    Contact.objects.all().put_into_bin(now)
    assert (names(), names("maria"), ContactWord.objects.count()) == ([], [], 0)
    Contact.objects.in_bin_of(ana).take_out_of_bin()
    assert (names(), names("maria")) == (["María"], ["María"])


def test_a_search_costs_few_queries(write, ana, django_assert_max_num_queries):
    for n in range(30):
        write(f"Marta {n}", ana if n % 2 else None)
    with django_assert_max_num_queries(12):
        found = Found(ana, Asked(text="mar"))
        assert (len(found), len(found[0:20])) == (30, 20)


def test_completions_forgive_accents_and_know_colleagues(write, ana, bruno):
    write("Óscar Peña", number="600000001", more=["910000002"])
    write("Secreto", bruno, number="600000009")
    bruno.display_name, bruno.revision = "Bruno Óscar", bruno.revision + 1
    bruno.save()
    assert completions(ana, "oscar") == [("202", "Bruno Óscar"), ("600000001", "Óscar Peña")]
    assert completions(ana, "9100") == [("910000002", "Óscar Peña")]
    assert completions(ana, "ana") == completions(ana, "s") == completions(ana, "secreto") == []


def test_a_name_means_all_of_its_numbers(write, ana, bruno):
    write("Óscar Peña", number="600000001", more=["910000002"])
    write("Óscar de Bruno", bruno, number="600000009")
    assert sorted(numbers_called(ana, "peña óscar", 10)) == ["600000001", "910000002"]
    assert numbers_called(ana, "bruno", 10) == ["202"]
    assert numbers_called(ana, "!!", 10) == []
    assert len(numbers_called(ana, "oscar", 1)) == 1
