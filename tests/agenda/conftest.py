"""Contacts to look for."""

import pytest
from django.utils import timezone

from agenda.models import Contact


@pytest.fixture
def write(db):
    """Writes a contact down, of the company unless it has an owner: ``write("Ana Gil", owner)``."""

    def stored(name, owner=None, *, number="600123123", more=(), **fields):
        first_name, _space, last_name = name.partition(" ")
        fields = {"display_name": name} | fields
        contact = Contact.objects.create(
            owner=owner,
            book="personal" if owner else "corporate",
            first_name=first_name,
            last_name=last_name,
            number=number,
            **fields,
        )
        contact.write_numbers([(each, "landline") for each in more])
        return contact

    return stored


@pytest.fixture
def form():
    """What the form of a contact sends, with the given fields."""

    def fields(**given):
        sent = {"first_name": "Lucía", "number": "600 12 31 23", "mas-TOTAL_FORMS": "1"}
        return sent | {"mas-INITIAL_FORMS": "0"} | given

    return fields


@pytest.fixture
def now():
    """The moment of the test."""
    return timezone.now()
