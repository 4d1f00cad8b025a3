"""Importing an address book: what the pages show, and what they do."""

import pytest

from agenda.models import Contact, ContactImport, ContactWord
from portal.models import AuditEvent

pytestmark = pytest.mark.django_db(databases="__all__")

CSV = "Nombre;Apellidos;Empresa;Teléfono móvil\nEva;Gil Roca;Acme;600 11 22 33\nPau;Mas;;x\n"


def latest():
    return ContactImport.objects.latest("pk")


def text(answer):
    return " ".join(answer.content.decode().replace("\xa0", " ").split())


@pytest.fixture
def preview(as_ana, page):
    def look(kind):
        return text(as_ana.get(page(f"agenda/importar/{latest().pk}/"), {"ver": kind}))

    return look


def test_a_file_is_shown_before_anything_is_imported(as_ana, upload, preview):
    html = text(upload(as_ana, CSV))
    assert "Eva Gil Roca" in html
    assert "600 11 22 33" in html
    assert Contact.objects.count() == 0
    assert "«x»" in preview("rechazados")


def test_what_is_chosen_is_imported_found_and_taken_back(as_ana, ana, upload, choose, page):
    upload(as_ana, CSV)
    assert "1 contacto nuevo" in text(choose(as_ana))
    eva = Contact.objects.get()
    assert (eva.owner, eva.display_name, eva.number, eva.number_type) == (
        ana,
        "Eva Gil Roca",
        "600112233",
        "mobile",
    )
    assert (eva.first_name, eva.last_name, eva.second_last_name) == ("Eva", "Gil", "Roca")
    assert ContactWord.objects.filter(contact=eva, word="roca", owner=ana).exists()
    answer = as_ana.post(page(f"agenda/importar/{latest().pk}/retirar/"), follow=True)
    assert "todo está como antes" in text(answer)
    assert Contact.objects.count() == 0
    choose(as_ana)
    assert Contact.objects.count() == 1
    assert AuditEvent.objects.filter(action="contact", subscriber=ana).count() == 3


def test_a_known_number_is_the_same_person_who_is_filled_in(
    as_ana, ana, contact, upload, choose, preview, page
):
    eva = contact(ana, "Eva Gil", "600112233", address="Mía 1")
    upload(
        as_ana,
        "Nombre;Apellido 1;Empresa;Dirección;Teléfono;Teléfono 2;Correo\n"
        "Eva;Gil;Acme;Suya 2;600112233;912345678;eva@example.com",
    )
    html = preview("cambian")
    for words in ("Empresa: Acme", "Otro número: 912 34 56 78", "Dirección: Mía 1 → Suya 2"):
        assert words in html
    choose(as_ana)
    eva.refresh_from_db()
    assert (eva.company, eva.address, eva.email) == ("Acme", "Mía 1", "eva@example.com")
    assert [row.number for row in eva.more_numbers.all()] == ["912345678"]
    as_ana.post(page(f"agenda/importar/{latest().pk}/retirar/"))
    eva.refresh_from_db()
    assert (eva.company, eva.address, eva.email) == ("", "Mía 1", "")
    assert not eva.more_numbers.exists()
    row = latest().rows.get()
    choose(as_ana, replaces=[row.pk])
    eva.refresh_from_db()
    assert eva.address == "Suya 2"


@pytest.mark.parametrize(
    ("own", "line", "outcome"),
    [
        ({"number": "600112233"}, "Otro;Nombre;;600 11 22 33;", "changed"),
        ({"number": "911", "email": "EVA@x.es"}, "Eva;Gil;;600112233;eva@x.es", "changed"),
        ({"number": "911", "company": "ACME"}, "Éva;Gil;Acme;600112233;", "changed"),
        ({"number": "911"}, "Eva;Gil;;600112233;", "new"),
        ({"number": "600112233"}, "Eva;Gil;;+34600112233;", "same"),
    ],
)
def test_who_is_meant(as_ana, ana, contact, upload, own, line, outcome):
    contact(ana, "Eva Gil", **own)
    upload(as_ana, f"Nombre;Apellido 1;Empresa;Teléfono;Correo\n{line}")
    assert latest().rows.get().outcome == outcome


def test_somebody_twice_in_a_file_is_imported_once(as_ana, upload, choose, preview):
    upload(as_ana, "Nombre;Teléfono\nEva;600112233\nEva Gil;+34 600 11 22 33")
    assert "mismo número que el n.º 2" in preview("rechazados")
    choose(as_ana)
    assert Contact.objects.count() == 1


def test_what_was_edited_since_stays_when_an_import_is_taken_back(
    as_ana, ana, contact, upload, choose, page
):
    pau = contact(ana, "Pau Mas", "611111111")
    names = "Nombre;Apellido 1;Empresa;Teléfono\nEva;Gil;A;600112233\nIsa;Rey;B;600112244"
    upload(as_ana, f"{names}\nPau;Mas;C;611111111")
    choose(as_ana)
    eva = Contact.objects.get(number="600112233")
    eva.revision += 1
    eva.company = "Mejor"
    eva.save()
    pau.refresh_from_db()
    pau.company = "Otra"
    pau.save()
    answer = as_ana.post(page(f"agenda/importar/{latest().pk}/retirar/"), follow=True)
    assert "2 contactos se quedan" in text(answer)
    assert set(Contact.objects.values_list("company", flat=True)) == {"Mejor", "Otra"}


def test_unknown_headings_are_explained_by_the_person(as_ana, upload, choose, page):
    html = text(upload(as_ana, "Quién,Dónde llamar,Qué\nEva Gil,600112233,nada"))
    assert "Qué es cada columna" in html
    assert "Eva Gil" in html
    address = page(f"agenda/importar/{latest().pk}/columnas/")
    wrong = as_ana.post(address, {"columna-0": "display_name"})
    assert wrong.status_code == 422
    kinds = {"columna-0": "display_name", "columna-1": "number", "columna-2": ""}
    assert "Eva Gil" in text(as_ana.post(address, kinds, follow=True))
    choose(as_ana)
    assert Contact.objects.get().number == "600112233"


def test_choices_are_kept_from_page_to_page(as_ana, upload, choose, page):
    upload(as_ana, "Nombre;Teléfono\n" + "\n".join(f"P{n};6001122{n:02}" for n in range(60)))
    first = latest().rows.first()
    choose(as_ana, do="", chosen=[], pagina="2", ver="nuevos")
    assert latest().rows.filter(is_chosen=True).count() == 10
    choose(as_ana, chosen=[first.pk])
    assert Contact.objects.count() == 11


def test_all_or_none_can_be_ticked_on_all_pages(as_ana, upload, choose):
    upload(as_ana, "Nombre;Teléfono\n" + "\n".join(f"P{n};6001122{n:02}" for n in range(60)))
    choose(as_ana, do="ninguno", ver="nuevos")
    assert not latest().rows.filter(is_chosen=True).exists()
    assert "No hay nada elegido" in text(choose(as_ana))
    choose(as_ana, do="todos", ver="nuevos")
    assert latest().rows.filter(is_chosen=True).count() == 60


def test_a_file_can_be_thrown_away(as_ana, upload, page):
    upload(as_ana, CSV)
    as_ana.post(page(f"agenda/importar/{latest().pk}/descartar/"))
    assert not ContactImport.objects.exists()


def test_sending_the_choice_twice_imports_once(as_ana, upload, choose):
    upload(as_ana, CSV)
    batch = latest()
    choose(as_ana, batch)
    choose(as_ana, batch)
    assert Contact.objects.count() == 1
