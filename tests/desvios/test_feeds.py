"""Subscriptions: their busy times become windows, and a broken one keeps its last good state."""

import time
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.utils import timezone
from django.utils.module_loading import import_string

from desvios.calendar.changes import store
from desvios.exchange import feeds
from desvios.exchange.fetch import Fetcher
from desvios.exchange.models import CalendarFeed
from desvios.models import CalendarEvent, compiled_of
from portal.models import AuditEvent
from portal.pbx import get_pbx
from portal.pbx.types import VOICEMAIL
from tests.desvios.calendar_server import send, serving
from tests.desvios.calendars import calendar, once

pytestmark = pytest.mark.django_db(databases="__all__")

MADRID = ZoneInfo("Europe/Madrid")


@pytest.fixture
def server(settings):
    """A calendar in the company's own network, which the administrator allowed."""
    settings.CALENDAR_INTRANET_HOSTS = ["127.0.0.1"]
    with serving() as running:
        yield running


@pytest.fixture(autouse=True)
def unhurried():
    cache.clear()


def tomorrow():
    return timezone.localdate() + timedelta(days=1)


def meeting(uid="reunion", title="Reunión", **more):
    return once(uid, title, f"{tomorrow():%Y%m%d}", **more)


@pytest.fixture
def subscribe(as_ana, page, server):
    """Post the form for the server's calendar."""

    def post(path="/a.ics", browser=None, **more):
        cache.clear()
        data = {"name": "Trabajo", "url": f"http://127.0.0.1:{server.port}{path}", "to": VOICEMAIL}
        browser = browser or as_ana
        return browser.post(page("desvios/calendario/suscripciones/"), data | more, follow=True)

    return post


def words(answer):
    return answer.content.decode()


def windows(subscriber):
    subscriber.refresh_from_db()
    if hasattr(subscriber, "compiled_calendar"):
        del subscriber._state.fields_cache["compiled_calendar"]
    compiled = compiled_of(subscriber)
    return compiled.windows() if compiled else ()


def at(hour):
    day = tomorrow()
    return int(datetime(day.year, day.month, day.day, hour, tzinfo=MADRID).timestamp())


def refreshed(now=None):
    feed = CalendarFeed.objects.get()
    good = feeds.refresh(feed, Fetcher(deadline=2.0), now or timezone.now())
    feed.refresh_from_db()
    return good, feed


def test_busy_times_become_windows_and_reach_the_telephone_system(subscribe, server, ana):
    server.answers["/a.ics"] = calendar(meeting(), meeting("libre", TRANSP="TRANSPARENT"))
    answer = subscribe()
    assert "Suscripción a «Trabajo»: activo en la centralita" in words(answer)
    ((start, end, to),) = [(w.start, w.end, w.destination) for w in windows(ana)]
    assert (start, end, to) == (at(10), at(11), VOICEMAIL)
    held = get_pbx().forwarding.read("centralita", ["201"])["201"]
    assert held.calendar == compiled_of(ana).version


def test_the_page_shows_the_host_and_never_the_secret_address(subscribe, server, as_ana, page):
    server.answers["/privado-0123.ics"] = calendar(meeting())
    assert "privado-0123" not in words(subscribe("/privado-0123.ics"))
    text = words(as_ana.get(page("desvios/calendario/suscripciones/")))
    assert "127.0.0.1" in text
    assert "1 evento por venir" in text
    assert "privado-0123" not in text
    assert "privado-0123" not in str(AuditEvent.objects.values())


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://10.0.0.1/a.ics", "no es de internet"),
        ("https://[::1]/a.ics", "no es de internet"),
        ("https://169.254.169.254/latest/", "no es de internet"),
        ("http://calendario.test/a.ics", "https://"),
        ("hola", "https://"),
        ("", "Pega la dirección"),
    ],
)
def test_an_address_that_cannot_be_subscribed_to_is_refused_at_its_field(
    subscribe, url, reason, ana
):
    answer = subscribe(url=url)
    assert answer.status_code == 422
    assert reason in words(answer)
    assert not CalendarFeed.objects.exists()
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize(
    ("body", "reason"), [(b"<html>", "página web"), (b"hola", "No es un calendario")]
)
def test_what_is_no_calendar_is_not_subscribed_to(subscribe, server, body, reason):
    server.answers["/a.ics"] = body
    answer = subscribe()
    assert answer.status_code == 422
    assert reason in words(answer)
    assert not CalendarFeed.objects.exists()


