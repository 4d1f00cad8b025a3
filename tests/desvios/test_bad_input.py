"""What is thrown at the calendar's pages is answered in words, at once, and nothing is lost."""

import gzip
import io
import time
import zipfile
from contextlib import contextmanager
from threading import Event

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from desvios.exchange.feeds import refresh
from desvios.exchange.fetch import Fetcher
from desvios.exchange.models import CalendarFeed, CalendarUpload
from desvios.models import CalendarEvent
from tests.deadlines import SLACK
from tests.desvios.calendar_server import send, serving
from tests.desvios.calendars import calendar
from tests.desvios.test_event_form import fields

pytestmark = pytest.mark.django_db(databases="__all__")

AT_ONCE = 2.0 + SLACK
"""Seconds: «within a second or two»."""

DAY = f"{timezone.localdate().year + 1}0315"
HOUR = f"UID:x\nSUMMARY:Mala\nDTSTART:{DAY}T100000Z\nDTEND:{DAY}T110000Z\n"


@contextmanager
def at_once():
    began = time.monotonic()
    yield
    assert time.monotonic() - began < AT_ONCE


@pytest.fixture
def kept(as_ana, page, carla):
    """An event that has to be there afterwards, whatever happens."""
    as_ana.post(page("desvios/calendario/nuevo/"), fields(title="La de siempre"))
    before = CalendarEvent.objects.get()
    yield before
    assert CalendarEvent.objects.get().stamp == before.stamp


@pytest.fixture
def upload(as_ana, page):
    """Send a file, and see the page that comes."""

    def post(data, name="calendario.ics"):
        file = SimpleUploadedFile(name, data)
        path = page("desvios/calendario/importar/")
        with at_once():
            return as_ana.post(path, {"file": file}, follow=True)

    return post


def words(answer):
    return answer.content.decode()


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"end_time": "14:59"}, "Termina antes de empezar"),
        ({"start_date": "1900-01-01", "end_date": "1900-01-01"}, "Elige un año de 2000 a 2100"),
        ({"ends": "count", "count": "1000000"}, "de 1 a 1000"),
        ({"repeat": "secondly"}, "Se repite"),
    ],
)
def test_a_form_that_asks_for_too_much(kept, as_ana, page, changed, reason):
    data = fields(**{"repeat": "daily", "ends": "never", **changed})
    for path, status in (("nuevo/", 422), ("previa/", 200)):
        with at_once():
            answer = as_ana.post(page(f"desvios/calendario/{path}"), data)
        assert answer.status_code == status
    answer = as_ana.post(page("desvios/calendario/nuevo/"), data)
    assert reason in words(answer)


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (HOUR.replace("T110000Z", "T090000Z"), "Termina antes de empezar"),
        (HOUR.replace(DAY, "19000101") + "RRULE:FREQ=DAILY", "1990 a 2100"),
        (HOUR + "RRULE:FREQ=DAILY;COUNT=1000000", "demasiadas veces"),
        (HOUR + "RRULE:FREQ=SECONDLY", "varias veces al día"),
        (HOUR + "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "no se cumple nunca"),
    ],
)
def test_an_event_of_a_file_that_asks_for_too_much(kept, upload, lines, reason):
    answer = upload(calendar(lines))
    assert reason in words(answer)
    assert 'name="chosen"' not in words(answer)


def test_a_file_of_ten_megabytes(kept, upload):
    answer = upload(b"BEGIN:VCALENDAR\r\n" + b"X-A:" + b"a" * 10_000_000)
    assert answer.status_code == 422
    assert "pasa de 2 MB" in words(answer)


def test_a_file_of_a_million_events(kept, upload):
    answer = upload(b"BEGIN:VCALENDAR\n" + b"BEGIN:VEVENT\nEND:VEVENT\n" * 1_000_000)
    assert answer.status_code == 422
    assert "pasa de 2 MB" in words(answer)


def test_a_file_of_as_many_events_as_fit(kept, upload):
    answer = upload(b"BEGIN:VCALENDAR\n" + b"BEGIN:VEVENT\nEND:VEVENT\n" * 80_000)
    assert answer.status_code == 422
    assert "2000 eventos" in words(answer)


def zipped(data):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("calendario.ics", data)
    return held.getvalue()


@pytest.mark.parametrize("pack", [zipped, gzip.compress], ids=["zip", "gzip"])
@pytest.mark.parametrize("name", ["calendario.zip", "calendario.ics"])
def test_a_bomb_is_refused_unopened(kept, upload, pack, name):
    answer = upload(pack(b"BEGIN:VCALENDAR\r\n" + b" " * 100_000_000), name)
    assert answer.status_code == 422
    assert "archivo comprimido" in words(answer)
    assert not CalendarUpload.objects.exists()


