"""Everything that a person has here, as one file."""

import io
import json
import zipfile
from datetime import UTC, datetime

import pytest

from agenda.models import Contact
from portal import own_data
from portal.locks import lock

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def download(client, page):
    def fetch(who):
        client.force_login(who.user)
        answer = client.post(page("ajustes/descargar/"))
        assert answer["Content-Type"] == "application/zip"
        return zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))

    return fetch


def contact(owner, name, number):
    return Contact.objects.create(
        owner=owner, first_name=name, display_name=name, number=number, number_type="mobile"
    )


def test_the_file_holds_every_part_and_is_whole(download, ana):
    package = download(ana)
    names = set(package.namelist())
    assert {
        "LEEME.txt",
        "ajustes/datos.json",
        "ajustes/entradas.json",
        "ajustes/cambios.json",
        "agenda/contactos.csv",
        "agenda/contactos.vcf",
        "historial/llamadas.csv",
        "desvios/desvios.json",
        "desvios/calendario.ics",
        "buzon/buzon.json",
        "buzon/mensajes.csv",
    } <= names
    assert package.testzip() is None
    assert "No está completo" not in package.read("LEEME.txt").decode()
    facts = json.loads(package.read("ajustes/datos.json"))
    assert (facts["number"], facts["display_name"]) == ("201", "Ana")
    assert json.loads(package.read("desvios/desvios.json"))["rules"]["ring_seconds"] == 20


def test_contacts_are_the_own_ones_in_both_formats(download, ana, bruno):
    contact(ana, "Pilar", "600123123")
    contact(bruno, "Secreta", "600999999")
    package = download(ana)
    for name in ("agenda/contactos.csv", "agenda/contactos.vcf"):
        text = package.read(name).decode()
        assert "Pilar" in text
        assert "600123123" in text.replace(" ", "")
        assert "Secreta" not in text


def test_messages_come_with_their_sound(download, ana, bruno, message):
    message(ana, "600123123", at=datetime(2026, 11, 20, 9, 30, tzinfo=UTC))
    message(bruno, "600999999", at=datetime(2026, 11, 20, 9, 31, tzinfo=UTC))
    package = download(ana)
    sounds = [name for name in package.namelist() if name.endswith(".wav")]
    assert len(sounds) == 1
    assert sounds[0].startswith("buzon/mensajes/INBOX/2026-11-20 10.30.00 600123123")
    assert package.read(sounds[0])[:4] == b"RIFF"
    listed = package.read("buzon/mensajes.csv").decode()
    assert "600123123" in listed
    assert "600999999" not in listed


def test_a_name_that_a_caller_chose_is_no_formula(download, ana, message):
    message(ana, "600123123", caller_name="=1+1")
    assert ";'=1+1;" in download(ana).read("buzon/mensajes.csv").decode()


def test_changes_and_logins_are_the_own_ones_and_hold_no_secret(download, client, page, ana, bruno):
    for who in (ana, bruno):
        client.force_login(who.user)
        form = {"display_name": f"De {who.number}", "ring_seconds": 30, "revision": who.revision}
        client.post(page("desvios/"), {**form, "access_code": "1357924680"})
    text = b"".join(map((package := download(ana)).read, package.namelist())).decode(
        errors="replace"
    )
    assert "De 201" in text
    assert "De 202" not in text
    assert "1357924680" not in text
    ana.refresh_from_db()
    assert ana.access_code not in text
    assert ana.user.password not in text


def test_what_cannot_be_read_is_named_and_the_rest_is_there(download, ana, settings):
    settings.OWN_DATA = {"roto": "tests.ajustes.parts.broken_off", **settings.OWN_DATA}
    package = download(ana)
    assert "No está completo: roto." in package.read("LEEME.txt").decode()
    assert package.read("roto/principio.txt") == b"201"
    assert "agenda/contactos.csv" in package.namelist()
    assert package.testzip() is None


def test_the_file_does_not_grow_without_end(download, ana, message, settings):
    message(ana, "600123123")
    settings.OWN_DATA_BYTES = 20_000
    package = download(ana)
    parts = [each for each in package.infolist() if each.filename != "LEEME.txt"]
    assert sum(each.file_size for each in parts) <= 20_000
    assert "buzon" in package.read("LEEME.txt").decode()
    assert package.testzip() is None


def test_two_at_once_are_one_too_many(as_ana, page, ana):
    with lock(f"own-data-{ana.pk}", timeout=0):
        answer = as_ana.post(page("ajustes/descargar/"), follow=True)
    assert "Ya se están preparando" in answer.content.decode()


def test_every_part_is_one_that_there_is(settings, ana):
    target = io.BytesIO()
    assert own_data.pack(ana, target) == []
    folders = {name.partition("/")[0] for name in zipfile.ZipFile(target).namelist()}
    assert folders == {*settings.OWN_DATA, "LEEME.txt"}
