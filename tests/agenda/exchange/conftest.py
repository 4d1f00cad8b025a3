"""Writing contacts, and bringing files, in few words."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from agenda.models import Contact, ContactImport


@pytest.fixture
def contact():
    """A contact of somebody's own book, or of the company's (``None``)."""

    def make(owner, name, number, *further, **other):
        book = Contact.Book.PERSONAL if owner else Contact.Book.CORPORATE
        first, _space, last = name.partition(" ")
        values = {"first_name": first, "last_name": last, "display_name": name, **other}
        made = Contact.objects.create(owner=owner, book=book, number=number, **values)
        made.write_numbers([(each, "mobile") for each in further])
        return made

    return make


@pytest.fixture
def upload(page):
    """Choose a file in the form, and follow to where it leads."""

    def send(client, content, name="agenda.csv"):
        data = content.encode() if isinstance(content, str) else content
        form = {"file": SimpleUploadedFile(name, data)}
        return client.post(page("agenda/importar/"), form, follow=True)

    return send


@pytest.fixture
def choose(page):
    """Import what is ticked by itself; other things by their names."""

    def send(client, batch=None, do="importar", **other):
        batch = batch or latest()
        rows = list(batch.rows.filter(outcome__in=["new", "changed"])[:50])
        form = {"shown": [row.pk for row in rows], "hacer": do}
        form["chosen"] = [row.pk for row in rows if row.is_chosen]
        address = page(f"agenda/importar/{batch.pk}/elegir/")
        return client.post(address, {**form, **other}, follow=True)

    return send


def latest():
    return ContactImport.objects.latest("pk")
