"""The calendar's page: what is shown of a month, a week and a day, and which of it calls obey."""

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from desvios.calendar.compile import won_between
from desvios.calendar.editing import create
from desvios.calendar.pages import grid
from desvios.calendar.pages.shown import Fate, shown_between
from desvios.calendar.series import Content
from desvios.models import CalendarEvent, compiled_of, rules_of
from portal.models import Holiday, HolidayCalendar, Subscriber
from portal.pbx.types import VOICEMAIL

pytestmark = pytest.mark.django_db(databases="__all__")

MADRID = ZoneInfo("Europe/Madrid")
MONDAY = date(2025, 11, 24)


def at(day, hour, minute=0):
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=MADRID)


@pytest.fixture
def plan(ana):
    """Put an event straight into Ana's calendar."""

    def put(title, start, end, destination=VOICEMAIL, rule="", **more):
        content = Content(title=title, start=start, end=end, destination=destination, rule=rule)
        ((uid, after),) = create(content).items()
        values = {**after, "edited_at": timezone.now(), **more}
        return CalendarEvent.objects.create(subscriber=ana, uid=uid, **values)

    return put


@pytest.fixture
def look(as_ana, page):
    """The page's text."""

    def read(vista="semana", dia="2025-11-24"):
        answer = as_ana.get(page("desvios/calendario/"), {"vista": vista, "dia": dia})
        assert answer.status_code == 200
        return answer.content.decode()

    return read


@pytest.mark.parametrize("view", ["mes", "semana", "dia"])
def test_an_event_is_on_every_view_with_time_and_destination(plan, look, carla, view):
    plan("Comida", at(MONDAY, 14), at(MONDAY, 15), "203")
    text = look(view)
    for words in ("Comida", "14:00–15:00", "Carla (203)"):
        assert words in text


def test_an_empty_calendar_says_what_will_be_here(look):
    assert "Aquí estarán los ratos" in look()


def test_today_is_marked_and_names_of_days_are_there_in_full(look):
    today = timezone.localdate()
    for view in ("mes", "semana", "dia"):
        assert ">hoy<" in look(view, today.isoformat())
    text = look("semana")
    assert "Lunes 24 nov" in text
    assert "Domingo 30 nov" in text


@pytest.mark.parametrize("day", ["", "x", "2026-99-01", "0001-01-01", "9999-12-31", "9" * 500])
@pytest.mark.parametrize("view", ["", "mes", "semana", "dia", "nada"])
def test_any_address_shows_some_calendar(look, view, day):
    assert "Nuevo evento" in look(view, day)


def test_arrows_lead_to_the_next_and_the_previous(look):
    assert "dia=2025-12-01" in look("semana")
    assert "dia=2025-11-17" in look("semana")
    assert "dia=2025-10-01" in look("mes")
    assert "dia=2025-12-01" in look("mes")
    assert "dia=2025-11-25" in look("dia")


def test_an_event_past_midnight_is_on_both_days(plan, look):
    plan("Guardia", at(MONDAY, 22), at(MONDAY + timedelta(days=1), 6))
    text = look("semana")
    assert text.count("<b>Guardia</b>") == 2
    assert "22:00–24:00" in text
    assert "00:00–06:00" in text


def test_the_loser_says_so_in_words(plan, look, ana):
    plan("Perdedor", at(MONDAY, 14), at(MONDAY, 15))
    plan("Ganador", at(MONDAY, 14), at(MONDAY, 15), edited_at=timezone.now() + timedelta(hours=1))
    text = look()
    assert text.count("no actúa: gana otro") == 1
    assert re.search(r"Perdedor</b>\s*<em class=\"word\">no actúa", text)


def test_who_loses_in_part_and_who_is_off_say_so_too(plan, look):
    plan("Larga", at(MONDAY, 10), at(MONDAY, 14))
    plan("Corta", at(MONDAY, 11), at(MONDAY, 12))
    plan("Dormida", at(MONDAY, 16), at(MONDAY, 17), enabled=False)
    text = look()
    assert re.search(r"Larga</b>\s*<em class=\"word\">actúa en parte", text)
    assert re.search(r"Dormida</b>\s*<em class=\"word\">apagado", text)
    assert not re.search(r"Corta</b>\s*<em", text)


def test_the_window_in_force_is_marked(plan, look):
    now = timezone.localtime()
    plan("Ahora mismo", now - timedelta(minutes=5), now + timedelta(minutes=5))
    text = look("dia", now.date().isoformat())
    assert re.search(r"Ahora mismo</b>\s*<em class=\"word\">ahora</em>", text)


def test_what_is_shown_as_won_is_what_is_compiled(plan, ana):
    for n in range(12):
        start = at(MONDAY + timedelta(days=n % 5), 8 + n % 7, 15 * (n % 4))
        plan(f"E{n}", start, start + timedelta(hours=1 + n % 6), rule="FREQ=DAILY;COUNT=5")
    first, last = at(MONDAY, 0), at(MONDAY + timedelta(days=14), 0)
    shown = shown_between(ana, first, last)
    mine = sorted((w.start, w.end, w.claim.event) for each in shown for w in each.won)
    compiled = won_between(ana, ana.events.all(), first, last)
    assert mine == [(w.start, w.end, w.claim.event) for w in compiled]
    assert {each.fate for each in shown} >= {Fate.WINS, Fate.IN_PART}


