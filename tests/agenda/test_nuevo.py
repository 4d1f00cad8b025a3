"""Writing a contact down, and changing one."""

import re

import pytest

from agenda.models import Contact
from portal.models import AuditEvent

pytestmark = pytest.mark.django_db(databases="__all__")

LABELS = [
    "Nombre",
    "Apellido 1",
    "Apellido 2",
    "Nombre en pantalla",
    "Empresa",
    "Dirección",
    "Código postal",
    "Localidad",
    "Provincia",
    "Número de teléfono",
    "Tipo",
]


@pytest.fixture
def send(as_ana, page, form):
    """Send the form of a new contact, or of one that is there."""

    def post(contact=None, *, client=as_ana, **fields):
        path = f"agenda/{contact.pk}/editar/" if contact else "agenda/nuevo/"
        if contact:
            fields = {"revision": str(contact.revision), "display_name": "Lucía"} | fields
        return client.post(page(path), form(**fields))

    return post


def text(answer):
    return answer.content.decode()


def test_the_form_has_the_fields_of_the_book_in_their_order(as_ana, page):
    html = text(as_ana.get(page("agenda/nuevo/")))
    labels = re.findall(r"<label for=\"id_(?!mas)[^>]*>([^<]+?)\s*(?:<span|</label>)", html)
    assert labels == [*LABELS, "Correo electrónico"]
    marked = re.findall(r"<label[^>]*>([^<]+?) <span class=\"must\"", html)
    assert marked == ["Nombre", "Nombre en pantalla", "Número de teléfono"]


def test_what_is_left_open_is_proposed(send, as_ana, page):
    answer = send(
        last_name="Peña", second_last_name="Gil", postcode="28912", next=page("historial/")
    )
    assert answer.status_code == 302
    assert answer.url == page("historial/")
    contact = Contact.objects.get()
    assert contact.display_name == "Lucía Peña Gil"
    assert (contact.number, contact.number_type) == ("600123123", "mobile")
    assert contact.province == "Madrid"
    assert (contact.book, contact.owner.number) == ("personal", "201")
    assert "está en tu agenda" in text(as_ana.get(page("agenda/")))


def test_what_was_written_beats_the_proposal(send):
    send(display_name="Luci", number_type="landline", postcode="28912", province="Comunidad")
    contact = Contact.objects.get()
    assert (contact.display_name, contact.number_type) == ("Luci", "landline")
    assert contact.province == "Comunidad"


def test_a_call_brings_its_number_and_name(as_ana, page):
    html = text(as_ana.get(page("agenda/nuevo/?telefono=600123123&nombre=Pepe+%3Cb%3E")))
    assert 'value="600 12 31 23"' in html
    assert "Pepe &lt;b&gt;" in html
    strange = as_ana.get(page(f"agenda/nuevo/?telefono=%00{'9' * 9000}&next=//evil.example"))
    assert strange.status_code == 200
    assert 'value="//evil' not in text(strange)


def test_further_numbers_and_an_email_may_be_added(send):
    send(**{"mas-TOTAL_FORMS": "3", "mas-0-number": "+34 910 000 111", "mas-1-number": "",
            "mas-2-number": "203", "email": "lucia@duero.es"})  # fmt: skip
    contact = Contact.objects.get()
    rows = [(row.number, row.number_type) for row in contact.more_numbers.all()]
    assert rows == [("910000111", "landline"), ("203", "landline")]
    assert contact.email == "lucia@duero.es"


def test_the_same_number_is_kept_once(send):
    send(**{"mas-TOTAL_FORMS": "3", "mas-0-number": "910000111", "mas-1-number": "910 000 111",
            "mas-2-number": "600123123"})  # fmt: skip
    assert [row.number for row in Contact.objects.get().more_numbers.all()] == ["910000111"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"first_name": "  "}, "Escribe el nombre."),
        ({"number": ""}, "Escribe el número de teléfono."),
        ({"number": "no es"}, "Escribe solo cifras"),
        ({"number": "1" * 41}, "40"),
        ({"number": "600 12 31 2"}, "le faltan o le sobran cifras"),
        ({"number": "600\u202e123123"}, "no se ven"),
        ({"first_name": "x" * 10_000}, "60"),
        ({"last_name": "a\u202eb"}, "no se ven"),
        ({"city": "a\x00b"}, "nulos"),
        ({"email": "nada"}, "correo"),
        ({"number_type": "fax"}, "fax"),
        ({"mas-0-number": "no es"}, "Escribe solo cifras"),
        ({"mas-TOTAL_FORMS": "x"}, ""),
        ({"mas-TOTAL_FORMS": "99999999"}, ""),
    ],
)
def test_bad_input_is_said_at_its_field_and_kept(send, fields, said):
    answer = send(company="Se queda", **fields)
    assert answer.status_code == 422
    assert said in text(answer)
    assert "Se queda" in text(answer)
    assert not Contact.objects.exists()


