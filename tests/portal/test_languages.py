"""In which language the portal speaks, and how each writes days and hours."""

import csv
import io
import json
import zipfile
from datetime import UTC, date, datetime

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone, translation
from django.utils.formats import date_format

from desvios.calendar.repetition import Kind, Repetition
from desvios.calendar.wording import repetition_in_words
from portal import dates
from portal.templatetags.portal import moment_in_words

pytestmark = pytest.mark.django_db(databases="__all__")

LANGUAGES = [code for code, _name in settings.LANGUAGES]
DAY, NOON = date(2026, 4, 21), datetime(2026, 4, 21, 13, 5, tzinfo=UTC)


def speaks(answer):
    return answer.content.decode().partition('<html lang="')[2][:2]


@pytest.mark.parametrize(
    ("cookie", "header", "language"),
    [
        ("", "", "es"),
        ("", "eu-ES,eu;q=0.9,en;q=0.8", "eu"),
        ("", "zu,xh;q=0.8", "es"),
        ("ca", "eu", "ca"),
        ("zu", "gl", "gl"),
        ("../../x", "", "es"),
    ],
)
def test_at_the_door_the_cookie_decides_then_the_browser(client, page, cookie, header, language):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = cookie
    for path in ("entrar/", "no-existe/"):
        answer = client.get(page(path), headers={"Accept-Language": header})
        assert speaks(answer) == language
        assert answer["Content-Language"] == language
        assert {"Cookie", "Accept-Language"} <= set(answer["Vary"].split(", "))


def test_the_language_is_chosen_at_the_door_and_stays_with_the_browser(page):
    client = Client()
    answer = client.post(page("idioma/"), {"idioma": "gl", "next": page("entrar/")})
    assert answer.headers["Location"] == page("entrar/")
    html = client.get(page("entrar/")).content.decode()
    assert "Contrasinal" in html
    assert '<option value="gl" lang="gl" selected>Galego</option>' in html
    assert speaks(Client().get(page("entrar/"))) == "es"


def test_what_a_person_chose_holds_against_cookie_and_browser(as_ana, ana, page):
    ana.language = "eu"
    ana.save()
    as_ana.cookies[settings.LANGUAGE_COOKIE_NAME] = "ca"
    answer = as_ana.get(page("desvios/"), headers={"Accept-Language": "en"})
    assert speaks(answer) == answer["Content-Language"] == "eu"
    part = as_ana.get(page("historial/pendientes/"), headers={"HX-Request": "true"})
    assert part["Content-Language"] == "eu"


def test_a_file_and_the_package_of_own_data_speak_the_persons_language(as_ana, ana, page):
    ana.language = "eu"
    ana.save()
    answer = as_ana.get(page("historial/exportar/"))
    headings = next(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    with translation.override("eu"):
        assert translation.gettext("Fecha") in headings[0]
    answer = as_ana.post(page("ajustes/descargar/"))
    package = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    assert "LEEME.txt" not in package.namelist()


@pytest.mark.parametrize(
    ("language", "short", "long", "month", "week"),
    [
        ("es", "21 abr", "21 de abril de 2026", "abril de 2026", "20 – 26 de abril de 2026"),
        ("en", "21 Apr", "21 April 2026", "April 2026", "20 – 26 April 2026"),
        ("ca", "21 abr.", "21 d’abril de 2026", "abril de 2026", "20 – 26 d’abril de 2026"),
        ("gl", "21 abr", "21 de abril de 2026", "abril de 2026", "20 – 26 de abril de 2026"),
        (
            "eu",
            "api 21",
            "2026(e)ko apirilaren 21a",
            "2026(e)ko apirila",
            "2026(e)ko apirilaren 20a – 26a",
        ),
    ],
)
def test_each_language_orders_a_day_as_it_does(language, short, long, month, week):
    with translation.override(language):
        assert dates.written(DAY, dates.SHORT) == short
        assert dates.written(DAY, dates.LONG_WITH_YEAR) == long
        assert dates.written(DAY, dates.MONTH) == month
        ends = zip((date(2026, 4, 20), date(2026, 4, 26)), dates.WITHIN_A_MONTH, strict=True)
        assert " – ".join(dates.written(day, form) for day, form in ends) == week


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_clock_has_24_hours_and_monday_comes_first(language):
    with translation.override(language), timezone.override("Europe/Madrid"):
        local = timezone.localtime(NOON)
        for form in ("TIME_FORMAT", "DATETIME_FORMAT", "SHORT_DATETIME_FORMAT"):
            assert "15:05" in date_format(local, form)
        assert "15:05" in moment_in_words(NOON, NOON)
        assert translation.get_language() == language


def test_a_repetition_is_said_in_every_language():
    weekly = Repetition(kind=Kind.WEEKLY, every=2, weekdays=("TU", "TH"))
    said = set()
    for language in LANGUAGES:
        with translation.override(language):
            said.add(repetition_in_words(weekly, DAY))
    assert len(said) == len(LANGUAGES)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("es", "%(sel)s de %(cnt)s seleccionado"),
        ("ca", "Tria-ho tot: %s"),
        ("ca", "%(sel)s de %(cnt)s seleccionats"),
        ("gl", "%(sel)s de %(cnt)s seleccionados"),
        ("eu", "Aukeratu denak: %s"),
    ],
)
def test_the_scripts_of_the_administration_speak_too(client, page, language, text):
    client.force_login(User.objects.create_superuser("jefa"))
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    script = client.get(page("admin/jsi18n/")).content.decode()
    assert json.dumps(text) in script
