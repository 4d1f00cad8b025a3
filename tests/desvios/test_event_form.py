"""The form of an event: what it makes, what it refuses, what it shows before."""

import re
import time
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from desvios.calendar import series
from desvios.models import CalendarEvent, CalendarFeed, compiled_of
from portal.models import AuditEvent, Holiday, HolidayCalendar, Subscriber
from portal.pbx.types import VOICEMAIL

pytestmark = pytest.mark.django_db(databases="__all__")


def next_tuesday():
    today = timezone.localdate()
    return today + timedelta(days=(1 - today.weekday()) % 7 or 7)


def fields(**changed):
    day = next_tuesday().isoformat()
    return {
        "title": "En el almacén",
        "start_date": day,
        "start_time": "15:00",
        "end_date": day,
        "end_time": "19:00",
        "to": "number",
        "number": "203",
        "enabled": "on",
        **changed,
    }


WEEKLY = {"repeat": "weekly", "weekdays": ["TU"], "ends": "never"}


@pytest.fixture
def send(as_ana, page, carla):
    """Post the form of a new event, with some fields changed."""

    def post(path="nuevo/", **changed):
        return as_ana.post(page(f"desvios/calendario/{path}"), fields(**changed))

    return post


def event():
    return CalendarEvent.objects.get()


def windows(number="201"):
    compiled = compiled_of(Subscriber.objects.get(number=number))
    return compiled.windows() if compiled else ()


def refused(answer, *words):
    text = answer.content.decode()
    assert answer.status_code == 422
    assert not CalendarEvent.objects.exists()
    for each in (*words, "En el almacén"):
        assert each in text


def test_every_tuesday_afternoon_goes_to_carla(send):
    assert send(**WEEKLY).status_code == 302
    content = series.read(event().ical)
    assert (content.rule, content.destination) == ("FREQ=WEEKLY;BYDAY=TU", "203")
    starts = [datetime.fromtimestamp(each.start, UTC) for each in windows()]
    assert len(starts) >= 9
    assert all(each.weekday() == 1 for each in starts)


def test_what_is_saved_is_told_and_can_be_undone(send, as_ana, page):
    answer = as_ana.get(send().url)
    text = answer.content.decode()
    assert "«En el almacén» añadido al calendario: activo en la centralita." in text
    undo = re.search(r'action="([^"]+/deshacer/\d+/)"', text)[1]
    as_ana.post(undo)
    assert not CalendarEvent.objects.exists()
    assert windows() == ()


def test_voicemail_and_whole_days(send):
    send(to=VOICEMAIL, number="", all_day="on", start_time="", end_time="")
    content = series.read(event().ical)
    assert (content.start, content.destination) == (next_tuesday(), VOICEMAIL)
    assert content.end == next_tuesday() + timedelta(days=1)


def test_a_series_begins_on_the_first_day_that_its_rule_names(send):
    send(repeat="weekly", weekdays=["TH"])
    assert series.read(event().ical).start.date() == next_tuesday() + timedelta(days=2)
    assert len({each.start for each in windows()}) == len(windows())


