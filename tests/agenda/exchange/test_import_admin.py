"""Administrators import into the company's book, with a preview, an undo and a log."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile

from agenda.exchange import work
from agenda.models import Contact, ContactImport
from portal.models import AuditEvent

pytestmark = pytest.mark.django_db(databases="__all__")

CSV = b"Nombre;Apellidos;Empresa;Tel\xe9fono\nEva;Gil Roca;Acme;600112233\nTaxi;;;913712131\n"


@pytest.fixture
def send(admin_client, page):
    def upload(content=CSV, client=admin_client):
        form = {"file": SimpleUploadedFile("empresa.csv", content)}
        return client.post(page("admin/agenda/contactimport/add/"), form, follow=True)

    return upload


@pytest.fixture
def step(admin_client, page):
    def post(batch, name, **form):
        address = page(f"admin/agenda/contactimport/{batch.pk}/change/?paso={name}")
        return admin_client.post(address, form, follow=True)

    return post


def text(answer):
    return " ".join(answer.content.decode().replace("\xa0", " ").split())


def test_the_companys_book_is_imported_and_taken_back(send, step, as_ana, page):
    assert "Eva Gil Roca" in text(send())
    batch = ContactImport.objects.get()
    assert "2 contactos nuevos" in text(step(batch, "elegir", hacer="importar"))
    eva = Contact.objects.get(number="600112233")
    assert (eva.book, eva.owner) == ("corporate", None)
    assert as_ana.get(page(f"agenda/{eva.pk}/")).status_code == 200
    assert AuditEvent.objects.get().after == {"import": "empresa.csv", "added": 2, "changed": 0}
    assert LogEntry.objects.filter(object_id=batch.pk).count() == 2
    assert "todo está como antes" in text(step(batch, "retirar"))
    assert Contact.objects.count() == 0
    assert LogEntry.objects.filter(object_id=batch.pk).count() == 3


def test_what_an_administrator_edits_afterwards_stays(send, step, admin_client, page):
    send()
    batch = ContactImport.objects.get()
    step(batch, "elegir", hacer="importar")
    eva = Contact.objects.get(number="600112233")
    form = {name: getattr(eva, name) for name in ("first_name", "last_name", "display_name")}
    form |= {"book": "corporate", "number": eva.number, "number_type": "mobile"}
    form |= {"company": "Otra", "more_numbers-TOTAL_FORMS": 0, "more_numbers-INITIAL_FORMS": 0}
    answer = admin_client.post(page(f"admin/agenda/contact/{eva.pk}/change/"), form)
    assert answer.status_code == 302
    assert "1 contacto se queda" in text(step(batch, "retirar"))
    assert Contact.objects.get().company == "Otra"


def test_people_who_may_not_write_contacts_do_not_import(client, page, send):
    staff = User.objects.create_user("portero", is_staff=True)
    client.force_login(staff)
    assert client.get(page("admin/agenda/contactimport/add/")).status_code == 403
    assert client.get(page("admin/agenda/contactimport/")).status_code == 403
    for name in ("add", "change", "delete"):
        staff.user_permissions.add(Permission.objects.get(codename=f"{name}_contact"))
    assert client.get(page("admin/agenda/contactimport/add/")).status_code == 200
    send(client=client)
    assert ContactImport.objects.get().actor == staff


def test_what_people_import_is_not_the_administrators_business(upload, as_ana, admin_client, page):
    upload(as_ana, CSV)
    batch = ContactImport.objects.get()
    address = page(f"admin/agenda/contactimport/{batch.pk}/change/")
    assert admin_client.get(address).status_code == 404
    assert admin_client.post(f"{address}?paso=descartar").status_code == 404


def test_columns_errors_and_files_that_are_thrown_away(send, step, admin_client, page):
    assert "Qué" in text(send(b"Qu\xc3\xa9,Cu\xc3\xa1l\nEva,600112233"))
    batch = ContactImport.objects.get()
    wrong = step(batch, "columnas", **{"columna-0": "display_name"})
    assert wrong.status_code == 422
    kinds = {"columna-0": "display_name", "columna-1": "number"}
    assert "600 11 22 33" in text(step(batch, "columnas", **kinds))
    step(batch, "descartar")
    assert not ContactImport.objects.exists()
    assert "vacío" in text(send(b""))
    assert "Elige el archivo" in text(admin_client.post(page("admin/agenda/contactimport/add/")))


def test_a_large_file_is_left_to_the_link_and_shows_how_far_it_is(send, step, monkeypatch):
    monkeypatch.setattr(work, "FEW", 10)
    rows = "\n".join(f"P{n};6001{n:05}" for n in range(900))
    send(f"Nombre;Teléfono\n{rows}".encode())
    batch = ContactImport.objects.get()
    work.go_on(batch, seconds=60)
    assert "Importando" in text(step(batch, "elegir", hacer="importar"))
    assert Contact.objects.count() == 0
    work.finish(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, Contact.objects.count()) == ("done", 900)