def test_a_destination_is_checked_like_any_forwarding(subscribe, server, carla):
    server.answers["/a.ics"] = calendar(meeting())
    assert "no permite desviar" in words(subscribe(to="number", number="806123456"))
    assert "tu propio número" in words(subscribe(to="number", number="201"))
    assert subscribe(to="number", number="203").status_code == 200
    assert CalendarFeed.objects.get().destination == "203"


def test_a_broken_feed_keeps_its_last_good_state_and_says_so(subscribe, server, ana, as_ana, page):
    server.answers["/a.ics"] = calendar(meeting())
    subscribe()
    before = windows(ana)
    for broken in (None, b"<html>", calendar(meeting())[:-30], b""):
        server.answers["/a.ics"] = broken
        good, feed = refreshed()
        assert not good
        assert feed.error
        assert windows(ana) == before
        text = words(as_ana.get(page("desvios/calendario/suscripciones/")))
        assert "No se pudo leer" in text
        assert "Sigue valiendo lo que se leyó" in text
    server.answers["/a.ics"] = calendar()
    good, feed = refreshed()
    assert (good, feed.error, windows(ana)) == (True, "", ())


def test_a_broken_feed_is_asked_less_and_less_often(subscribe, server):
    server.answers["/a.ics"] = calendar(meeting())
    subscribe()
    server.answers["/a.ics"] = None
    now, pauses = timezone.now(), []
    for _turn in range(9):
        _good, feed = refreshed(now)
        pauses.append(feed.due_at - now)
    assert timedelta(minutes=30) <= pauses[0] <= timedelta(minutes=32)
    assert feeds.LONGEST_PAUSE <= pauses[-1] <= feeds.LONGEST_PAUSE + feeds.JITTER


def test_what_did_not_change_there_is_not_compiled_again(subscribe, server, ana):
    def answer(handler):
        known = handler.headers.get("If-None-Match") == '"1"'
        send(handler, 304 if known else 200, b"" if known else calendar(meeting()), ETag='"1"')

    server.answers["/a.ics"] = answer
    subscribe()
    version = compiled_of(ana).version
    good, feed = refreshed(timezone.now() + timedelta(hours=1))
    assert good
    assert server.seen[-1][1]["If-None-Match"] == '"1"'
    assert feed.fetched_at > timezone.now()
    assert version == compiled_of(ana).version


def test_an_event_that_changed_there_changes_here_and_the_others_stay(subscribe, server, ana):
    server.answers["/a.ics"] = calendar(meeting("a"), meeting("b"))
    subscribe()
    kept = set(CalendarEvent.objects.values_list("pk", flat=True))
    server.answers["/a.ics"] = calendar(
        meeting("a"), meeting("b").replace("T110000", "T120000"), meeting("c")
    )
    assert refreshed()[0]
    after = set(CalendarEvent.objects.values_list("pk", flat=True))
    assert len(after) == 3
    assert len(after & kept) == 1
    assert windows(ana)[-1].end == at(12)


def test_an_occurrence_taken_away_here_stays_away_until_it_changes_there(subscribe, server, ana):
    server.answers["/a.ics"] = calendar(meeting("a"))
    subscribe()
    CalendarEvent.objects.all().delete()
    server.answers["/a.ics"] = calendar(meeting("a"), meeting("c"))
    refreshed()
    assert [event.ical.count("Reunión") for event in CalendarEvent.objects.all()] == [1]
    server.answers["/a.ics"] = calendar(meeting("a", "Otra"), meeting("c"))
    refreshed()
    assert CalendarEvent.objects.count() == 2


