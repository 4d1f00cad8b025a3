"""Favourites, the bin, several at once; and that nobody reaches what is another's."""

from datetime import timedelta

import pytest
from django.utils import timezone

from agenda.keeping import empty_bins
from agenda.models import Contact, ContactWord, Favourite
from portal.models import AuditEvent

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def do(as_ana, page):
    """Do something with contacts; returns the page that says what was done."""

    def post(action, *contacts, **fields):
        ids = [getattr(contact, "pk", contact) for contact in contacts]
        answer = as_ana.post(page("agenda/ordenar/"), {"action": action, "ids": ids, **fields})
        return answer if answer.status_code != 302 else as_ana.get(answer.url)

    return post


def said(answer):
    return answer.content.decode().replace("\xa0", " ")


def test_what_is_deleted_lies_in_the_bin_and_comes_back(do, write, ana, as_ana, page):
    one, two = write("Uno", ana), write("Dos", ana)
    assert "2 contactos borrados." in said(do("borrar", one, two))
    assert set(Contact.objects.in_bin_of(ana)) == {one, two}
    assert as_ana.get(page(f"agenda/{one.pk}/")).status_code == 404
    assert "quedan 30 días" in said(as_ana.get(page("agenda/papelera/")))
    assert "Contacto recuperado." in said(do("recuperar", one))
    assert list(Contact.objects.editable_by(ana)) == [one]
    assert ContactWord.objects.filter(word="uno").exists()


def test_a_deletion_is_undone_with_one_button(do, write, ana, as_ana, page):
    one, two = write("Uno", ana), write("Dos", ana)
    do("borrar", one, two)
    event = AuditEvent.objects.get()
    assert event.before[str(one.pk)] == {"binned": False}
    as_ana.post(page(f"agenda/deshacer/{event.pk}/"))
    assert Contact.objects.editable_by(ana).count() == 2
    assert AuditEvent.objects.count() == 2


def test_the_companys_contacts_are_not_deleted(do, write, ana):
    own, company = write("Uno", ana), write("Almacén")
    answer = said(do("borrar", own, company))
    assert "Contacto borrado." in answer
    assert "agenda corporativa" in answer
    company.refresh_from_db()
    assert company.binned_at is None


def test_deleting_for_good_asks_first(do, write, ana, now):
    one, other = write("Uno", ana), write("Dos", ana)
    Contact.objects.filter(pk=one.pk).put_into_bin(now)
    assert "para siempre?" in said(do("eliminar", one, other))
    assert Contact.objects.count() == 2
    assert "borrado para siempre" in said(do("eliminar", one, other, sure="yes"))
    assert list(Contact.objects.all()) == [other]


def test_emptying_the_bin_asks_first_and_leaves_others_alone(as_ana, page, write, ana, bruno, now):
    write("Uno", ana)
    write("Suyo", bruno)
    Contact.objects.all().put_into_bin(now)
    assert "para siempre?" in said(as_ana.post(page("agenda/papelera/vaciar/")))
    as_ana.post(page("agenda/papelera/vaciar/"), {"sure": "yes"})
    assert [row.owner for row in Contact.objects.all()] == [bruno]
    assert "vacía" in said(as_ana.post(page("agenda/papelera/vaciar/"), follow=True))


def test_favourites_are_each_ones_own(do, write, ana, bruno):
    own, company = write("Uno", ana), write("Almacén")
    Favourite.objects.create(subscriber=bruno, contact=company)
    assert "2 añadidos a tus favoritos." in said(do("favorito", own, company))
    do("favorito", own)
    assert Favourite.objects.filter(subscriber=ana).count() == 2
    do("no-favorito", own, company)
    assert [row.subscriber for row in Favourite.objects.all()] == [bruno]


def test_the_star_answers_without_a_page(as_ana, page, write, ana):
    own = write("Uno", ana)
    form = {"action": "favorito", "ids": own.pk}
    answer = as_ana.post(page("agenda/ordenar/"), form, headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert Favourite.objects.count() == 1


@pytest.mark.parametrize(
    ("action", "ids"),
    [("", ["1"]), ("volar", ["1"]), ("borrar", []), ("borrar", ["x", "-1", "٣", "9" * 30]),
     ("no-favorito", ["1"] * 3), ("borrar", [str(n) for n in range(1, 700)])],
)  # fmt: skip
def test_a_form_that_makes_no_sense_does_nothing(do, write, ana, action, ids):
    write("Uno", ana)
    assert do(action, *ids).status_code == 200
    assert Contact.objects.editable_by(ana).count() == 1


@pytest.mark.parametrize("book", ["own", "binned"])
@pytest.mark.parametrize(
    ("method", "path"),
    [("get", "agenda/{}/"), ("get", "agenda/{}/editar/"), ("post", "agenda/{}/editar/")],
)
def test_another_persons_contact_is_not_found(
    client, page, write, ana, bruno, now, book, method, path
):
    secret = write("Secreto", bruno, company="Suya")
    if book == "binned":
        Contact.objects.all().put_into_bin(now)
    client.force_login(ana.user)
    answer = getattr(client, method)(page(path.format(secret.pk)), {"first_name": "x"})
    assert answer.status_code == 404
    assert "Suya" not in said(answer)


@pytest.mark.parametrize("action", ["borrar", "recuperar", "eliminar", "favorito", "no-favorito"])
def test_nothing_is_done_to_another_persons_contact(do, write, bruno, now, action):
    there, binned = write("Secreto", bruno), write("Oculto", bruno)
    Contact.objects.filter(pk=binned.pk).put_into_bin(now)
    Favourite.objects.create(subscriber=bruno, contact=there)
    assert "Secreto" not in said(do(action, there, binned, sure="yes"))
    there.refresh_from_db()
    binned.refresh_from_db()
    assert (there.binned_at, binned.binned_at) == (None, now)
    assert [row.subscriber for row in Favourite.objects.all()] == [bruno]


def test_another_persons_change_is_not_undone(client, page, write, ana, bruno):
    client.force_login(bruno.user)
    contact = write("Suyo", bruno)
    client.post(page("agenda/ordenar/"), {"action": "borrar", "ids": [contact.pk]})
    event = AuditEvent.objects.get()
    client.force_login(ana.user)
    assert client.post(page(f"agenda/deshacer/{event.pk}/")).status_code == 404
    contact.refresh_from_db()
    assert contact.binned_at


@pytest.mark.parametrize(
    "path",
    [
        "agenda/",
        "agenda/?buscar=secreto",
        "agenda/?buscar=600999888",
        "agenda/?buscar=suya",
        "agenda/papelera/",
        "desvios/numeros/?q=secreto",
    ],
)
def test_nothing_of_another_persons_shows_anywhere(client, page, write, ana, bruno, path):
    write("Secreto Oculto", bruno, number="600999888", company="Suya", email="s@suya.es")
    client.force_login(ana.user)
    html = said(client.get(page(path)))
    assert not any(text in html for text in ("Secreto", "600 99 98 88", "Suya", "suya.es"))


def test_a_contact_leaves_the_bin_for_good_after_its_days(write, ana, settings):
    old, young, there = write("Viejo", ana), write("Nuevo", ana), write("Fuera", ana)
    days = timedelta(days=settings.BIN_DAYS)
    Contact.objects.filter(pk=old.pk).put_into_bin(timezone.now() - days - timedelta(minutes=1))
    Contact.objects.filter(pk=young.pk).put_into_bin(timezone.now() - days + timedelta(minutes=1))
    empty_bins()
    assert set(Contact.objects.all()) == {young, there}
