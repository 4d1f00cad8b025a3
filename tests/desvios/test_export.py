"""The own calendar for others: as a file, and under a secret address."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import icalendar
import pytest
from django.utils import timezone

from desvios.calendar import series
from desvios.exchange.models import CalendarShare
from desvios.models import CalendarEvent

pytestmark = pytest.mark.django_db(databases="__all__")

START = datetime(2026, 12, 1, 14, tzinfo=ZoneInfo("Europe/Madrid"))


def event_of(subscriber, title, **more):
    content = series.Content(
        title=title,
        start=START,
        end=START.replace(hour=15),
        destination="vm",
        rule="FREQ=WEEKLY",
    )
    return CalendarEvent.objects.create(
        subscriber=subscriber,
        uid=title,
        ical=series.write(title, content),
        edited_at=timezone.now(),
        **more,
    )


@pytest.fixture
def address(as_ana, page):
    """Make a secret address, and show it."""

    def make():
        as_ana.post(page("desvios/calendario/exportar/renovar/"))
        shown = as_ana.get(page("desvios/calendario/exportar/")).content.decode()
        return re.search(r'value="http://testserver(/[^"]+\.ics)"', shown)[1]

    return make


def titles(answer):
    whole = icalendar.Calendar.from_ical(answer.content)
    return [str(event["SUMMARY"]) for event in whole.walk("VEVENT")]


def test_the_file_has_the_own_events_with_their_zone(as_ana, ana, bruno, page):
    event_of(ana, "Comida")
    event_of(ana, "Apagada", enabled=False)
    event_of(bruno, "Secreto de Bruno")
    answer = as_ana.get(page("desvios/calendario/exportar/webfon.ics"))
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert 'filename="webfon.ics"' in answer["Content-Disposition"]
    assert answer["Cache-Control"].startswith("private")
    assert titles(answer) == ["Comida", "Apagada"]
    statuses = [each.get("STATUS") for each in icalendar.Calendar.from_ical(answer.content).events]
    assert statuses == [None, "CANCELLED"]
    text = answer.content.decode()
    assert "BEGIN:VTIMEZONE\r\nTZID:Europe/Madrid" in text
    assert "DTSTART;TZID=Europe/Madrid:20261201T140000" in text
    assert "buzón de voz" in icalendar.Calendar.from_ical(text).events[0]["DESCRIPTION"]


def test_an_empty_calendar_is_a_calendar_too(as_ana, page):
    assert titles(as_ana.get(page("desvios/calendario/exportar/webfon.ics"))) == []


def test_the_secret_address_needs_no_login_and_is_long(address, ana, client):
    event_of(ana, "Comida")
    secret = address()
    assert len(secret.rsplit("/", 1)[1]) == 64 + len(".ics")
    client.logout()
    answer = client.get(secret)
    assert titles(answer) == ["Comida"]
    assert answer["Cache-Control"].startswith("private")
    assert "Set-Cookie" not in answer
    assert client.head(secret).status_code == 200
    assert client.post(secret).status_code == 405


def test_the_secret_itself_is_not_stored(address):
    secret = address().rsplit("/", 1)[1].removesuffix(".ics")
    assert secret not in str(CalendarShare.objects.values())


def test_a_renewed_address_is_another_and_the_old_one_is_dead(address, client):
    old = address()
    new = address()
    assert old != new
    assert client.get(old).status_code == 404
    assert client.get(new).status_code == 200


def test_an_address_that_is_switched_off_is_dead(address, as_ana, page):
    secret = address()
    as_ana.post(page("desvios/calendario/exportar/apagar/"))
    assert as_ana.get(secret).status_code == 404
    assert "Apagada" in as_ana.get(page("desvios/calendario/exportar/")).content.decode()


@pytest.mark.parametrize("secret", ["0" * 64, "x", "%00", "a" * 5000, "..%2f..", "ñ"])
def test_a_wrong_secret_is_not_found(address, client, page, secret):
    address()
    answer = client.get(page(f"desvios/calendario/{secret}.ics"))
    assert answer.status_code == 404


def test_each_person_has_an_address_of_their_own(address, client, ana, bruno, page):
    event_of(ana, "Comida")
    secret = address()
    client.force_login(bruno.user)
    assert secret not in client.get(page("desvios/calendario/exportar/")).content.decode()
    client.post(page("desvios/calendario/exportar/apagar/"))
    client.post(page("desvios/calendario/exportar/renovar/"))
    client.logout()
    assert titles(client.get(secret)) == ["Comida"]


def test_with_another_key_of_the_installation_the_address_is_no_longer_shown(
    address, as_ana, page, settings
):
    secret = address()
    share = CalendarShare.objects.get()
    share.nonce = "x" * 32
    share.save()
    text = as_ana.get(page("desvios/calendario/exportar/")).content.decode()
    assert "ya no se puede mostrar" in text
    assert as_ana.get(secret).status_code == 200


def test_times_in_the_file_are_those_of_the_calendar(as_ana, ana, page):
    event_of(ana, "Comida")
    answer = as_ana.get(page("desvios/calendario/exportar/webfon.ics"))
    (event,) = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    assert event.start.astimezone(UTC) == START.astimezone(UTC)
    assert event["TRANSP"] == "TRANSPARENT"