def test_an_event_of_a_subscription_is_not_changed_by_hand(subscribe, server, as_ana, page):
    server.answers["/a.ics"] = calendar(meeting())
    subscribe()
    event = CalendarEvent.objects.get()
    address = page(f"desvios/calendario/{event.pk}/")
    assert as_ana.get(address).status_code == 404
    assert as_ana.post(address).status_code == 404
    assert as_ana.post(f"{address}borrar/").status_code == 404
    assert CalendarEvent.objects.get() == event
    assert "Reunión" in words(as_ana.get(page(f"desvios/calendario/?dia={tomorrow()}")))


def test_taking_off_what_a_subscription_does_now_lasts_until_it_changes_there(
    subscribe, server, as_ana, ana, page
):
    now = timezone.now().astimezone(MADRID)
    begin, end = now - timedelta(minutes=20), now + timedelta(minutes=40)
    event = (
        f"UID:ahora\nSUMMARY:Reunión\nDTSTART;TZID=Europe/Madrid:{begin:%Y%m%dT%H%M%S}\n"
        f"DTEND;TZID=Europe/Madrid:{end:%Y%m%dT%H%M%S}"
    )
    server.answers["/a.ics"] = calendar(event)
    subscribe()
    assert "buzón de voz" in words(as_ana.get(page("desvios/")))
    answer = as_ana.post(page("desvios/quitar/"), follow=True)
    assert "«Reunión» quitado: activo en la centralita" in words(answer)
    server.answers["/a.ics"] = calendar(event, meeting())
    refreshed()
    assert [window.start for window in windows(ana)] == [at(10)]


def test_what_came_by_a_subscription_belongs_to_it_again_after_an_undo(subscribe, server, rf, ana):
    server.answers["/a.ics"] = calendar(meeting())
    subscribe()
    event, feed = CalendarEvent.objects.get(), CalendarFeed.objects.get()
    request = rf.post("/")
    request.user = ana.user
    gone = store(request, ana, {event.uid: None}, at=timezone.now())
    store(request, ana, gone.before, at=timezone.now())
    assert CalendarEvent.objects.get().feed == feed


def test_an_event_that_cannot_be_read_is_left_out_and_named(subscribe, server, as_ana, page):
    server.answers["/a.ics"] = calendar(meeting(), meeting("b", "Rara", RRULE="FREQ=SECONDLY"))
    subscribe()
    text = words(as_ana.get(page("desvios/calendario/suscripciones/")))
    assert "1 evento se queda fuera" in text
    assert "Rara" in text


def test_cancelling_takes_the_windows_away_and_can_be_undone(subscribe, server, ana, as_ana, page):
    server.answers["/a.ics"] = calendar(meeting())
    subscribe()
    pk = CalendarFeed.objects.get().pk
    answer = as_ana.post(page(f"desvios/calendario/suscripciones/{pk}/anular/"), follow=True)
    assert "anulada: activo en la centralita" in words(answer)
    assert windows(ana) == ()
    assert "Trabajo" not in words(as_ana.get(page("desvios/calendario/suscripciones/")))
    undo = AuditEvent.objects.first().pk
    assert "Suscripción a «Trabajo» anulada" in words(as_ana.get(page("desvios/")))
    as_ana.post(page(f"desvios/deshacer/{undo}/"))
    assert len(windows(ana)) == 1
    as_ana.post(page(f"desvios/deshacer/{AuditEvent.objects.first().pk}/"))
    assert windows(ana) == ()


def test_bringing_back_is_refused_where_the_destination_is_allowed_no_more(
    subscribe, server, ana, as_ana, page, carla
):
    server.answers["/a.ics"] = calendar(meeting())
    subscribe(to="number", number="203")
    pk = CalendarFeed.objects.get().pk
    as_ana.post(page(f"desvios/calendario/suscripciones/{pk}/anular/"))
    ana.forward_class.patterns.all().delete()
    undo = AuditEvent.objects.first().pk
    answer = as_ana.post(page(f"desvios/deshacer/{undo}/"), follow=True)
    assert "No se puede deshacer" in words(answer)
    assert windows(ana) == ()


