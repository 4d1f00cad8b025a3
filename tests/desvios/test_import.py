"""Importing a file: seen first, chosen, stored at once, undone at once."""

import time
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from desvios.calendar import series
from desvios.calendar.editing import snapshot
from desvios.exchange import export
from desvios.exchange.draft import digest
from desvios.exchange.feeds import KEEP_UPLOADS, refresh_due
from desvios.exchange.models import CalendarUpload
from desvios.models import CalendarEvent
from portal.models import AuditEvent, HolidayCalendar
from portal.pbx.types import VOICEMAIL
from tests.desvios import calendars
from tests.desvios.calendars import calendar, once

pytestmark = pytest.mark.django_db(databases="__all__")

YEAR = timezone.localdate().year + 1
DAY = f"{YEAR}0315"
LATER = f"{YEAR}0416"
LUNCH = f"""\
UID:comida
SUMMARY:Comida
DTSTART;TZID=Europe/Madrid:{DAY}T140000
DTEND;TZID=Europe/Madrid:{DAY}T150000
RRULE:FREQ=WEEKLY;BYDAY=MO,TU
"""


@pytest.fixture
def upload(as_ana, page):
    """Send a file as the page would, and see what comes."""

    def post(data, browser=None):
        file = SimpleUploadedFile("calendario.ics", data, "text/calendar")
        browser = browser or as_ana
        return browser.post(page("desvios/calendario/importar/"), {"file": file}, follow=True)

    return post


@pytest.fixture
def choose(as_ana, page):
    """Send the choice as the page would."""

    def post(*uids, **more):
        data = {"chosen": [digest(uid) for uid in uids], "to": VOICEMAIL} | more
        return as_ana.post(page("desvios/calendario/importar/elegir/"), data, follow=True)

    return post


def words(answer):
    return answer.content.decode()


def test_the_preview_says_what_each_event_is_and_changes_nothing(upload, ana):
    wrong = once("mal", "Cada segundo", DAY, RRULE="FREQ=SECONDLY")
    text = words(upload(calendar(LUNCH, once("b", "Dentista", LATER), wrong)))
    assert "Cada lunes y martes" in text
    assert "Dentista" in text
    assert "Cada segundo" in text
    assert "varias veces al día" in text
    assert text.count('name="chosen"') == 2
    assert not CalendarEvent.objects.exists()


def test_what_is_chosen_is_imported_with_one_entry_in_the_log(upload, choose, ana):
    upload(calendar(LUNCH, once("b", day=LATER), once("c", day=LATER)))
    answer = choose("comida", "c")
    assert "2 eventos importados: activo en la centralita" in words(answer)
    assert set(ana.events.values_list("uid", flat=True)) == {"comida", "c"}
    assert {series.read(event.ical).destination for event in ana.events.all()} == {VOICEMAIL}
    assert AuditEvent.objects.count() == 1
    assert not CalendarUpload.objects.exists()


def test_one_undo_takes_all_of_it_back(upload, choose, as_ana, page, ana):
    upload(calendar(LUNCH, once("b", day=LATER)))
    choose("comida", "b")
    as_ana.post(page(f"desvios/deshacer/{AuditEvent.objects.get().pk}/"))
    assert not ana.events.exists()


def test_a_second_import_tells_new_changed_and_equal_apart(upload, choose, ana):
    upload(calendar(LUNCH, once("b", day=LATER)))
    choose("comida", "b", to="number", number="600123123")
    text = words(upload(calendar(LUNCH, once("b", "Otra", LATER), once("c", day=LATER))))
    for state in ("Ya lo tienes igual", "Cambia el que tienes", "Nuevo"):
        assert text.count(state) == 1
    assert text.count(" checked") - text.count("radio") <= 2
    choose("b")
    assert str(ana.events.get(uid="b")) == "Otra"
    assert ana.events.count() == 2


def test_a_destination_is_checked_like_any_forwarding_and_the_choice_is_kept(upload, choose, ana):
    upload(calendar(LUNCH, once("b", day=LATER)))
    for number, reason in (
        ("201", "tu propio número"),
        ("806123456", "no permite"),
        ("", "Escribe"),
    ):
        answer = choose("b", to="number", number=number)
        assert answer.status_code == 422
        assert reason in words(answer)
        assert f'value="{digest("b")}" checked' in words(answer)
        assert f'value="{digest("comida")}" checked' not in words(answer)
    assert not ana.events.exists()


def test_what_the_file_says_of_destinations_is_kept_if_wanted_and_checked(upload, choose, ana):
    own = once("b", day=LATER, **{"X-WEBFON-DESTINATION": "600123123"})
    upload(calendar(own))
    choose("b", keep_own="on")
    assert series.read(ana.events.get().ical).destination == "600123123"
    upload(calendar(own))
    choose("b")
    assert series.read(ana.events.get().ical).destination == VOICEMAIL
    for bad in ("806123456", "201", "banana", "600 123 123"):
        upload(calendar(own.replace("600123123", bad)))
        assert choose("b", keep_own="on").status_code == 422
    assert series.read(ana.events.get().ical).destination == VOICEMAIL


