"""An administrator adds the days of a file to a calendar of holidays."""

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from portal.models import HolidayCalendar
from tests.desvios.calendars import calendar

pytestmark = pytest.mark.django_db(databases="__all__")

YEAR = timezone.localdate().year
FILE = calendar(
    f"UID:1\nDTSTART;VALUE=DATE:{YEAR}0101\nRRULE:FREQ=YEARLY\nSUMMARY:Año Nuevo",
    f"UID:2\nDTSTART;VALUE=DATE:{YEAR}1012\nSUMMARY:Fiesta Nacional",
)


@pytest.fixture
def send(client, page):
    client.force_login(User.objects.create_superuser("jefa"))

    def post(data, **more):
        form = {
            "name": "Nacional",
            "days-TOTAL_FORMS": 0,
            "days-INITIAL_FORMS": 0,
            "file": SimpleUploadedFile("festivos.ics", data),
        }
        return client.post(page("admin/desvios/holidaycalendar/add/"), form | more)

    return post


def test_the_days_of_a_file_are_added(send):
    assert send(FILE).status_code == 302
    days = HolidayCalendar.objects.get().days
    assert days.count() == 12
    assert days.get(date=f"{YEAR}-10-12").name == "Fiesta Nacional"
    assert days.get(date=f"{YEAR + 10}-01-01").name == "Año Nuevo"


def test_days_that_are_there_keep_their_names(send, client, page):
    send(FILE)
    row = HolidayCalendar.objects.get()
    row.days.filter(date=f"{YEAR}-10-12").update(name="El Pilar")
    form = {
        "name": "Nacional",
        "days-TOTAL_FORMS": 0,
        "days-INITIAL_FORMS": 0,
        "file": SimpleUploadedFile("festivos.ics", FILE),
    }
    client.post(page(f"admin/desvios/holidaycalendar/{row.pk}/change/"), form)
    assert row.days.count() == 12
    assert row.days.get(date=f"{YEAR}-10-12").name == "El Pilar"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"hola", "No es un calendario"),
        (b"x" * 2_100_000, "2 MB"),
        (FILE.replace(b"FREQ=YEARLY", b"FREQ=SECONDLY"), "Año Nuevo: "),
    ],
)
def test_a_file_that_cannot_be_read_whole_is_refused(send, data, reason):
    answer = send(data)
    assert answer.status_code == 200
    assert reason in answer.content.decode()
    assert not HolidayCalendar.objects.exists()