def test_a_number_that_somebody_has_is_asked_about_once(send, write, ana, bruno):
    own = write("Sergio López", ana, more=["910000111"])
    write("Secreto", bruno, number="910000111")
    answer = send(number="910 000 111")
    assert answer.status_code == 422
    assert "Ya tienes a" in text(answer)
    assert "Sergio López" in text(answer)
    assert "Secreto" not in text(answer)
    assert send(number="910 000 111", sure=f"{own.pk}9").status_code == 422
    assert send(number="910 000 111", sure=str(own.pk)).status_code == 302
    assert Contact.objects.editable_by(ana).count() == 2


def test_nobody_is_asked_about_a_number_that_stays(send, write, ana):
    write("Sergio", ana)
    again = write("Lucía", ana)
    assert send(again, company="Duero").status_code == 302
    again.refresh_from_db()
    assert (again.company, again.revision) == ("Duero", 2)


def test_proposals_come_while_somebody_types(as_ana, page, write, ana, bruno):
    write("Sergio", ana, more=["910000111"])
    write("Secreto", bruno, number="910000222")
    ask = page("agenda/proponer/")
    html = text(as_ana.post(ask, {"first_name": "Eva", "postcode": "41002", "number": "910000111"}))
    assert 'data-display_name="Eva"' in html
    assert 'data-number_type="landline"' in html
    assert 'data-province="Sevilla"' in html
    assert "Sergio" in html
    assert "Secreto" not in text(as_ana.post(ask, {"number": "910000222"}))
    assert as_ana.post(ask, {"number": "\x00", "contact": "x" * 50}).status_code == 200


def test_of_two_windows_the_later_one_is_told_what_the_other_did(send, write, ana, as_ana):
    contact = write("Lucía", ana)
    assert send(contact, company="Primera").status_code == 302
    answer = send(contact, company="Segunda")
    assert answer.status_code == 409
    assert "Mientras tanto se cambió" in text(answer)
    assert "Empresa: Primera" in text(answer)
    assert 'value="Segunda"' in text(answer)
    assert 'name="revision" value="2"' in text(answer)
    contact.revision = 2
    assert send(contact, company="Segunda").status_code == 302
    contact.refresh_from_db()
    assert (contact.company, contact.revision) == ("Segunda", 3)


def test_saving_what_is_there_changes_nothing(send, write, ana):
    contact = write("Lucía", ana, number_type="mobile")
    assert send(contact).status_code == 302
    contact.refresh_from_db()
    assert contact.revision == 1
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("revision", ["", "x", "-1", "٣", "9" * 30])
def test_a_form_that_does_not_say_what_it_saw_changes_nothing(send, write, ana, revision):
    contact = write("Lucía", ana)
    assert send(contact, company="Otra", revision=revision).status_code == 409
    contact.refresh_from_db()
    assert contact.company == ""


def test_every_change_is_logged_and_can_be_undone(send, write, ana, as_ana, page):
    send(company="Primera", **{"mas-0-number": "910000111"})
    contact = Contact.objects.get()
    send(contact, company="Segunda", **{"mas-0-number": ""})
    created, changed = AuditEvent.objects.filter(action="contact").order_by("pk")
    assert (created.subscriber, created.actor) == (ana, ana.user)
    assert changed.before[str(contact.pk)]["company"] == "Primera"
    assert as_ana.post(page(f"agenda/deshacer/{changed.pk}/")).status_code == 302
    contact.refresh_from_db()
    assert contact.company == "Primera"
    assert [row.number for row in contact.more_numbers.all()] == ["910000111"]
    as_ana.post(page(f"agenda/deshacer/{created.pk}/"))
    assert list(Contact.objects.in_bin_of(ana)) == [contact]


def test_what_was_changed_since_is_not_undone(send, write, ana, as_ana, page):
    contact = write("Lucía", ana)
    send(contact, company="Primera")
    event = AuditEvent.objects.get()
    Contact.objects.filter(pk=contact.pk).update(company="Otra")
    as_ana.post(page(f"agenda/deshacer/{event.pk}/"))
    contact.refresh_from_db()
    assert contact.company == "Otra"
    assert "No se puede deshacer" in text(as_ana.get(page("agenda/")))


def test_in_the_dialog_the_form_comes_alone_and_leads_on(as_ana, page, form):
    htmx = {"HX-Request": "true"}
    html = text(as_ana.get(page("agenda/nuevo/"), headers=htmx))
    assert "<html" not in html
    assert "hx-post" in html
    refused = as_ana.post(page("agenda/nuevo/"), form(number=""), headers=htmx)
    assert refused.status_code == 422
    assert "<html" not in text(refused)
    saved = as_ana.post(page("agenda/nuevo/"), form(), headers=htmx)
    assert saved["HX-Redirect"] == page("agenda/")