def test_an_event_that_is_not_in_the_file_cannot_be_chosen(upload, choose, ana):
    upload(calendar(LUNCH))
    assert choose("otro").status_code == 422
    assert choose().status_code == 422
    assert not ana.events.exists()


def test_more_than_can_be_imported_at_once_is_said_so(upload, choose, ana):
    events = [once(str(n), day=LATER) for n in range(501)]
    text = words(upload(calendar(*events)))
    assert text.count(" checked") - 1 <= 501
    answer = choose(*map(str, range(501)))
    assert answer.status_code == 422
    assert "500 eventos como mucho" in words(answer)
    assert "500 eventos importados" in words(choose(*map(str, range(500))))
    assert ana.events.count() == 500


def test_what_is_over_is_counted_and_not_offered(upload):
    text = words(upload(calendar(LUNCH, once("a", "Vieja", "20200101"))))
    assert "1 ya pasó" in text
    assert "Vieja" not in text


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "vacío"),
        (b"<html>", "No es un calendario"),
        (b"x" * 2_100_000, "2 MB"),
        (b"BEGIN:VCALENDAR\n" + b"BEGIN:VEVENT\nEND:VEVENT\n" * 500_000, "2 MB"),
        (calendar(LUNCH)[:-10], "mal formado"),
        (calendar(), "ningún evento"),
    ],
)
def test_a_bad_file_is_refused_at_once_and_in_words(upload, data, reason):
    began = time.monotonic()
    answer = upload(data)
    assert time.monotonic() - began < 2
    assert answer.status_code == 422
    assert reason in words(answer)
    assert not CalendarUpload.objects.exists()


def test_a_form_without_a_file_says_so(as_ana, page):
    answer = as_ana.post(page("desvios/calendario/importar/"))
    assert answer.status_code == 422
    assert "Elige el archivo" in words(answer)


@pytest.mark.parametrize(
    "data",
    [
        calendars.GOOGLE,
        calendars.OUTLOOK.encode(),
        calendars.APPLE.encode(),
        calendars.THUNDERBIRD.encode(),
        calendars.NEXTCLOUD.encode(),
    ],
    ids=["google", "outlook", "apple", "thunderbird", "nextcloud"],
)
def test_the_page_shows_the_calendar_of_each_producer(upload, data):
    assert upload(data).status_code == 200


def test_one_persons_upload_is_nobody_elses(upload, client, bruno, page):
    upload(calendar(LUNCH))
    client.force_login(bruno.user)
    answer = client.get(page("desvios/calendario/importar/elegir/"), follow=True)
    assert "Comida" not in words(answer)
    assert "Súbelo otra vez" in words(answer)


def test_an_upload_waits_an_hour_and_is_forgotten(upload, as_ana, page):
    upload(calendar(LUNCH))
    CalendarUpload.objects.update(uploaded_at=timezone.now() - KEEP_UPLOADS)
    answer = as_ana.get(page("desvios/calendario/importar/elegir/"), follow=True)
    assert "Súbelo otra vez" in words(answer)
    refresh_due()
    assert not CalendarUpload.objects.exists()


def test_the_text_of_an_event_is_never_markup(upload):
    text = words(upload(calendar(once("x", "<script>alert(1)</script>", LATER))))
    assert "<script>alert" not in text
    assert "&lt;script&gt;" in text


def test_what_is_off_or_salvo_festivos_is_so_again_after_export_and_import(
    upload, choose, as_ana, page, ana
):
    upload(calendar(LUNCH, once("b", day=LATER)))
    choose("comida", "b")
    ana.events.filter(uid="b").update(enabled=False)
    ana.events.filter(uid="comida").update(skip_holidays=True)
    HolidayCalendar.objects.create(name="Aquí").days.create(date=date(YEAR, 3, 22), name="Fiesta")
    before = {each.uid: snapshot(each) for each in ana.events.all()}
    data = as_ana.get(page("desvios/calendario/exportar/webfon.ics")).content
    ana.events.all().delete()
    text = words(upload(data))
    assert "salvo festivos" in text
    assert "apagado" in text
    choose("comida", "b", keep_own="on")
    assert {each.uid: snapshot(each) for each in ana.events.all()} == before
    assert words(upload(data)).count("Ya lo tienes igual") == 2


def test_what_is_exported_can_be_imported_by_somebody_else(upload, choose, ana, bruno):
    upload(calendar(LUNCH, once("b", day=LATER)))
    choose("comida", "b")
    data = export.write("x", ana.events.all(), str)
    ana.events.all().delete()
    upload(data)
    choose("comida", "b")
    assert ana.events.count() == 2
