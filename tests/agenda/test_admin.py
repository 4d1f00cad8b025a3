"""The company's book in the administration."""

import pytest

from agenda.models import Contact
from agenda.search import Asked, Found

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def send(admin_client, page):
    def post(path, **fields):
        form = {"first_name": "Óscar", "display_name": "Óscar Peña", "number": "+34 981 000 132",
                "number_type": "landline", "more_numbers-TOTAL_FORMS": "1",
                "more_numbers-INITIAL_FORMS": "0"}  # fmt: skip
        return admin_client.post(page(f"admin/agenda/contact/{path}"), form | fields)

    return post


def test_an_administrator_keeps_the_companys_book(send, admin_client, page, ana):
    more = {"more_numbers-0-number": "600 123 123", "more_numbers-0-number_type": "mobile"}
    assert send("add/", postcode="15702", **more).status_code == 302
    contact = Contact.objects.get()
    assert (contact.book, contact.owner, contact.number) == ("corporate", None, "981000132")
    assert contact.province == "A Coruña"
    for text in ("osc", "600123"):
        assert Found(ana, Asked(text=text))[0:5] == [contact]
    html = admin_client.get(page("admin/agenda/contact/?q=osc+6001")).content.decode()
    assert "Óscar Peña" in html
    html = admin_client.get(page("admin/agenda/contact/?q=lucia")).content.decode()
    assert "Óscar Peña" not in html


def test_what_people_keep_for_themselves_is_not_shown(admin_client, page, write, ana):
    own = write("Secreto", ana)
    write("Almacén")
    html = admin_client.get(page("admin/agenda/contact/")).content.decode()
    assert "Almacén" in html
    assert "Secreto" not in html
    assert admin_client.get(page(f"admin/agenda/contact/{own.pk}/change/")).status_code == 302


def test_a_change_counts_as_one(send, write):
    contact = write("Almacén")
    assert send(f"{contact.pk}/change/", display_name="Otro").status_code == 302
    contact.refresh_from_db()
    assert (contact.display_name, contact.revision) == ("Otro", 2)
