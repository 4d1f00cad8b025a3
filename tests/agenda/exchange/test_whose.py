"""Imports, exports and duplicates of one person are nobody else's."""

import pytest

from agenda.models import Contact, ContactImport

pytestmark = pytest.mark.django_db(databases="__all__")

CSV = "Nombre;Apellido 1;Teléfono\nSecreta;Gil;600112233\n"
STEPS = ["columnas", "elegir", "descartar", "retirar"]


@pytest.fixture
def anas(as_ana, upload):
    """An import of Ana's, and whoever is logged in afterwards is Bruno."""
    upload(as_ana, CSV)
    return ContactImport.objects.get()


def test_the_import_of_somebody_else_is_not_found(anas, client, bruno, page):
    client.force_login(bruno.user)
    address = f"agenda/importar/{anas.pk}/"
    assert client.get(page(address)).status_code == 404
    assert client.get(page(address), headers={"HX-Request": "true"}).status_code == 404
    for step in STEPS:
        answer = client.post(page(f"{address}{step}/"), {"hacer": "importar"})
        assert answer.status_code == 404
    anas.refresh_from_db()
    assert (anas.state, Contact.objects.count()) == ("ready", 0)
    assert "agenda.csv" not in client.get(page("agenda/importar/")).content.decode()


def test_rows_of_somebody_elses_import_are_not_ticked(anas, client, bruno, page, upload):
    client.force_login(bruno.user)
    upload(client, CSV)
    mine = ContactImport.objects.get(owner=bruno)
    theirs = anas.rows.get()
    form = {"shown": [theirs.pk], "hacer": ""}
    client.post(page(f"agenda/importar/{mine.pk}/elegir/"), form)
    theirs.refresh_from_db()
    assert theirs.is_chosen


def test_contacts_of_others_match_nothing(ana, as_ana, bruno, contact, upload):
    contact(bruno, "Secreta", "600112233")
    contact(None, "Empresa", "600112233")
    upload(as_ana, CSV)
    assert ContactImport.objects.get().rows.get().outcome == "new"


def test_contacts_of_others_are_no_duplicates_and_are_not_merged(ana, bruno, as_ana, contact, page):
    keys = [contact(who, "Eva Gil", "600112233").pk for who in (ana, bruno, None)]
    assert "No hay contactos repetidos" in as_ana.get(page("agenda/duplicados/")).content.decode()
    answer = as_ana.post(page("agenda/duplicados/unir/"), {"contacto": keys}, follow=True)
    assert "al menos dos" in answer.content.decode()
    assert Contact.objects.in_use().count() == 3


def test_the_companys_import_is_no_subscribers(as_ana, page):
    batch = ContactImport.objects.create(state="ready", uploaded_at="2026-01-01T00:00Z", name="x")
    assert as_ana.get(page(f"agenda/importar/{batch.pk}/")).status_code == 404


@pytest.mark.parametrize("step", STEPS)
def test_steps_take_a_post_with_a_token(anas, as_ana, ana, page, step, client):
    address = page(f"agenda/importar/{anas.pk}/{step}/")
    assert as_ana.get(address).status_code == 405
    strict = client.__class__(enforce_csrf_checks=True)
    strict.force_login(ana.user)
    assert strict.post(address).status_code == 403