def test_a_holiday_has_its_name_and_the_series_pauses(plan, look):
    calendar = HolidayCalendar.objects.create(name="Madrid")
    Holiday.objects.create(calendar=calendar, date=MONDAY, name="Fiesta mayor")
    plan("Comida", at(MONDAY, 14), at(MONDAY, 15), rule="FREQ=DAILY;COUNT=3", skip_holidays=True)
    text = look()
    assert "Fiesta mayor" in text
    assert text.count("<b>Comida</b>") == 2


def test_a_busy_day_of_a_month_counts_what_only_a_telephones_list_has_room_for(plan, look):
    for hour in range(9, 14):
        plan(f"E{hour}", at(MONDAY, hour), at(MONDAY, hour + 1))
    text = look("mes")
    assert "y 2 más" in text
    assert "E13" in text


def test_what_overlaps_stands_side_by_side(plan, ana):
    plan("A", at(MONDAY, 10), at(MONDAY, 14))
    plan("B", at(MONDAY, 11), at(MONDAY, 12))
    plan("C", at(MONDAY, 15), at(MONDAY, 16))
    shown = shown_between(ana, at(MONDAY, 0), at(MONDAY, 23))
    (day,) = grid.lay_out([MONDAY], shown, MADRID, MONDAY, {})
    lanes = {p.shown.occurrence.title: (p.lane, p.lanes) for p in day.pieces}
    assert lanes == {"A": (1, 2), "B": (2, 2), "C": (1, 1)}


def test_the_hours_grow_with_what_takes_place(plan, ana):
    plan("Temprano", at(MONDAY, 6, 30), at(MONDAY, 7))
    plan("Tarde", at(MONDAY, 22), at(MONDAY + timedelta(days=1), 0))
    shown = shown_between(ana, at(MONDAY, 0), at(MONDAY + timedelta(days=1), 0))
    (day,) = grid.lay_out([MONDAY], shown, MADRID, MONDAY, {})
    hours = grid.hours_of([day])
    assert (hours.first, hours.last) == (6, 24)
    assert [(b.row, b.rows) for b in grid.blocks(day, hours)] == [(3, 2), (65, 8)]


def test_a_month_is_whole_weeks_from_monday():
    for month in range(1, 13):
        days = grid.days_of_month(date(2026, month, 15))
        assert days[0].weekday() == 0
        assert len(days) % 7 == 0
        assert days[0] <= date(2026, month, 1) < days[7]
    assert len(grid.days_of_month(date(2027, 2, 10))) == 28


def test_another_persons_event_is_not_shown(plan, client, bruno, page):
    plan("Secreto de Ana", at(MONDAY, 14), at(MONDAY, 15))
    client.force_login(bruno.user)
    for view in ("mes", "semana", "dia"):
        answer = client.get(page("desvios/calendario/"), {"vista": view, "dia": "2025-11-24"})
        assert "Secreto" not in answer.content.decode()


def test_a_switched_off_calendar_says_so_and_is_switched_on_with_one_button(
    plan, look, as_ana, ana, page
):
    plan("Comida", at(MONDAY, 14), at(MONDAY, 15))
    as_ana.post(page("desvios/calendario/activar/"))
    assert not rules_of(Subscriber.objects.get(pk=ana.pk)).calendar_enabled
    assert "está en No" in look()
    as_ana.post(page("desvios/calendario/activar/"), {"calendar_enabled": "on"})
    assert rules_of(Subscriber.objects.get(pk=ana.pk)).calendar_enabled
    assert CalendarEvent.objects.count() == 1


def test_what_a_person_writes_is_never_markup(plan, look):
    plan("<script>alert(1)</script>", at(MONDAY, 14), at(MONDAY, 15))
    assert "<script>alert" not in look()


def test_an_edit_of_holidays_compiles_the_series_that_pause(plan, client, ana, page):
    start = at(timezone.localdate() + timedelta(days=1), 14)
    plan("Comida", start, start + timedelta(hours=1), rule="FREQ=DAILY", skip_holidays=True)
    admin = User.objects.create_superuser("admin", password="x")
    client.force_login(admin)
    data = {
        "name": "Madrid",
        "days-TOTAL_FORMS": 1,
        "days-INITIAL_FORMS": 0,
        "days-0-date": start.date().isoformat(),
        "days-0-name": "Fiesta",
    }
    answer = client.post(page("admin/desvios/holidaycalendar/add/"), data)
    assert answer.status_code == 302, answer.content.decode()
    won = compiled_of(Subscriber.objects.get(pk=ana.pk)).won
    assert won[0][0] == int((start + timedelta(days=1)).timestamp())
    row = HolidayCalendar.objects.get()
    client.post(page(f"admin/desvios/holidaycalendar/{row.pk}/delete/"), {"post": "yes"})
    won = compiled_of(Subscriber.objects.get(pk=ana.pk)).won
    assert won[0][0] == int(start.timestamp())
    assert client.get(page("admin/desvios/calendarevent/")).status_code == 404
