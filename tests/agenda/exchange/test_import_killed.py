"""An import whose process is killed, or that two work on, is imported once and whole."""

import threading

import pytest

from agenda.exchange import work
from agenda.models import Contact, ContactImport, ContactNumber, ContactWord
from tests.killing import killed_after

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

PEOPLE = 600
"""More than are written at once, so that there is a middle to be killed in."""

CSV = "Nombre;Apellidos;Teléfono;Teléfono 2\n" + "".join(
    f"Eva;Gil {number};{600_000_000 + number};{900_000_000 + number}\n" for number in range(PEOPLE)
)
STATE = ContactImport.State


def everything():
    models = (Contact, ContactNumber, ContactWord)
    return [model.objects.count() for model in models]


def left_to_the_link(as_ana, upload, choose, monkeypatch):
    """An import that was chosen, and that no page works on."""
    monkeypatch.setattr(work, "FEW", 0)
    upload(as_ana, CSV)
    batch = ContactImport.objects.get()
    work.go_on(batch, seconds=20)
    choose(as_ana)
    batch.refresh_from_db()
    assert batch.state == STATE.STORING
    return batch


def test_wherever_it_is_killed_nothing_is_half_imported(as_ana, upload, choose, monkeypatch):
    batch = left_to_the_link(as_ana, upload, choose, monkeypatch)
    found, lines = set(), 1
    while not killed_after(lines, "agenda/", work.finish, batch.pk):
        contacts, numbers, words = everything()
        assert (contacts, numbers) in {(0, 0), (PEOPLE, PEOPLE)}
        assert contacts or not words
        found.add(contacts)
        lines += 1 + lines // 3
    assert found == {0, PEOPLE}
    batch.refresh_from_db()
    assert (batch.state, batch.added) == (STATE.DONE, PEOPLE)
    assert everything()[:2] == [PEOPLE, PEOPLE]
    assert "Gil 599" in as_ana.get("/webs/webfon3/agenda/?buscar=599").content.decode()


def test_two_at_it_import_it_once(as_ana, upload, choose, monkeypatch):
    batch = left_to_the_link(as_ana, upload, choose, monkeypatch)
    work.go_on_all()  # in a thread, as the link does
    others = [each for each in threading.enumerate() if each.name.startswith("contact-import-")]
    work.finish(batch.pk)
    for other in others:
        other.join(20)
    batch.refresh_from_db()
    assert (batch.state, batch.added) == (STATE.DONE, PEOPLE)
    assert everything()[:2] == [PEOPLE, PEOPLE]
