"""Each person's own zone: whose clock the pages show, and what moves when it changes."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from desvios.apply import apply, apply_pending, state_on_nodes
from desvios.calendar import series
from desvios.calendar.changes import store
from desvios.calendar.compile import windows_around
from desvios.calendar.editing import create
from desvios.calendar.series import Content
from desvios.models import CalendarEvent, CompiledCalendar
from portal.models import AuditEvent, HolidayCalendar, Subscriber
from tests.desvios.calendar_server import serving
from tests.desvios.calendars import calendar

pytestmark = pytest.mark.django_db(databases="__all__")

MADRID, CANARY = ZoneInfo("Europe/Madrid"), ZoneInfo("Atlantic/Canary")
NEW_YORK = ZoneInfo("America/New_York")


def day(ahead=2):
    return timezone.localdate() + timedelta(days=ahead)


def at(hour, zone, ahead=2):
    when = day(ahead)
    return datetime(when.year, when.month, when.day, hour, tzinfo=zone)


@pytest.fixture
def plan(ana, rf):
    """Store an event of Ana's."""

    def put(title, start, end, **more):
        request = rf.post("/")
        request.user = ana.user
        content = Content(title=title, start=start, end=end, destination="vm")
        store(request, ana, create(content, **more), at=timezone.now())

    return put


@pytest.fixture
def move(as_ana, page):
    """Choose another zone as the page would."""

    def post(zone):
        return as_ana.post(page("desvios/calendario/zona/"), {"zone": zone}, follow=True)

    return post


def starts():
    compiled = CompiledCalendar.objects.get()
    return [datetime.fromtimestamp(each.start, UTC) for each in compiled.windows()]


def test_a_person_lives_in_the_zone_of_the_company_unless_told_otherwise(ana):
    assert ana.zone == MADRID


def test_an_event_with_a_zone_of_its_own_stays_where_it_is(plan, move):
    plan("Comida", at(14, MADRID), at(15, MADRID))
    plan("Lejos", at(14, NEW_YORK), at(15, NEW_YORK))
    before = starts()
    assert "Zona horaria cambiada" in move("Atlantic/Canary").content.decode()
    assert starts() == before


def test_a_whole_day_is_one_of_the_zone_in_which_the_person_lives(plan, move, ana):
    plan("Libre", day(), day(3))
    assert starts() == [at(0, MADRID)]
    move("Atlantic/Canary")
    assert starts() == [at(0, CANARY)]
    (window,) = windows_around(Subscriber.objects.get(pk=ana.pk), at(12, CANARY))
    assert window.start == int(at(0, CANARY).timestamp())


def test_a_holiday_is_one_of_the_zone_in_which_the_person_lives(plan, move):
    HolidayCalendar.objects.create(name="Aquí").days.create(date=day(), name="Fiesta")
    plan("Noche", at(23, NEW_YORK, 1), at(23, NEW_YORK, 1) + timedelta(hours=1), skip_holidays=True)
    assert CompiledCalendar.objects.get().windows() == ()
    move("America/New_York")
    assert len(starts()) == 1


def test_another_zone_is_another_version_of_the_calendar_on_the_nodes(plan, move, ana):
    plan("Libre", day(), day(3))
    apply(ana)
    before = CompiledCalendar.objects.get().version
    move("Atlantic/Canary")
    assert CompiledCalendar.objects.get().version != before
    assert state_on_nodes(Subscriber.objects.get(pk=ana.pk)).everywhere


def test_who_wins_stays_the_same_in_another_zone(plan, move):
    for title in ("Primero", "Segundo"):
        plan(title, at(14, MADRID), at(15, MADRID))
    winner = CompiledCalendar.objects.get().won[0][3]
    move("Atlantic/Canary")
    assert CompiledCalendar.objects.get().won[0][3] == winner


def test_the_change_is_logged_and_undone(plan, move, ana, as_ana, page):
    plan("Libre", day(), day(3))
    move("Atlantic/Canary")
    text = as_ana.get(page("desvios/")).content.decode()
    assert "Zona horaria: Península y Baleares → Canarias" in text
    as_ana.post(page(f"desvios/deshacer/{AuditEvent.objects.first().pk}/"))
    assert Subscriber.objects.get(pk=ana.pk).zone == MADRID
    assert starts() == [at(0, MADRID)]


def test_what_is_no_zone_is_refused_in_words(move, ana):
    for zone in ("", "Moon/Base", "../etc/passwd", "x" * 5000):
        answer = move(zone)
        assert answer.status_code == 422
    assert "Elige una zona de la lista" in answer.content.decode()
    assert Subscriber.objects.get(pk=ana.pk).zone == MADRID


def test_pages_tell_the_time_of_the_reader(plan, as_ana, page, ana):
    plan("Comida", at(14, MADRID), at(15, MADRID))
    Subscriber.objects.filter(pk=ana.pk).update(time_zone="Atlantic/Canary")
    for view in ("dia", "semana", "mes"):
        address = page(f"desvios/calendario/?vista={view}&dia={day()}")
        assert "13:00–14:00" in as_ana.get(address).content.decode()
    assert "a las 13:00 empezará «Comida»" in as_ana.get(page()).content.decode()
    form = as_ana.get(page("desvios/calendario/nuevo/")).content.decode()
    assert 'value="Atlantic/Canary" selected' in form
    assert timezone.get_current_timezone_name() == "Europe/Madrid"  # of this thread, afterwards


