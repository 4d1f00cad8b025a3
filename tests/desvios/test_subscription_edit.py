"""A subscription's name and destination can be changed, and it can be switched off and on."""

from datetime import datetime, timedelta

import pytest

from desvios.calendar.changes import store
from desvios.calendar.editing import Scope, remove
from desvios.exchange.models import CalendarFeed
from desvios.models import CalendarEvent
from portal.models import AuditEvent, ServiceClass
from portal.pbx import get_pbx
from portal.pbx.types import VOICEMAIL
from tests.desvios.calendars import calendar
from tests.desvios.test_feeds import (  # noqa: F401 - fixtures
    meeting,
    refreshed,
    server,
    subscribe,
    unhurried,
    windows,
    words,
)

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def feed(subscribe, server):  # noqa: F811
    """A subscription to a meeting and to a series of three days."""
    days = meeting("serie", "Serie", RRULE="FREQ=DAILY;COUNT=3").replace("T10", "T12")
    server.answers["/a.ics"] = calendar(meeting(), days.replace("T11", "T13"))
    subscribe()
    return CalendarFeed.objects.get()


@pytest.fixture
def edit(as_ana, page, carla):
    """Post the page's form."""

    def post(feed, **more):
        data = {"name": feed.name, "to": VOICEMAIL, "enabled": "on"} | more
        data = {name: value for name, value in data.items() if value is not None}
        return as_ana.post(page(f"desvios/calendario/suscripciones/{feed.pk}/"), data, follow=True)

    return post


def destinations(subscriber):
    return [each.destination for each in windows(subscriber)]


def test_the_form_shows_what_it_is_now(feed, as_ana, page):
    text = words(as_ana.get(page(f"desvios/calendario/suscripciones/{feed.pk}/")))
    assert 'value="Trabajo"' in text
    assert "127.0.0.1" in text
    assert "a.ics" not in text
    assert f"suscripciones/{feed.pk}/" in words(
        as_ana.get(page("desvios/calendario/suscripciones/"))
    )


def test_another_destination_changes_the_windows_and_reaches_the_telephone_system(feed, edit, ana):
    assert destinations(ana) == [VOICEMAIL] * 4
    version = ana.compiled_calendar.version
    answer = edit(feed, to="number", number="203")
    assert "Suscripción a «Trabajo» cambiada: activo en la centralita" in words(answer)
    assert destinations(ana) == ["203"] * 4
    held = get_pbx().forwarding.read("centralita", ["201"])["201"]
    assert held.calendar == ana.compiled_calendar.version != version


def test_what_was_taken_away_by_hand_stays_away(feed, edit, ana, rf):
    row = CalendarEvent.objects.get(ical__contains="SUMMARY:Serie")
    request = rf.post("/")
    request.user = ana.user
    original = next(start for start, _end, _to, pk in ana.compiled_calendar.won if pk == row.pk)
    first = datetime.fromtimestamp(original, ana.zone)
    store(request, ana, remove(row, scope=Scope.ONE, original=first), at=row.edited_at)
    assert len(windows(ana)) == 3
    edit(feed, to="number", number="203")
    assert destinations(ana) == ["203"] * 3


def test_what_comes_afterwards_goes_there_too(feed, edit, ana, server):  # noqa: F811
    edit(feed, to="number", number="203")
    server.answers["/a.ics"] = calendar(meeting("otra"))
    assert refreshed()[0]
    assert destinations(ana) == ["203"]


def test_switched_off_it_sends_nothing_and_is_still_read(feed, edit, ana, server, as_ana, page):  # noqa: F811
    edit(feed, enabled=None)
    assert windows(ana) == ()
    assert "Apagada" in words(as_ana.get(page("desvios/calendario/suscripciones/")))
    server.answers["/a.ics"] = calendar(meeting("otra"))
    assert refreshed()[0]
    assert windows(ana) == ()
    edit(feed)
    assert destinations(ana) == [VOICEMAIL]


def test_each_edit_is_logged_in_words_and_undone(feed, edit, ana, as_ana, page):
    edit(feed, name="Reuniones", to="number", number="203", enabled=None)
    text = words(as_ana.get(page("desvios/")))
    for line in ("nombre: Trabajo → Reuniones", "destino: buzón de voz → 203", "apagada"):
        assert f"Suscripción a «Reuniones», {line}" in text
    as_ana.post(page(f"desvios/deshacer/{AuditEvent.objects.first().pk}/"))
    feed.refresh_from_db()
    assert (feed.name, feed.destination, feed.enabled) == ("Trabajo", VOICEMAIL, True)
    assert destinations(ana) == [VOICEMAIL] * 4


def test_an_edit_that_changes_nothing_is_no_change(feed, edit):
    before = AuditEvent.objects.count()
    assert "No había nada que cambiar" in words(edit(feed))
    assert AuditEvent.objects.count() == before


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"name": ""}, "Ponle un nombre"),
        ({"name": "x" * 61}, "60"),
        ({"to": "number", "number": ""}, "Escribe el número"),
        ({"to": "number", "number": "806123456"}, "no permite desviar"),
        ({"to": "number", "number": "201"}, "tu propio número"),
    ],
)
def test_what_makes_no_sense_is_refused_and_the_input_is_kept(feed, edit, more, reason):
    answer = edit(feed, **{"name": "Otro", **more})
    assert answer.status_code == 422
    assert reason in words(answer)
    feed.refresh_from_db()
    assert (feed.name, feed.destination) == ("Trabajo", VOICEMAIL)


def test_undo_is_refused_where_calls_may_go_there_no_more(feed, edit, ana, as_ana, page):
    edit(feed, to="number", number="600123123")
    edit(feed)
    ServiceClass.objects.get().patterns.filter(label="Móviles").delete()
    undo = page(f"desvios/deshacer/{AuditEvent.objects.first().pk}/")
    assert "No se puede deshacer" in words(as_ana.post(undo, follow=True))
    assert destinations(ana) == [VOICEMAIL] * 4


def test_an_undo_of_an_older_change_does_what_the_subscription_says_now(
    feed, edit, ana, as_ana, page, rf
):
    row = CalendarEvent.objects.get(ical__contains="SUMMARY:Reuni")
    request = rf.post("/")
    request.user = ana.user
    taken = store(request, ana, remove(row), at=row.edited_at)
    edit(feed, to="number", number="203")
    as_ana.post(page(f"desvios/deshacer/{taken.pk}/"))
    assert destinations(ana) == ["203"] * 4


def test_a_subscription_that_was_cancelled_or_is_anothers_is_not_found(
    feed, edit, as_ana, page, client, bruno
):
    path = page(f"desvios/calendario/suscripciones/{feed.pk}/")
    client.force_login(bruno.user)
    assert client.get(path).status_code == 404
    assert client.post(path, {"name": "x", "to": VOICEMAIL}).status_code == 404
    CalendarFeed.objects.update(removed_at=feed.fetched_at + timedelta(seconds=1))
    client.force_login(feed.subscriber.user)
    assert client.get(path).status_code == 404
