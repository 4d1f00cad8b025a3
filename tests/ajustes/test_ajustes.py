"""The page Ajustes: contact data, language, and the way to everything else."""

import pytest
from django.core.checks import run_checks

from desvios.apply import apply_pending
from portal.models import AuditEvent
from portal.pbx import get_pbx

pytestmark = pytest.mark.django_db(databases="__all__")

GOOD = {
    "first_name": "Ana",
    "last_name": "Ruiz Sanz",
    "display_name": "Ana Ruiz",
    "email": "ana@empresa.es",
    "mobile": "+34 600 12 31 23",
    "department": "Compras",
}


@pytest.fixture
def save(as_ana, page):
    return lambda **fields: as_ana.post(page("ajustes/"), {**GOOD, **fields})


def test_contact_data_is_saved_and_shown_again(save, as_ana, ana, page):
    assert save().status_code == 302
    ana.refresh_from_db()
    assert (ana.user.first_name, ana.user.last_name) == ("Ana", "Ruiz Sanz")
    assert (ana.user.email, ana.mobile, ana.department) == (
        "ana@empresa.es",
        "600123123",
        "Compras",
    )
    text = as_ana.get(page("ajustes/")).content.decode()
    assert 'value="600 12 31 23"' in text


def test_the_name_to_show_is_the_one_of_desvios_and_reaches_the_telephones(save, as_ana, page, ana):
    apply_pending()
    save(display_name="  Ana   R. ")
    assert 'value="Ana R."' in as_ana.get(page("desvios/")).content.decode()
    apply_pending()
    assert get_pbx().forwarding.read("centralita", ["201"])["201"].display_name == "Ana R."


def test_a_change_of_the_name_to_show_is_undone_from_desvios(save, as_ana, page, ana):
    save()
    event = AuditEvent.objects.get(action=AuditEvent.Action.FORWARDING)
    assert (event.before, event.after) == ({"display_name": "Ana"}, {"display_name": "Ana Ruiz"})
    as_ana.post(page(f"desvios/deshacer/{event.pk}/"))
    ana.refresh_from_db()
    assert ana.display_name == "Ana"


def test_what_changed_is_written_down_and_what_did_not_is_not(save, ana):
    save()
    save(department="Ventas")
    latest = AuditEvent.objects.filter(action=AuditEvent.Action.PROFILE).first()
    assert (latest.before, latest.after) == ({"department": "Compras"}, {"department": "Ventas"})
    count = AuditEvent.objects.count()
    save(department="Ventas")
    assert AuditEvent.objects.count() == count


def test_what_somebody_else_changed_meanwhile_is_not_changed_back(save, ana):
    save()
    ana.refresh_from_db()
    ana.department = "Dirección"  # by the administrator, while the page was open
    ana.save(update_fields=["department"])
    save(**{f"initial-{name}": value for name, value in GOOD.items()}, email="a@b.es")
    ana.refresh_from_db()
    assert (ana.department, ana.user.email) == ("Dirección", "a@b.es")


BAD = [
    ("email", "ana@empresa.es\r\nBcc: todos@empresa.es", "una sola dirección"),
    ("email", "ana@empresa.es, bruno@empresa.es", "una sola dirección"),
    ("email", "ana", "una sola dirección"),
    ("email", "a" * 120 + "@empresa.es", "como mucho"),
    ("mobile", "seiscientos", "número"),
    ("mobile", "1" * 200, "número"),
    ("display_name", "x" * 60, "40 caracteres"),
    ("display_name", "   ", "obligatorio"),
    ("display_name", "Ana\x1b[31m", "no se ven"),
    ("first_name", "Ana\u202egro", "no se ven"),
    ("department", "d" * 61, "60 caracteres"),
]


@pytest.mark.parametrize(("field", "value", "words"), BAD)
def test_bad_input_is_told_at_its_field_and_kept(save, ana, field, value, words):
    before = (ana.user.email, ana.display_name, ana.mobile, ana.department)
    answer = save(**{field: value}, last_name="Se queda")
    text = answer.content.decode()
    assert answer.status_code == 422
    assert words in text
    assert f'id="id_{field}_error"' in text
    assert 'value="Se queda"' in text
    ana.refresh_from_db()
    assert (ana.user.email, ana.display_name, ana.mobile, ana.department) == before


def test_a_locked_field_shows_why_and_takes_nothing(save, as_ana, page, ana, settings):
    settings.LOCKED_FIELDS = ["email", "display_name"]
    text = as_ana.get(page("ajustes/")).content.decode()
    assert "Lo pone tu empresa" in text
    assert 'name="email"' not in text
    save(department="Compras")
    ana.refresh_from_db()
    assert (ana.user.email, ana.display_name, ana.department) == ("", "Ana", "Compras")


def test_a_locked_name_is_locked_on_desvios_too(as_ana, page, ana, settings):
    settings.LOCKED_FIELDS = ["display_name"]
    form = {"display_name": "Otra", "ring_seconds": 25, "revision": ana.revision}
    assert as_ana.post(page("desvios/"), form).status_code == 302
    ana.refresh_from_db()
    assert ana.display_name == "Ana"


def test_a_locked_field_that_is_none_is_noticed_before_the_start(settings):
    settings.LOCKED_FIELDS = ["correo"]
    assert [each.id for each in run_checks()] == ["ajustes.E001"]


def test_what_one_person_saves_is_nobody_elses(client, page, ana, bruno):
    for who, department in ((ana, "Compras"), (bruno, "Ventas")):
        client.force_login(who.user)
        client.post(page("ajustes/"), {**GOOD, "department": department, "number": "201"})
    ana.refresh_from_db()
    bruno.refresh_from_db()
    assert (ana.department, bruno.department) == ("Compras", "Ventas")


def test_the_chosen_language_follows_the_person(as_ana, ana, page):
    assert 'name="idioma"' in as_ana.get(page("ajustes/")).content.decode()
    as_ana.post(page("idioma/"), {"idioma": "en"})
    assert '<html lang="en"' in as_ana.get(page("ajustes/")).content.decode()
    as_ana.post(page("salir/"))
    assert '<html lang="en"' in as_ana.get(page("entrar/")).content.decode()  # this browser's door
    elsewhere = as_ana.__class__()
    assert '<html lang="es"' in elsewhere.get(page("entrar/")).content.decode()
    elsewhere.force_login(ana.user)
    assert '<html lang="en"' in elsewhere.get(page("ajustes/")).content.decode()


@pytest.mark.parametrize("language", ["fr", "", "es\r\nSet-Cookie: x=1", "../../en"])
def test_a_language_that_there_is_not_changes_nothing(as_ana, ana, page, language):
    answer = as_ana.post(page("idioma/"), {"idioma": language}, follow=True)
    assert "Elige uno de los idiomas" in answer.content.decode()
    ana.refresh_from_db()
    assert ana.language == ""
