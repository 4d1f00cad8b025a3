"""Contacts: whose they are, what they may hold, and who sees them."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from agenda.models import Contact

pytestmark = pytest.mark.django_db


def contact(owner=None, **fields):
    """An unsaved contact, of the company unless it has an owner."""
    fields = {
        "book": Contact.Book.PERSONAL if owner else Contact.Book.CORPORATE,
        "first_name": "Lucía",
        "display_name": "Lucía Herrero",
        "number": "600123123",
    } | fields
    return Contact(owner=owner, **fields)


def test_everybody_sees_the_companys_contacts_and_only_the_owner_his_own(ana, bruno):
    company, own = contact(), contact(ana)
    company.save()
    own.save()
    assert set(Contact.objects.visible_to(ana)) == {company, own}
    assert set(Contact.objects.visible_to(bruno)) == {company}


def test_only_own_contacts_can_be_edited(ana, bruno):
    own = contact(ana)
    own.save()
    contact().save()
    assert list(Contact.objects.editable_by(ana)) == [own]
    assert not Contact.objects.editable_by(bruno).exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"book": "corporate"},
        {"book": "invented"},
        {"number": ""},
        {"number": "+34600"},
        {"number": "600 123"},
        {"number": "600\n"},
        {"number": "٦٠٠"},
        {"number": "1" * 18},
        {"first_name": ""},
        {"display_name": ""},
        {"number_type": "fax"},
    ],
)
def test_the_database_refuses_what_is_no_contact(ana, fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        contact(ana, **fields).save()


def test_the_database_refuses_a_personal_contact_that_is_nobodys():
    with pytest.raises(IntegrityError), transaction.atomic():
        contact(book="personal").save()


def test_a_number_is_accepted_as_people_write_it(ana):
    row = contact(ana, number="+34 600 12-31.23")
    row.full_clean()
    assert row.number == "600123123"


@pytest.mark.parametrize("number", ["", "abc", "12345678901234", "600 123 123\x00", "6" * 60])
def test_what_is_no_number_is_refused_at_its_field(ana, number):
    with pytest.raises(ValidationError) as refused:
        contact(ana, number=number).full_clean()
    assert "number" in refused.value.message_dict


def test_a_contact_goes_with_its_owner(ana):
    contact(ana).save()
    ana.delete()
    assert not Contact.objects.exists()
