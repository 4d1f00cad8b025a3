"""Contacts taken along: all, those found, those ticked; read again as they were."""

import io

import pytest

from agenda.exchange import csv_read, vcard
from agenda.exchange.headings import columns
from agenda.models import Contact, ContactImport
from portal import csv_table

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def people(ana, bruno, contact):
    contact(ana, "Eva Gil", "600112233", "0033612345678", company='=1+1;"a"', email="e@x.es")
    contact(ana, "Pau Mas", "203")
    contact(None, "Taxi Sol", "913712131")
    contact(bruno, "Secreto Bruno", "699999999")


@pytest.fixture
def take(as_ana, page):
    def read(name, **query):
        answer = as_ana.get(page(f"agenda/exportar/{name}"), query)
        assert answer.status_code == 200
        return b"".join(answer.streaming_content)

    return read


def rows(content):
    found = csv_table.read(content)
    return list(csv_read.read(found, columns(found.headings)))


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, {"Eva Gil", "Pau Mas"}),
        ({"agenda": "todas"}, {"Eva Gil", "Pau Mas", "Taxi Sol"}),
        ({"agenda": "corporativa"}, {"Taxi Sol"}),
        ({"buscar": "gil"}, {"Eva Gil"}),
        ({"buscar": "secreto"}, set()),
        ({"elegido": ["x", "9" * 30]}, set()),
    ],
)
def test_what_is_asked_for_is_in_the_file_and_nobody_elses(people, take, query, names):
    assert {row.display_name for row in rows(take("agenda.csv", **query))} == names
    cards = io.BytesIO(take("agenda.vcf", **query))
    assert not names or {row.display_name for row in vcard.read(cards)} == names


def test_nobody_elses_contact_can_be_ticked(people, take):
    keys = list(Contact.objects.values_list("pk", flat=True))
    shown = {row.display_name for row in rows(take("agenda.csv", elegido=keys))}
    assert shown == {"Eva Gil", "Pau Mas", "Taxi Sol"}


def test_a_table_opens_in_spreadsheets_and_nothing_in_it_is_a_formula(people, take):
    content = take("agenda.csv").decode()
    assert content.startswith("\ufeffNombre;Apellido 1;")
    assert "\r\n" in content
    assert '"\'=1+1;""a""";' in content
    assert ";600 11 22 33;+33 6 12 34 56 78;" in content


def test_cards_hold_numbers_that_any_telephone_can_dial(people, take):
    content = take("agenda.vcf").decode()
    for number in ("+34600112233", "+33612345678", ":203\r\n"):
        assert number in content


@pytest.mark.parametrize("name", ["agenda.csv", "agenda.vcf"])
def test_what_was_taken_along_is_the_same_when_it_comes_back(people, take, as_ana, upload, name):
    upload(as_ana, take(name), name)
    batch = ContactImport.objects.get()
    assert {row.outcome for row in batch.rows.all()} == {"same"}


def test_the_page_offers_what_was_found_and_what_was_ticked(people, as_ana, page):
    address = page("agenda/exportar/")
    assert "Lo que has buscado" in as_ana.get(address, {"buscar": "gil"}).content.decode()
    keys = list(Contact.objects.values_list("pk", flat=True))
    answer = as_ana.post(address, {"ids": keys})
    html = answer.content.decode()
    assert "Los elegidos" in html
    assert "3 contactos" in html
    assert html.count("elegido=") == 2 * 3


def test_a_thousand_contacts_are_written_in_pieces(ana, take, contact):
    Contact.objects.bulk_create(
        Contact(owner=ana, first_name="P", display_name=f"P{n:04}", number=f"6{n:08}")
        for n in range(1001)
    )
    assert len(rows(take("agenda.csv"))) == 1001