@pytest.fixture
def server(settings):
    """A server that the administrator allowed, and that does not deserve it."""
    settings.CALENDAR_INTRANET_HOSTS = ["127.0.0.1"]
    with serving() as running:
        yield running


@pytest.fixture
def subscribe(as_ana, page, server):
    """Subscribe to the server, and see the page that comes."""

    def post(url=""):
        cache.clear()
        url = url or f"http://127.0.0.1:{server.port}/a.ics"
        data = {"name": "Trabajo", "url": url, "to": "vm"}
        with at_once():
            answer = as_ana.post(page("desvios/calendario/suscripciones/"), data, follow=True)
        assert answer.status_code == 422
        assert not CalendarFeed.objects.exists()
        assert f'value="{url}"' in words(answer)
        return words(answer)

    return post


@pytest.mark.parametrize(
    "to",
    [
        "https://127.0.0.2:{port}/x",
        "https://localhost:{port}/x",
        "https://10.0.0.1/x",
        "https://192.168.1.1/x",
        "https://169.254.169.254/x",
        "https://[::1]:{port}/x",
        "https://[::ffff:127.0.0.1]:{port}/x",
        "https://2130706433:{port}/x",
    ],
)
def test_a_feed_that_leads_to_this_machine_or_a_private_network(kept, subscribe, server, to):
    place = to.format(port=server.port)
    server.answers["/a.ics"] = lambda handler: send(handler, 302, b"", Location=place)
    assert "no es de internet" in subscribe()
    assert [path for path, _headers in server.seen] == ["/a.ics"]
    assert "no es de internet" in subscribe(place)
    assert len(server.seen) == 1


def test_a_feed_that_leads_from_one_to_another_for_ever(kept, subscribe, server):
    server.answers["/a.ics"] = lambda handler: send(handler, 302, b"", Location="/a.ics")
    assert "sin llegar a un calendario" in subscribe()


@pytest.mark.parametrize("begins", [True, False], ids=["never ends", "never begins"])
def test_a_feed_that_keeps_one_waiting_is_left_to_the_link(as_ana, page, server, ana, begins):
    is_slow = Event()
    is_slow.set()

    def answer(handler):
        if not is_slow.is_set():
            send(handler, 200, calendar(HOUR))
            return
        if begins:
            send(handler, 200, b"BEGIN:VCALENDAR\r\n", Content_Length=None)
        while not server.ended.wait(0.05):
            handler.wfile.write(b"X" if begins else b"")

    server.answers["/a.ics"] = answer
    data = {"name": "Lenta", "url": f"http://127.0.0.1:{server.port}/a.ics", "to": "vm"}
    with at_once():
        said = words(as_ana.post(page("desvios/calendario/suscripciones/"), data, follow=True))
    assert "no respondió a tiempo. La suscripción queda guardada" in said
    assert "Todavía no se ha leído" in said
    assert not ana.events.exists()
    is_slow.clear()
    assert refresh(CalendarFeed.objects.get(), Fetcher(), timezone.now())
    assert ana.events.exists()


def test_a_feed_that_is_read_again_keeps_nobody_waiting(kept, as_ana, page, server, ana):
    server.answers["/a.ics"] = lambda handler: server.ended.wait(20)
    url = f"http://127.0.0.1:{server.port}/a.ics"
    feed = CalendarFeed.objects.create(
        subscriber=ana, name="Lenta", url=url, destination="vm", due_at=timezone.now()
    )
    with at_once():
        path = page(f"desvios/calendario/suscripciones/{feed.pk}/actualizar/")
        answer = as_ana.post(path, follow=True)
    assert "no respondió a tiempo" in words(answer)


@pytest.mark.parametrize(
    ("body", "headers", "reason"),
    [
        (b"<!doctype html><title>Entrar</title>", {"Content_Type": "text/html"}, "página web"),
        (b"<html>", {}, "página web"),
        (gzip.compress(b"x" * 50_000_000), {"Content_Encoding": "gzip"}, "comprimido"),
        (gzip.compress(b"x" * 50_000_000), {}, "archivo comprimido"),
        (b"x" * 10_000_000, {"Content_Length": None}, "pasa de 2 MB"),
        (b"BEGIN:VCALENDAR\n" + b"BEGIN:VEVENT\nEND:VEVENT\n" * 80_000, {}, "2000 eventos"),
    ],
    ids=["page", "like a page", "bomb", "bomb unannounced", "ten megabytes", "events"],
)
def test_a_feed_that_is_no_calendar(kept, subscribe, server, body, headers, reason):
    server.answers["/a.ics"] = lambda handler: send(handler, 200, body, **headers)
    assert reason in subscribe()
