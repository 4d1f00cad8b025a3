"""«Desviar hasta…», the strip, what comes next, and the question about a future moment."""

import re
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from desvios.calendar.pages.coming import end_of_stretch, next_change
from desvios.calendar.series import is_series
from desvios.directory import plan_of
from desvios.models import CalendarEvent, ForwardingRules, rules_of
from desvios.views.hasta import CHOICES
from desvios.wording import coming_in_words
from portal.models import AuditEvent, Subscriber
from portal.pbx import get_pbx
from portal.pbx.routing import decide
from portal.pbx.types import VOICEMAIL, LineState, Reason
from tests.desvios.test_calendario import MADRID

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def forward(as_ana, page, carla):
    """Press one of the buttons of «Desviar hasta…»."""

    def press(until="1h", follow=True, **data):
        form = {"to": "number", "number": "203", "until": until, **data}
        return as_ana.post(page("desvios/hasta/"), form, follow=follow)

    return press


@pytest.fixture
def plan(as_ana, page, ana):
    """Store an event of Ana's as the page would, without its form."""

    def put(title, start, end, destination=VOICEMAIL, rule=""):
        local = start.astimezone(MADRID), end.astimezone(MADRID)
        data = {
            "title": title,
            "start_date": f"{local[0]:%Y-%m-%d}",
            "start_time": f"{local[0]:%H:%M:%S}",
            "end_date": f"{local[1]:%Y-%m-%d}",
            "end_time": f"{local[1]:%H:%M:%S}",
            "to": destination if destination == VOICEMAIL else "number",
            "number": destination,
            "enabled": "on",
            "repeat": rule,
        }
        answer = as_ana.post(page("desvios/calendario/nuevo/"), data)
        if answer.status_code == 200:
            seen = re.search(r'name="seen" value="(\w+)"', answer.content.decode())[1]
            answer = as_ana.post(page("desvios/calendario/nuevo/"), {**data, "seen": seen})
        assert answer.status_code == 302

    return put


def me():
    return Subscriber.objects.get(number="201")


def decided(instant=None):
    plan, now = plan_of(me()), instant or timezone.now()
    return decide(plan, now, LineState.IDLE, {"national": ".*"})


def test_an_hour_to_carla_begins_at_once_and_ends_by_itself(forward):
    answer = forward("1h")
    text = answer.content.decode()
    assert "Todas las llamadas van a Carla (203) hasta" in text
    assert "activo en la centralita" in text
    assert (decided().reason, decided().destination) == (Reason.CALENDAR, "203")
    assert decided(timezone.now() + timedelta(minutes=62)).reason is None
    (node,) = get_pbx().nodes
    assert get_pbx().forwarding.read(node, ["201"])["201"].calendar


def test_to_voicemail(forward):
    forward("30min", to=VOICEMAIL, number="")
    assert decided().destination == VOICEMAIL


@pytest.mark.parametrize(
    ("choice", "now", "end"),
    [
        ("30min", "10:00:00", "23T10:30"),
        ("30min", "10:00:01", "23T10:31"),
        ("1h", "23:30:00", "24T00:30"),
        ("evening", "10:00:00", "23T18:00"),
        ("evening", "18:00:00", "24T18:00"),
        ("evening", "19:30:00", "24T18:00"),
        ("morning", "10:00:00", "24T08:00"),
        ("morning", "02:00:00", "24T08:00"),
    ],
)
def test_each_button_ends_when_it_says(choice, now, end):
    moment = datetime.fromisoformat(f"2026-11-23T{now}").replace(tzinfo=MADRID)
    assert CHOICES[choice](moment) == datetime.fromisoformat(f"2026-11-{end}").replace(
        tzinfo=MADRID
    )


def test_a_chosen_moment(forward):
    end = timezone.localtime() + timedelta(days=2)
    forward("", moment=f"{end:%Y-%m-%dT%H:%M}")
    assert decided(timezone.now() + timedelta(days=1)).destination == "203"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"number": ""}, "Escribe el número"),
        ({"number": "0044 7700 900123"}, "no permite desviar"),
        ({"number": "201"}, "tu propio número"),
        ({"until": "", "moment": ""}, "Elige hasta cuándo"),
        ({"until": "", "moment": "x"}, "Elige hasta cuándo"),
        ({"until": "", "moment": "2026-99-99T00:00"}, "Elige hasta cuándo"),
        ({"until": "", "moment": "2020-01-01T00:00"}, "ya ha pasado"),
        ({"until": "", "moment": "2999-01-01T00:00"}, "a un año como mucho"),
    ],
)
def test_what_makes_no_sense_is_said_at_its_field_and_the_input_is_kept(forward, data, words):
    answer = forward(**{"until": "1h", **data})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert words in text
    assert f'value="{data.get("number", "203")}"' in text
    assert not CalendarEvent.objects.exists()


def test_undo_takes_one_button(forward, as_ana):
    text = forward().content.decode()
    as_ana.post(re.search(r'action="([^"]+/deshacer/\d+/)"', text)[1])
    assert decided().reason is None
    assert not CalendarEvent.objects.exists()


def test_quitar_removes_the_event_that_ends_by_itself(forward, as_ana, page, ana):
    ForwardingRules.objects.create(subscriber=ana, busy_to_voicemail=True)
    forward()
    text = as_ana.post(page("desvios/quitar/"), follow=True).content.decode()
    assert "«Desvío rápido» quitado: activo en la centralita" in text
    assert not CalendarEvent.objects.exists()
    assert rules_of(me()).busy_to_voicemail


