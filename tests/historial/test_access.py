"""Two people: what is one's is not there for the other, on any page."""

import re
from uuid import uuid4

import pytest
from django.utils import timezone

from historial.models import Dismissal
from tests.historial.conftest import NO_ANSWER

pytestmark = pytest.mark.django_db(databases="__all__")

SECRET = "600999888"


@pytest.fixture
def brunos(place, contact, bruno, keys):
    """A missed call of Bruno's, from somebody in his address book; its key."""
    contact("Amante de Bruno", SECRET, bruno)
    place(SECRET, "202", NO_ANSWER)
    (key,) = keys("202")
    return key


def test_anothers_call_is_not_found(as_ana, client, page, brunos, bruno):
    path = page(f"historial/llamada/{brunos}/")
    assert as_ana.get(path).status_code == 404
    assert as_ana.get(path, headers={"HX-Request": "true"}).status_code == 404
    assert as_ana.post(page("historial/marcar/"), {"key": brunos}).status_code == 404
    client.force_login(bruno.user)
    assert client.get(path).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "",
        "?periodo=todo",
        f"?buscar={SECRET}",
        "?buscar=amante",
        "?ver=perdidas&buscar=amante de bruno",
        "resumen/",
        "exportar/",
        f"exportar/?periodo=todo&buscar={SECRET}",
        "exportar/?buscar=amante",
        "pendientes/",
    ],
)
def test_no_page_shows_anothers_calls_or_names(as_ana, page, brunos, path):
    answer = as_ana.get(page(f"historial/{path}"))
    body = b"".join(answer) if answer.streaming else answer.content
    html = body.decode().replace("\u00a0", " ").lower()
    shown = re.sub(r'value="[^"]*"|buscar(?:=|%3d)[^"&]*|«[^»]*»', "", html)
    for secret in ("amante", "600 99 98 88", SECRET, "por devolver)", "600 99"):
        assert secret not in shown


def test_a_page_that_begins_after_anothers_call_shows_only_the_own(as_ana, page, brunos, place):
    place("911234567", "201", minutes=60)
    html = as_ana.get(page(f"historial/?antes={brunos}")).content.decode().replace("\u00a0", " ")
    assert "911 23 45 67" in html
    assert "600 99 98 88" not in html


def test_the_own_missed_calls_alone_are_marked_and_unmarked(
    as_ana, page, client, brunos, bruno, ana
):
    as_ana.post(page("historial/marcar/"), {"todas": "1"})
    assert not Dismissal.objects.exists()
    batch = uuid4()
    Dismissal.objects.create(subscriber=bruno, number=SECRET, until=timezone.now(), batch=batch)
    assert as_ana.post(page(f"historial/desmarcar/?lote={batch}")).status_code == 404
    assert Dismissal.objects.filter(subscriber=bruno).exists()


def test_both_sides_of_one_call_have_keys_of_their_own(as_ana, page, place, keys):
    place("201", "202")
    assert as_ana.get(page(f"historial/llamada/{keys('201')[0]}/")).status_code == 200
    assert as_ana.get(page(f"historial/llamada/{keys('202')[0]}/")).status_code == 404


def test_a_number_in_the_address_changes_nothing(as_ana, page, brunos, bruno):
    for query in (f"?subscriber={bruno.pk}", "?number=202", "?numero=202&subscriber=202"):
        assert (
            "600"
            not in re.sub(
                r"<script.*?>", "", as_ana.get(page(f"historial/{query}")).content.decode()
            ).split('aria-label="Llamadas"')[1]
        )
