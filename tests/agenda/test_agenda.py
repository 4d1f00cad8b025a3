"""The list of contacts, and one contact."""

import re

import pytest

from agenda.models import Contact, Favourite
from agenda.views.agenda import CONTACTS_A_PAGE

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def listed(as_ana, page):
    """The names in the list at an address, and the page's text."""

    def names(query="", **headers):
        answer = as_ana.get(page(f"agenda/{query}"), headers=headers)
        assert answer.status_code == 200
        html = answer.content.decode()
        return re.findall(r'<th scope="row".*?>([^<]+)<span', html), html

    return names


def test_the_list_shows_the_columns_of_the_book(listed, write, ana):
    write("María Ibáñez", ana, company="Imprenta Duero", number="600123123")
    write("Almacén", number="910000111", number_type="landline")
    names, html = listed()
    assert names == ["Almacén", "María"]
    for word in ("Nombre", "Apellido", "Empresa", "Tipo agenda", "Teléfono"):
        assert re.search(rf"<th scope=\"col\"[^>]*><a [^>]*>{word}", html)
    for text in ("Ibáñez", "Imprenta Duero", "Personal", "Corporativa", "600\xa012\xa031\xa023"):
        assert text in html


def test_what_is_asked_for_stands_in_the_address(listed, write, ana):
    write("María Ibáñez", ana, number_type="mobile")
    write("Mario Gil", number_type="landline")
    assert listed("?buscar=IBÁÑEZ+mar")[0] == ["María"]
    assert listed("?agenda=corporativa")[0] == ["Mario"]
    assert listed("?tipo=movil&orden=-apellido")[0] == ["María"]
    assert listed("?orden=-nombre")[0] == ["Mario", "María"]
    assert listed("?letra=m&orden=apellido")[0] == []
    html = listed("?buscar=mar&tipo=fijo&orden=-telefono")[1]
    assert 'value="mar"' in html
    assert 'name="tipo" value="fijo"' in html
    assert "orden=-telefono&amp;agenda=" not in html


@pytest.mark.parametrize(
    "query",
    [
        "?orden=nada&tipo=x&agenda=todas&letra=%C3%A1&favoritos=no",
        "?pagina=0",
        "?pagina=-3",
        "?pagina=99999999999999999999999999",
        "?pagina=%00",
        "?pagina=dos",
        "?orden=--nombre",
        "?letra=ab",
        "?buscar=%00",
        "?a=1&a=2&orden=nombre&orden=x",
    ],
)
def test_an_address_that_makes_no_sense_shows_what_goes_without_saying(listed, write, query):
    write("Mario Gil")
    assert listed(query)[0] == ["Mario"]


@pytest.mark.parametrize("text", ["x" * 10_000, "%F0%9F%93%9E", "%FF%FE", "'%3B--", "%"])
def test_a_search_for_anything_gets_an_answer(listed, write, text):
    write("Mario Gil")
    names, html = listed(f"?buscar={text}")
    assert names == []
    assert "Ver todos" in html


def test_htmx_gets_the_list_alone(listed, write):
    write("Mario Gil")
    names, html = listed("?buscar=gil", **{"HX-Request": "true"})
    assert names == ["Mario"]
    assert "<html" not in html


def test_pages_follow_one_another(listed, write, as_ana, page):
    Contact.objects.bulk_create(
        Contact(book="corporate", first_name=f"P{n:03d}", display_name="P", number="600123123")
        for n in range(CONTACTS_A_PAGE + 3)
    )
    assert len(listed()[0]) == CONTACTS_A_PAGE
    assert listed("?pagina=2")[0] == ["P025", "P026", "P027"]
    assert listed("?pagina=7")[0] == ["P025", "P026", "P027"]
    assert "Del 26 al 28 de 28" in listed("?pagina=2")[1]


def test_an_empty_book_says_what_will_be_there(listed):
    assert "Añadir el primero" in listed()[1]


def test_a_list_of_favourites_without_any_says_how_to_get_them(listed, write):
    write("Mario")
    assert "pulsa la estrella" in listed("?favoritos=si")[1]


def test_colleagues_are_found_beside_the_contacts(listed, bruno):
    bruno.display_name, bruno.revision = "Bruno Núñez", bruno.revision + 1
    bruno.save()
    assert "Compañeros" in listed("?buscar=nunez")[1]
    assert "Bruno Núñez" in listed("?buscar=202")[1]
    assert "Compañeros" not in listed()[1]


def test_markup_in_a_name_stays_text(listed, write, ana, as_ana, page):
    evil = write("<script>alert(1)</script>", ana, company='"><img src=x>')
    assert "<script>alert" not in listed()[1]
    html = as_ana.get(page(f"agenda/{evil.pk}/")).content.decode()
    assert "<script>alert" not in html
    assert "<img" not in html


def test_a_contact_shows_all_its_numbers_with_their_calls(as_ana, page, write, ana):
    contact = write("María Ibáñez", ana, more=["910000111"], email="m@duero.es", city="Soria")
    html = as_ana.get(page(f"agenda/{contact.pk}/")).content.decode()
    for text in ("600\xa012\xa031\xa023", "910\xa000\xa001\xa011", "mailto:m@duero.es", "Soria"):
        assert text in html
    assert "historial/?buscar=910000111" in html
    assert "Editar" in html


def test_a_contact_of_the_company_is_only_looked_at(as_ana, page, write):
    contact = write("Almacén")
    html = as_ana.get(page(f"agenda/{contact.pk}/")).content.decode()
    assert "agenda corporativa" in html
    assert f"agenda/{contact.pk}/editar/" not in html
    assert as_ana.get(page(f"agenda/{contact.pk}/editar/")).status_code == 404


def test_the_list_costs_the_same_queries_whatever_it_shows(
    as_ana, page, write, ana, django_assert_max_num_queries
):
    for n in range(40):
        contact = write(f"Persona {n}", ana, more=["910000111"])
        Favourite.objects.create(subscriber=ana, contact=contact)
    as_ana.get(page("agenda/"))
    with django_assert_max_num_queries(20):
        as_ana.get(page("agenda/?buscar=persona"))