def test_one_reader_does_not_tell_the_next_one_the_time(as_ana, page, ana, bruno, client):
    Subscriber.objects.filter(pk=ana.pk).update(time_zone="Pacific/Auckland")
    as_ana.get(page("desvios/"))
    client.force_login(bruno.user)
    text = client.get(page("desvios/calendario/nuevo/")).content.decode()
    assert 'value="Europe/Madrid" selected' in text


def test_until_six_is_six_where_the_person_is(as_ana, page, ana, carla):
    Subscriber.objects.filter(pk=ana.pk).update(time_zone="Pacific/Auckland")
    data = {"to": "number", "number": "203", "until": "evening"}
    answer = as_ana.post(page("desvios/hasta/"), data, follow=True)
    content = series.read(CalendarEvent.objects.get().ical)
    assert str(content.end.tzinfo) == "Pacific/Auckland"
    assert (content.end.hour, content.end.minute) == (18, 0)
    assert timedelta() < content.end - timezone.now() <= timedelta(days=1)
    assert "las 18:00" in answer.content.decode()


def test_a_chosen_moment_is_one_on_the_persons_clock(as_ana, page, ana, carla):
    Subscriber.objects.filter(pk=ana.pk).update(time_zone="Pacific/Auckland")
    moment = datetime.now(ZoneInfo("Pacific/Auckland")) + timedelta(hours=3)
    data = {"to": "number", "number": "203", "moment": f"{moment:%Y-%m-%dT%H:%M}"}
    as_ana.post(page("desvios/hasta/"), data)
    end = series.read(CalendarEvent.objects.get().ical).end
    assert end == moment.replace(second=0, microsecond=0)


def test_an_administrator_gives_a_person_another_zone(plan, client, ana, page):
    plan("Libre", day(), day(3))
    apply(ana)
    client.force_login(User.objects.create_superuser("admin", password="x"))
    address = page(f"admin/portal/subscriber/{ana.pk}/change/")
    form = client.get(address).context["adminform"].form
    data = {name: value for name, value in form.initial.items() if value is not None}
    data |= {"time_zone": "Atlantic/Canary"}
    data |= {"devices-TOTAL_FORMS": 0, "devices-INITIAL_FORMS": 0}
    answer = client.post(address, data)
    assert answer.status_code == 302, answer.content.decode()
    assert starts() == [at(0, CANARY)]
    apply_pending()
    assert state_on_nodes(Subscriber.objects.get(pk=ana.pk)).everywhere


@pytest.fixture
def subscribed(as_ana, page, settings):
    """A subscription with a floating time, one in UTC, a whole day, and a removed occurrence."""
    settings.CALENDAR_INTRANET_HOSTS = ["127.0.0.1"]
    stamp = f"{day():%Y%m%d}"
    later = f"{day(3):%Y%m%d}"
    with serving() as server:
        server.answers["/a.ics"] = calendar(
            f"UID:float\nSUMMARY:Flota\nDTSTART:{stamp}T100000\nDTEND:{stamp}T110000",
            f"UID:utc\nSUMMARY:Fija\nDTSTART:{stamp}T150000Z\nDTEND:{stamp}T160000Z",
            f"UID:off\nSUMMARY:Quitada\nDTSTART:{stamp}T190000Z\nDTEND:{stamp}T200000Z",
            f"UID:day\nSUMMARY:Libre\nDTSTART;VALUE=DATE:{later}",
        )
        cache.clear()
        url = f"http://127.0.0.1:{server.port}/a.ics"
        data = {"name": "Trabajo", "url": url, "to": "vm"}
        as_ana.post(page("desvios/calendario/suscripciones/"), data)
        yield


def test_times_without_a_zone_in_a_subscription_are_those_of_the_person_now(subscribed, move):
    CalendarEvent.objects.get(ical__contains="Quitada").delete()
    move("Atlantic/Canary")
    utc = datetime.combine(day(), datetime.min.time(), UTC)
    assert starts() == [at(10, CANARY), utc.replace(hour=15), at(0, CANARY, 3)]


def test_an_imported_time_without_a_zone_keeps_the_clock_of_the_day_it_came(as_ana, page, move):
    stamp = f"{day():%Y%m%d}"
    data = calendar(f"UID:x\nSUMMARY:Flota\nDTSTART:{stamp}T100000\nDTEND:{stamp}T110000")
    as_ana.post(page("desvios/calendario/importar/"), {"file": SimpleUploadedFile("a.ics", data)})
    chosen = as_ana.get(page("desvios/calendario/importar/elegir/")).context["found"].suggested
    as_ana.post(page("desvios/calendario/importar/elegir/"), {"chosen": list(chosen), "to": "vm"})
    assert starts() == [at(10, MADRID)]
    move("Atlantic/Canary")
    assert starts() == [at(10, MADRID)]


def test_every_zone_that_can_be_chosen_is_one():
    field = Subscriber._meta.get_field("time_zone")
    names = [name for name, _label in field.flatchoices]
    assert {"Europe/Madrid", "UTC", "America/Argentina/Buenos_Aires"} <= set(names)
    assert all(datetime.now(ZoneInfo(name)).utcoffset() is not None for name in names)
    assert max(map(len, names)) <= field.max_length
