"""Services close on the days of the calendars of holidays that they name."""

from datetime import UTC, date, datetime, time
from uuid import uuid4

import pytest
from django.contrib.auth.models import User

from chat import starting
from chat.availability import availabilities, availability
from chat.figures import figures
from chat.hours import holiday_that_closes, is_open, next_opening
from chat.models import OpenHours, Service
from chat.wording import state_of
from portal.models import AuditEvent, HolidayCalendar
from tests.chat.conftest import NOW, keep_alive

MONDAY = date(2026, 12, 7)
HOLIDAYS = {MONDAY: "Fiesta", date(2026, 12, 8): "Inmaculada"}
MORNINGS = [OpenHours(weekday=day, opens=time(9), closes=time(14)) for day in range(5)]


@pytest.fixture(autouse=True)
def company(settings):
    settings.TIME_ZONE = "Europe/Madrid"


def at(day, hour):
    return datetime(2026, 12, day, hour, tzinfo=UTC)


def test_a_holiday_goes_before_the_hours_from_midnight_to_midnight_of_the_company():
    assert is_open(MORNINGS, {}, at(7, 9))
    assert not is_open(MORNINGS, HOLIDAYS, at(7, 9))
    assert is_open([], HOLIDAYS, at(6, 22))
    assert not is_open([], HOLIDAYS, at(6, 23))
    assert not is_open([], HOLIDAYS, at(8, 22))
    assert is_open([], HOLIDAYS, at(8, 23))


def test_it_opens_again_on_the_first_day_that_is_none():
    assert next_opening(MORNINGS, HOLIDAYS, at(7, 9)) == at(9, 8)
    assert next_opening(MORNINGS, HOLIDAYS, at(4, 15)) == at(9, 8)
    assert next_opening([], HOLIDAYS, at(7, 9)) == at(8, 23)
    mondays = [OpenHours(weekday=0, opens=time(9), closes=time(14))]
    month = {date(2026, 12, day): "Vacaciones" for day in range(1, 32)}
    assert next_opening(mondays, month, at(1, 9)) == datetime(2027, 1, 4, 8, tzinfo=UTC)


def test_the_holiday_is_named_where_it_is_what_closes():
    assert holiday_that_closes(MORNINGS, HOLIDAYS, at(7, 20)) == "Fiesta"
    assert holiday_that_closes([], HOLIDAYS, at(8, 9)) == "Inmaculada"
    assert holiday_that_closes(MORNINGS, HOLIDAYS, at(9, 9)) == ""
    assert holiday_that_closes(MORNINGS, {date(2026, 12, 5): "Sábado santo"}, at(5, 9)) == ""


@pytest.fixture
def local(db):
    """A calendar on which today is a holiday."""
    calendar = HolidayCalendar.objects.create(name="Vigo")
    calendar.days.create(date=NOW.date(), name="Cristo de la Victoria")
    return calendar


@pytest.fixture
def closed_today(settings, service, support, local):
    """The first service is closed today, the second is not."""
    settings.TIME_ZONE = "UTC"
    empty = HolidayCalendar.objects.create(name="España")
    service.holiday_calendars.set([local, empty])
    support.holiday_calendars.set([empty])
    return service


@pytest.mark.django_db
def test_of_two_services_only_the_one_that_names_the_calendar_is_closed(
    closed_today, support, elena, hire
):
    hire("303", "Saul", queue="soporte")
    first, second = availabilities(NOW)
    assert (first.service, first.is_open, first.can_wait) == (closed_today, False, False)
    assert (second.service, second.is_open, second.can_wait) == (support, True, True)
    tone, words = state_of(first, NOW)
    assert tone == ""
    assert words == "Cerrado hoy por «Cristo de la Victoria». Abre: mañana, 00:00"
    assert state_of(second, NOW)[1] == "1 agente libre"
    assert figures(closed_today, NOW, NOW).closed == words
    assert figures(support, NOW, NOW).closed == ""


@pytest.mark.django_db
def test_whether_it_is_a_holiday_is_looked_at_when_it_is_sent(
    service, closed_today, support, local, elena, ana, ask, hire
):
    with pytest.raises(starting.NobodyThere, match="cerrado hoy por «Cristo de la Victoria»"):
        ask(ana)
    left = starting.leave_message(ana, service, uuid4(), "Llámame", "201", NOW)
    assert left.state == "callback"
    hire("303", "Saul", queue="soporte")
    assert ask(ana, to=support).state == "waiting"
    local.delete()
    assert availability(service, NOW).can_wait


@pytest.mark.django_db
def test_two_calendars_with_the_day_are_one_closed_day(closed_today, django_assert_num_queries):
    other = HolidayCalendar.objects.create(name="Galicia")
    other.days.create(date=NOW.date(), name="Día de Galicia")
    closed_today.holiday_calendars.add(other)
    assert availability(closed_today, NOW).holiday == "Día de Galicia"
    for number in range(5):
        Service.objects.create(queue=f"otra{number}", title="Otra").holiday_calendars.set([other])
    with django_assert_num_queries(4 + 1):
        availabilities(NOW)  # services, hours, holidays, who waits, and who attends the open one


@pytest.mark.django_db(databases="__all__")
def test_pages_and_the_supervisor_say_why_it_is_closed(
    client, page, closed_today, support, ana, settings
):
    day = NOW.date()
    client.force_login(ana.user)
    assert "Cerrado hoy por «Cristo de la Victoria»" in client.get(page("chat/")).content.decode()
    client.force_login(User.objects.create_superuser("boss"))
    text = client.get(page("admin/chat/ahora/")).content.decode()
    assert text.count("Cerrado hoy por «Cristo de la Victoria»") == 1
    assert closed_today.holiday_calendars.filter(days__date=day).exists()


@pytest.mark.django_db(databases="__all__")
def test_the_administration_names_the_calendars_and_the_log_tells(
    client, page, service, local, elena
):
    client.force_login(User.objects.create_superuser("boss"))
    keep_alive(elena, at=NOW)
    path = page(f"admin/chat/service/{service.pk}/change/")
    assert "Vigo" in client.get(path).content.decode()
    fields = {"title": "Atención", "queue": "atencion", "position": 0, "answer_within": 60}
    fields |= {"offer_seconds": 30, "patience_seconds": 600, "is_offered": "on"}
    fields |= {f"hours-{name}": 0 for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    assert client.post(path, fields | {"holiday_calendars": [local.pk]}).status_code == 302
    assert list(service.holiday_calendars.all()) == [local]
    assert AuditEvent.objects.get().after["holiday_calendars"] == ["Vigo"]
    assert client.post(path, fields | {"holiday_calendars": [local.pk, 999]}).status_code == 200
    gone = page(f"admin/desvios/holidaycalendar/{local.pk}/delete/")
    assert client.post(gone, {"post": "yes"}).status_code == 302
    assert not service.holiday_calendars.exists()
