"""Importing an address book: what the pages show and what they do, for whom."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from agenda.models import Contact, ContactImport

pytestmark = pytest.mark.django_db(databases="__all__")

CSV = "Nombre;Apellidos;Empresa;Teléfono móvil\nEva;Gil Roca;Acme;600 11 22 33\nPau;Mas;;x\n"


def upload(client, page, content, name="agenda.csv"):
    if isinstance(content, str):
        content = content.encode()
    file = SimpleUploadedFile(name, content)
    return client.post(page("agenda/importar/"), {"file": file}, follow=True)


def latest():
    return ContactImport.objects.latest("pk")


def test_a_file_is_shown_before_anything_is_imported(as_ana, page):
    answer = upload(as_ana, page, CSV)
    html = answer.content.decode()
    assert "Eva Gil Roca" in html
    assert "600 11 22 33" in html.replace("\xa0", " ")
    assert Contact.objects.count() == 0
    refused = as_ana.get(answer.redirect_chain[-1][0] + "?ver=rechazados").content.decode()
    assert "«x»" in refused


def choose(client, page, batch, do="importar", **data):
    rows = list(batch.rows.filter(outcome__in=["new", "changed"]))
    form = {"shown": [row.pk for row in rows], "hacer": do}
    form["chosen"] = [row.pk for row in rows if row.is_chosen]
    return client.post(page(f"agenda/importar/{batch.pk}/elegir/"), {**form, **data}, follow=True)


def test_what_is_chosen_is_imported_and_taken_back_again(as_ana, ana, page):
    upload(as_ana, page, CSV)
    answer = choose(as_ana, page, latest())
    assert "1 contacto nuevo" in answer.content.decode()
    eva = Contact.objects.get()
    assert (eva.owner, eva.display_name, eva.number, eva.number_type, eva.company) == (
        ana,
        "Eva Gil Roca",
        "600112233",
        "mobile",
        "Acme",
    )
    assert (eva.first_name, eva.last_name, eva.second_last_name) == ("Eva", "Gil", "Roca")
    answer = as_ana.post(page(f"agenda/importar/{latest().pk}/retirar/"), follow=True)
    assert "todo está como antes" in answer.content.decode()
    assert Contact.objects.count() == 0
    choose(as_ana, page, latest())
    assert Contact.objects.count() == 1
