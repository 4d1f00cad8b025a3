"""The page Ayuda, and the way to it."""

import re

import pytest
from django.conf import settings
from django.contrib.auth.models import User

from portal.context import TOPICS

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def html(as_ana, page):
    """What the page of an address says to Ana."""

    def read(path="ayuda/"):
        return as_ana.get(page(path)).content.decode()

    return read


def test_every_topic_has_a_part_a_picture_and_steps(html):
    parts = re.split(r'<section class="card topic" id="(\w+)"', html())
    assert parts[1::2] == TOPICS
    assert re.findall(r'<li><a href="#(\w+)">', parts[0]) == TOPICS
    for name, part in zip(parts[1::2], parts[2::2], strict=True):
        assert f"img/ayuda/{name}." in part
        assert len(re.findall(r'alt="(.+?)"', part)) == 1
        assert part.count("<li>") == 3


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("", ""),
        ("agenda/nuevo/", "#agenda"),
        ("desvios/", "#desvios"),
        ("desvios/calendario/nuevo/", "#calendario"),
        ("ajustes/seguridad/entradas/", "#ajustes"),
        ("informacion/tarjeta/", "#informacion"),
        ("chat/anteriores/", "#chat"),
        ("no-existe/", ""),
    ],
)
def test_the_way_there_leads_to_the_part_about_the_page(html, page, path, part):
    assert f'<a href="{page("ayuda/")}{part}">Ayuda</a>' in html(path)


def test_the_help_tells_the_codes_that_are_in_use_here(html, settings):
    assert "*11" in html()
    settings.FEATURE_CODES = settings.FEATURE_CODES | {"login": "*55", "logout": ""}
    assert "*55" in html()
    assert "*12" not in html()
    settings.FEATURE_CODES = settings.FEATURE_CODES | {"login": ""}
    assert "Usar el teléfono de otra mesa" not in html()


def test_who_has_no_number_reads_it_without_ways_to_pages_of_none(client, page):
    client.force_login(User.objects.create_user("nadie"))
    html = client.get(page("ayuda/")).content.decode()
    assert "Oír un mensaje" in html
    assert f'href="{page("buzon/")}"' not in html


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
def test_no_language_lacks_a_name_of_a_button(client, page, ana, language):
    ana.language = language
    ana.save()
    client.force_login(ana.user)
    html = client.get(page("ayuda/")).content.decode()
    assert len(re.findall(r"<strong>[^<%]+</strong>", html)) >= html.count("<strong>") > 30