def test_quitar_takes_only_this_occurrence_off_a_series(plan, as_ana, page):
    now = timezone.now().replace(microsecond=0)
    plan("Comida", now - timedelta(hours=1), now + timedelta(hours=1), rule="daily")
    assert decided().reason is Reason.CALENDAR
    text = as_ana.post(page("desvios/quitar/"), follow=True).content.decode()
    assert "«Comida» quitado solo esta vez" in text
    assert decided().reason is None
    assert decided(now + timedelta(days=1)).reason is Reason.CALENDAR
    assert is_series(CalendarEvent.objects.get().ical)
    as_ana.post(page(f"desvios/deshacer/{AuditEvent.objects.first().pk}/"))
    assert decided().reason is Reason.CALENDAR


def test_quitar_leaves_the_unconditional_rule_until_it_is_its_turn(forward, as_ana, page, ana):
    ForwardingRules.objects.create(
        subscriber=ana, unconditional_number="202", unconditional_number_enabled=True
    )
    forward()
    as_ana.post(page("desvios/quitar/"))
    assert decided().reason is Reason.UNCONDITIONAL
    as_ana.post(page("desvios/quitar/"))
    assert decided().reason is None


def test_a_calendar_that_was_off_is_switched_on_and_that_is_said(forward, ana):
    ForwardingRules.objects.create(subscriber=ana, calendar_enabled=False)
    text = forward().content.decode()
    assert "estaba en No: ahora está en Sí" in text
    assert decided().reason is Reason.CALENDAR


def test_the_strip_says_until_when_on_every_page(forward, as_ana, page):
    forward("1h")
    end = timezone.localtime(timezone.now() + timedelta(hours=1))
    for path in ("", "historial/", "desvios/calendario/"):
        text = as_ana.get(page(path)).content.decode()
        assert "Desvío activo:" in text
        assert re.search(r"van a Carla \(203\) hasta (las|la|medianoche|mañana)", text), end


def test_neighbours_that_go_to_the_same_place_are_one_stretch(plan, ana):
    now = timezone.now().replace(microsecond=0)
    plan("Una", now - timedelta(hours=1), now + timedelta(hours=1))
    plan("Otra", now + timedelta(hours=1), now + timedelta(hours=2))
    assert end_of_stretch(plan_of(me()), now) == now + timedelta(hours=2)


def test_a_stretch_beyond_what_is_compiled_has_no_end_to_tell(plan):
    now = timezone.now().replace(microsecond=0)
    plan("Excedencia", now - timedelta(hours=1), now + timedelta(days=200))
    assert decided().reason is Reason.CALENDAR
    assert end_of_stretch(plan_of(me()), now) is None


def test_the_event_that_comes_in_between_is_told(plan, forward):
    now = timezone.now().replace(microsecond=0)
    plan("Comida", now + timedelta(minutes=20), now + timedelta(minutes=40))
    assert "empieza «Comida»" in forward("1h").content.decode()


def test_the_start_page_tells_what_comes_next(plan, as_ana, page):
    now = timezone.now().replace(microsecond=0)
    plan("Comida", now + timedelta(minutes=20), now + timedelta(minutes=40))
    text = as_ana.get(page()).content.decode()
    assert re.search(r"empezará «Comida»: buzón de voz\.", text)
    assert coming_in_words(me(), now + timedelta(minutes=30), str).endswith("terminará «Comida».")
    assert coming_in_words(me(), now + timedelta(hours=2), str) == ""


def test_where_one_ends_and_another_begins_the_beginning_is_told(plan):
    now = timezone.now().replace(microsecond=0)
    plan("Una", now - timedelta(hours=1), now + timedelta(hours=1))
    plan("Otra", now + timedelta(hours=1), now + timedelta(hours=2), "600123123")
    change = next_change(me(), now)
    assert (str(change.event), change.begins) == ("Otra", True)


def test_nothing_comes_from_a_calendar_that_is_off(plan, as_ana, page):
    now = timezone.now().replace(microsecond=0)
    plan("Comida", now + timedelta(minutes=20), now + timedelta(minutes=40))
    as_ana.post(page("desvios/calendario/activar/"))
    assert "empezará" not in as_ana.get(page()).content.decode()


@pytest.mark.parametrize("days", [1, 200, 900])
def test_the_question_knows_the_calendar_at_any_future_moment(plan, as_ana, page, days):
    day = timezone.localdate() + timedelta(days=days)
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=MADRID)
    start = noon - timedelta(days=days - 1)
    plan("Comida", start, start + timedelta(hours=1), rule="daily")

    def ask(moment):
        query = {"estado": "idle", "momento": f"{moment:%Y-%m-%dT%H:%M:%S}"}
        return as_ana.get(page("desvios/"), query).content.decode()

    second = timedelta(seconds=1)
    assert "se aplica: la llamada va al buzón de voz" in ask(noon)
    assert "Suena el teléfono." in ask(noon - second)
    assert "se aplica: la llamada va al buzón de voz" in ask(noon + timedelta(hours=1) - second)
    assert "Suena el teléfono." in ask(noon + timedelta(hours=1))


def test_another_persons_stretch_is_not_touched(forward, client, bruno, page):
    forward()
    client.force_login(bruno.user)
    client.post(page("desvios/quitar/"))
    assert decided().reason is Reason.CALENDAR