def test_an_answer_that_comes_after_the_cancelling_changes_nothing(subscribe, server, ana, as_ana):
    server.answers["/a.ics"] = calendar(meeting())
    subscribe()
    feed = CalendarFeed.objects.get()
    server.answers["/a.ics"] = calendar(meeting("otra"))
    CalendarFeed.objects.update(removed_at=timezone.now())
    CalendarEvent.objects.all().delete()
    feeds.refresh(feed, Fetcher(deadline=2.0), timezone.now())
    assert not CalendarEvent.objects.exists()
    feed.refresh_from_db()
    assert feed.removed_at


def test_reading_now_is_limited_and_says_what_came(subscribe, server, as_ana, page):
    server.answers["/a.ics"] = calendar(meeting())
    subscribe()
    feed = CalendarFeed.objects.get()
    address = page(f"desvios/calendario/suscripciones/{feed.pk}/actualizar/")
    assert "Se acaba de leer" in words(as_ana.post(address, follow=True))
    seen = len(server.seen)
    CalendarFeed.objects.update(tried_at=timezone.now() - timedelta(minutes=1))
    assert "está al día" in words(as_ana.post(address, follow=True))
    assert len(server.seen) == seen + 1
    CalendarFeed.objects.update(tried_at=timezone.now() - timedelta(minutes=1))
    server.answers["/a.ics"] = None
    assert "ya no está en esa dirección" in words(as_ana.post(address, follow=True))


def test_five_subscriptions_are_enough(subscribe, server):
    server.answers["/a.ics"] = calendar(meeting())
    for _turn in range(5):
        assert subscribe().status_code == 200
    answer = subscribe()
    assert answer.status_code == 422
    assert "5 calendarios como mucho" in words(answer)


def test_addresses_are_not_tried_one_after_the_other(subscribe, server, as_ana, page, caplog):
    data = {"name": "x", "url": f"http://127.0.0.1:{server.port}/no.ics", "to": VOICEMAIL}
    address = page("desvios/calendario/suscripciones/")
    assert "ya no está" in words(as_ana.post(address, data))
    assert "Espera unos segundos" in words(as_ana.post(address, data))
    assert "refused: 201 tries calendars one after the other" in caplog.text


@pytest.mark.parametrize("action", ["actualizar", "anular"])
def test_another_persons_subscription_is_not_found(subscribe, server, client, bruno, page, action):
    server.answers["/a.ics"] = calendar(meeting())
    subscribe()
    pk = CalendarFeed.objects.get().pk
    client.force_login(bruno.user)
    answer = client.post(page(f"desvios/calendario/suscripciones/{pk}/{action}/"))
    assert answer.status_code == 404
    assert "Trabajo" not in words(client.get(page("desvios/calendario/suscripciones/")))
    assert CalendarFeed.objects.get().removed_at is None


def test_another_persons_log_entry_about_a_subscription_is_not_found(
    subscribe, server, client, bruno, page
):
    server.answers["/a.ics"] = calendar(meeting())
    subscribe()
    client.force_login(bruno.user)
    undo = AuditEvent.objects.first().pk
    assert client.post(page(f"desvios/deshacer/{undo}/")).status_code == 404


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_the_link_refreshes_what_is_due_beside_its_other_jobs(subscribe, server, ana):
    job = "desvios.exchange.feeds.refresh_due"
    assert django_settings.LINK_JOBS[job] == 60
    server.answers["/a.ics"] = calendar(meeting())
    subscribe()
    server.answers["/a.ics"] = calendar(meeting("a"), meeting("b", DTEND="x"))
    CalendarFeed.objects.update(due_at=timezone.now(), tried_at=timezone.now() - timedelta(hours=1))
    began = time.monotonic()
    import_string(job)()
    assert time.monotonic() - began < 1
    for worker in list(feeds._workers):
        worker.join(10)
    feed = CalendarFeed.objects.get()
    assert feed.due_at > timezone.now()
    assert "1 evento se queda fuera" in feed.remark


def test_what_was_cancelled_long_ago_is_forgotten(subscribe, server):
    server.answers["/a.ics"] = calendar(meeting())
    subscribe()
    CalendarFeed.objects.update(removed_at=timezone.now() - timedelta(days=31))
    feeds.refresh_due()
    assert not CalendarFeed.objects.exists()