def test_another_zone_keeps_its_own_clock(send):
    send(zone="America/New_York")
    assert "TZID=America/New_York" in event().ical


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"end_time": "14:00"}, "Termina antes de empezar"),
        ({"end_time": "15:00"}, "Termina antes de empezar"),
        ({"end_date": "2020-01-01"}, "Termina antes de empezar"),
        ({"start_date": "1900-01-01", **WEEKLY}, "Elige un año de 2000 a 2100"),
        ({"start_date": "9999-12-31", "end_date": "9999-12-31"}, "Elige un año"),
        ({"start_date": "mañana"}, "Escribe un día"),
        ({"start_time": "25:00"}, "Escribe una hora"),
        ({"start_time": ""}, "a qué hora empieza"),
        ({"end_time": ""}, "a qué hora termina"),
        ({**WEEKLY, "ends": "count", "count": "1000000"}, "de 1 a 1000"),
        ({**WEEKLY, "ends": "count", "count": "9" * 400}, "de 1 a 1000"),
        ({**WEEKLY, "ends": "count", "count": ""}, "Escribe cuántas veces"),
        ({**WEEKLY, "ends": "until", "until": ""}, "Escribe el último día"),
        ({**WEEKLY, "ends": "until", "until": "2020-01-01"}, "anterior al primero"),
        ({**WEEKLY, "every": "0"}, "de 1 a 99"),
        ({**WEEKLY, "every": "100000"}, "de 1 a 99"),
        ({"repeat": "daily", "end_date": "2099-01-01"}, "un año como mucho"),
        ({"repeat": "secondly"}, "Se repite"),
        ({"number": ""}, "Escribe el número"),
        ({"number": "0044 7700 900123"}, "no permite desviar"),
        ({"number": "201"}, "tu propio número"),
        ({"to": ""}, "Adónde van las llamadas"),
        ({"zone": "Moon/Base"}, "Zona horaria"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field_in_words(send, changed, words):
    began = time.monotonic()
    refused(send(**changed), words)
    assert time.monotonic() - began < 2


def test_a_series_longer_than_its_pause_is_refused(send):
    day = next_tuesday() + timedelta(days=1)
    refused(send(repeat="daily", end_date=day.isoformat()), "Dura más de lo que tarda en repetirse")


def test_a_title_is_asked_for_and_never_too_long(send):
    assert send(title=" ").status_code == 422
    assert send(title="x" * 81).status_code == 422
    assert send(title="a\x00b").status_code == 422


def test_without_a_mailbox_there_is_no_voicemail(send, ana):
    Subscriber.objects.filter(pk=ana.pk).update(mailbox="")
    refused(send(to=VOICEMAIL), "No tienes buzón de voz")


def test_an_overlap_is_shown_with_the_winner_before_it_is_saved(send, as_ana, page):
    send(title="Comida", start_time="14:00", end_time="16:00")
    answer = send()
    text = answer.content.decode()
    assert answer.status_code == 200
    assert CalendarEvent.objects.count() == 1
    assert "coincide con «Comida»" in text
    assert "Gana este" in text
    assert "porque empieza más tarde" in text
    assert "Guardar así" in text
    seen = re.search(r'name="seen" value="(\w+)"', text)[1]
    assert send(seen=seen).status_code == 302
    assert CalendarEvent.objects.count() == 2


def test_the_overlap_that_is_lost_is_shown_too(send):
    send(title="Comida", start_time="16:00", end_time="17:00")
    assert "Gana «Comida»" in send().content.decode()


def test_a_second_overlap_is_not_saved_on_the_word_of_the_first(send):
    send(title="Comida", start_time="14:00", end_time="16:00")
    seen = re.search(r'name="seen" value="(\w+)"', send().content.decode())[1]
    assert send(start_time="15:30", seen=seen).status_code == 200
    assert CalendarEvent.objects.count() == 1


def test_an_event_that_is_off_overlaps_with_nothing(send):
    send(title="Comida", start_time="14:00", end_time="16:00", enabled="")
    assert send().status_code == 302


def test_the_preview_says_the_repetition_and_the_next_five_dates(send):
    text = send("previa/", **WEEKLY).content.decode()
    assert "Cada martes, a Carla (203)." in text
    assert text.count("15:00–19:00</li>") == 5
    assert not CalendarEvent.objects.exists()


def test_the_preview_of_something_unfinished_says_what_will_be_there(send):
    assert "En cuanto el evento esté completo" in send("previa/", title="").content.decode()


def test_the_preview_leaves_holidays_out(send):
    calendar = HolidayCalendar.objects.create(name="Madrid")
    Holiday.objects.create(calendar=calendar, date=next_tuesday(), name="Fiesta")
    spared = send("previa/", **WEEKLY, skip_holidays="on").content.decode()
    assert "salvo festivos" in spared
    assert f"martes {next_tuesday().day} " not in spared
    assert f"martes {next_tuesday().day} " in send("previa/", **WEEKLY).content.decode()


def test_a_time_that_the_clocks_skip_is_accepted_and_explained(send):
    day = "2027-03-28"
    text = send(
        "previa/", start_date=day, end_date=day, start_time="02:30", end_time="04:00"
    ).content.decode()
    assert "el reloj se adelanta y salta las 2:30" in text
    assert "03:30–04:00" in text


def test_a_rare_series_has_its_dates_too(send):
    text = send("previa/", repeat="yearly", every="9", ends="never").content.decode()
    assert "Cada 9 años" in text


@pytest.fixture
def weekly(send):
    """A series on Tuesdays, and the names of its first occurrences."""
    send(**WEEKLY)
    days = [next_tuesday() + timedelta(days=7 * n) for n in range(4)]
    return event(), [f"{day}T15:00:00" for day in days]


def starts():
    return [timezone.localtime(datetime.fromtimestamp(each.start, UTC)) for each in windows()]


def test_the_form_of_an_occurrence_shows_its_own_day(weekly, as_ana, page):
    row, names = weekly
    text = as_ana.get(page(f"desvios/calendario/{row.pk}/?original={names[2]}")).content.decode()
    assert f'value="{names[2][:10]}"' in text
    assert "Solo esta" in text


def change(as_ana, page, row, name, **changed):
    path = page(f"desvios/calendario/{row.pk}/?original={name}")
    day = name[:10]
    made_from = CalendarEvent.objects.get(pk=row.pk).stamp
    data = fields(start_date=day, end_date=day, made_from=made_from, **WEEKLY) | changed
    return as_ana.post(path, data)


def test_one_occurrence_is_changed_alone(weekly, as_ana, page):
    row, names = weekly
    assert change(as_ana, page, row, names[1], scope="one", start_time="16:00").status_code == 302
    assert [each.hour for each in starts()[:3]] == [15, 16, 15]


def test_this_and_the_following_are_changed(weekly, as_ana, page):
    row, names = weekly
    change(as_ana, page, row, names[1], scope="following", start_time="16:00")
    assert [each.hour for each in starts()[:4]] == [15, 16, 16, 16]
    assert CalendarEvent.objects.count() == 2


def test_the_whole_series_is_changed_from_any_of_its_occurrences(weekly, as_ana, page):
    row, names = weekly
    change(as_ana, page, row, names[2], scope="all", start_time="16:00")
    assert {each.hour for each in starts()} == {16}
    assert starts()[0].date() == next_tuesday()


def test_another_title_for_the_series_keeps_what_was_removed_from_it(weekly, as_ana, page):
    row, names = weekly
    as_ana.post(
        page(f"desvios/calendario/{row.pk}/borrar/?original={names[1]}"),
        {"scope": "one", "made_from": row.stamp},
    )
    before = windows()
    change(as_ana, page, row, names[2], scope="all", title="Otro nombre")
    assert str(event()) == "Otro nombre"
    assert windows() == before


@pytest.mark.parametrize(("scope", "left"), [("one", [0, 2, 3]), ("following", [0]), ("all", [])])
def test_a_part_of_a_series_is_removed_and_comes_back(weekly, as_ana, page, scope, left):
    row, names = weekly
    before = windows()
    answer = as_ana.post(
        page(f"desvios/calendario/{row.pk}/borrar/?original={names[1]}"),
        {"scope": scope, "made_from": row.stamp},
        follow=True,
    )
    days = [date.fromisoformat(name[:10]) for name in names]
    assert [each.date() for each in starts() if each.date() in days] == [days[n] for n in left]
    assert "«En el almacén» borrado" in answer.content.decode()
    as_ana.post(page(f"desvios/deshacer/{AuditEvent.objects.first().pk}/"))
    assert windows() == before


@pytest.mark.parametrize("name", ["", "x", "2026-99-99", "1900-01-01T15:00:00", "2026-01-01"])
def test_an_occurrence_that_is_not_there_is_not_found(weekly, as_ana, page, name):
    row, _names = weekly
    answer = as_ana.get(page(f"desvios/calendario/{row.pk}/"), {"original": name})
    assert answer.status_code == (404 if name else 200)


def test_a_rule_that_the_form_cannot_say_survives_an_edit(send, as_ana, page):
    send(**WEEKLY)
    rule = "FREQ=MONTHLY;BYMONTHDAY=-1"
    row = event()
    row.ical = row.ical.replace("FREQ=WEEKLY;BYDAY=TU", rule)
    row.save()
    path = page(f"desvios/calendario/{row.pk}/")
    assert "Como está ahora" in as_ana.get(path).content.decode()
    data = fields(repeat="other", title="Fin de mes", made_from=row.stamp)
    assert as_ana.post(path, data).status_code == 302
    assert series.read(event().ical).rule == rule


@pytest.mark.parametrize(
    "path", ["{pk}/", "{pk}/?original=x", "{pk}/borrar/", "previa/?evento={pk}"]
)
def test_another_persons_event_is_not_found(send, client, bruno, page, path):
    send(**WEEKLY)
    row = event()
    client.force_login(bruno.user)
    address = page("desvios/calendario/" + path.format(pk=row.pk))
    assert client.post(address, fields(scope="all")).status_code == 404
    if "borrar" not in path and "previa" not in path:
        assert client.get(address).status_code == 404
    assert event().ical == row.ical


def test_nobody_elses_event_is_named_as_an_overlap(send, client, bruno, page):
    send(title="Secreto de Ana")
    client.force_login(bruno.user)
    text = client.post(page("desvios/calendario/previa/"), fields()).content.decode()
    assert "Secreto" not in text
    assert client.post(page("desvios/calendario/nuevo/"), fields()).status_code == 302


@pytest.fixture
def subscribed(weekly, ana):
    """The series, as if a subscription had brought it."""
    row, _names = weekly
    feed = CalendarFeed.objects.create(
        subscriber=ana, name="Trabajo", url="https://example.com/a.ics", due_at=timezone.now()
    )
    CalendarEvent.objects.filter(pk=row.pk).update(feed=feed)
    return row


def test_what_a_subscription_brought_is_shown_and_not_changed_here(subscribed, as_ana, page):
    calendar = as_ana.get(page("desvios/calendario/"), {"dia": next_tuesday().isoformat()})
    assert "suscripción</em>" in calendar.content.decode()
    for path in ("", "borrar/"):
        address = page(f"desvios/calendario/{subscribed.pk}/{path}")
        assert as_ana.post(address, fields(scope="all")).status_code == 404
    assert event().ical == subscribed.ical
