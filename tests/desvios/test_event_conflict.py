"""Two windows, or two people, change the same event: nobody's change is lost without a word."""

import re
from datetime import timedelta

import pytest

from desvios.calendar import series
from desvios.calendar.changes import ChangedMeanwhile, store
from desvios.calendar.editing import remove
from desvios.models import CalendarEvent
from portal.models import AuditEvent
from tests.desvios.test_event_form import WEEKLY, fields, next_tuesday

pytestmark = pytest.mark.django_db(databases="__all__")

NAME = f"{next_tuesday() + timedelta(days=7)}T15:00:00"


@pytest.fixture
def browse(as_ana, page, carla):
    """Look at and send pages of the calendar."""

    def go(path, data=None, follow=False):
        address = page(f"desvios/calendario/{path}")
        return (
            as_ana.get(address, follow=follow)
            if data is None
            else as_ana.post(address, data, follow=follow)
        )

    return go


@pytest.fixture
def series_on_tuesdays(browse):
    """A series, and the form of its second time as one window shows it."""
    browse("nuevo/", fields(**WEEKLY))
    return CalendarEvent.objects.get()


def words(answer):
    return answer.content.decode()


def made_from(answer):
    found = re.findall(r'name="made_from" value="([^"]*)"', words(answer))
    assert len(set(found)) == 1
    return found[0]


def opened(browse, row, query=""):
    """What the form of the event carries."""
    return made_from(browse(f"{row.pk}/{query}"))


def changed(browse, row, **more):
    """Somebody else saves the event meanwhile."""
    data = fields(**WEEKLY, made_from=opened(browse, row), **more)
    assert browse(f"{row.pk}/", data).status_code == 302


def title():
    return str(CalendarEvent.objects.get())


def test_a_save_onto_something_newer_shows_it_and_keeps_the_input(browse, series_on_tuesdays):
    row = series_on_tuesdays
    old = opened(browse, row)
    changed(browse, row, title="Del otro", start_time="16:00")
    mine = fields(**WEEKLY, made_from=old, title="Mío")
    answer = browse(f"{row.pk}/", mine)
    assert answer.status_code == 409
    assert title() == "Del otro"
    text = words(answer)
    assert "Mientras tanto este evento cambió (hoy, " in text
    assert "«Del otro», las llamadas van a Carla (203)" in text
    assert "16:00–19:00" in text
    assert 'value="Mío"' in text
    again = browse(f"{row.pk}/", mine | {"made_from": made_from(answer)})
    assert again.status_code == 302
    assert title() == "Mío"


def test_a_second_change_meanwhile_is_shown_again(browse, series_on_tuesdays):
    row = series_on_tuesdays
    old = opened(browse, row)
    changed(browse, row, title="Uno")
    mine = fields(**WEEKLY, made_from=old, title="Mío")
    first = made_from(browse(f"{row.pk}/", mine))
    changed(browse, row, title="Dos")
    answer = browse(f"{row.pk}/", mine | {"made_from": first})
    assert answer.status_code == 409
    assert "«Dos»" in words(answer)


def test_a_form_that_says_nothing_of_what_it_was_made_from_is_no_ticket(browse, series_on_tuesdays):
    assert browse(f"{series_on_tuesdays.pk}/", fields(**WEEKLY, title="Mío")).status_code == 409


def test_an_error_in_the_form_does_not_wipe_out_what_it_was_made_from(browse, series_on_tuesdays):
    row = series_on_tuesdays
    old = opened(browse, row)
    answer = browse(f"{row.pk}/", fields(**WEEKLY, made_from=old, title=""))
    assert answer.status_code == 422
    assert made_from(answer) == old


def test_one_occurrence_changed_in_two_windows(browse, series_on_tuesdays):
    row, query = series_on_tuesdays, f"?original={NAME}"
    old = opened(browse, row, query)
    one = {"scope": "one", "start_date": NAME[:10], "end_date": NAME[:10], "made_from": old}
    assert browse(f"{row.pk}/{query}", fields(**WEEKLY, **one, start_time="16:00")).status_code == (
        302
    )
    answer = browse(f"{row.pk}/{query}", fields(**WEEKLY, **one, start_time="17:00"))
    assert answer.status_code == 409
    assert "16:00–19:00" in words(answer)
    again = one | {"made_from": made_from(answer), "start_time": "17:00"}
    assert browse(f"{row.pk}/{query}", fields(**WEEKLY) | again).status_code == 302


def test_saving_an_event_that_was_removed_says_so_and_can_bring_it_back(browse, series_on_tuesdays):
    row = series_on_tuesdays
    mine = fields(**WEEKLY, made_from=opened(browse, row), title="Mío")
    browse(f"{row.pk}/borrar/", {"made_from": row.stamp})
    answer = browse(f"{row.pk}/", mine)
    assert answer.status_code == 409
    assert "Mientras tanto este evento se borró" in words(answer)
    assert 'value="Mío"' in words(answer)
    assert not CalendarEvent.objects.exists()
    assert browse(f"{row.pk}/", mine | {"made_from": made_from(answer)}).status_code == 302
    assert title() == "Mío"
    assert CalendarEvent.objects.get().uid == row.uid
    assert browse(f"{row.pk}/").status_code == 200


@pytest.mark.parametrize("path", ["{pk}/", "{pk}/?original=" + NAME])
def test_looking_at_an_event_that_was_removed_leads_back_with_a_word(
    browse, series_on_tuesdays, path
):
    row = series_on_tuesdays
    browse(f"{row.pk}/borrar/", {"made_from": row.stamp})
    answer = browse(path.format(pk=row.pk), follow=True)
    assert answer.redirect_chain
    assert "«En el almacén» ya no está en tu calendario: se borró (hoy" in words(answer)
    assert f"desvios/deshacer/{AuditEvent.objects.first().pk}/" in words(answer)


def test_removing_what_was_removed_says_so(browse, series_on_tuesdays):
    row = series_on_tuesdays
    browse(f"{row.pk}/borrar/", {"made_from": row.stamp})
    answer = browse(f"{row.pk}/borrar/", {"made_from": row.stamp}, follow=True)
    assert "ya no está en tu calendario" in words(answer)
    assert AuditEvent.objects.count() == 2


def test_what_was_removed_and_brought_back_has_its_old_address(
    browse, series_on_tuesdays, as_ana, page
):
    row = series_on_tuesdays
    browse(f"{row.pk}/borrar/", {"made_from": row.stamp})
    as_ana.post(page(f"desvios/deshacer/{AuditEvent.objects.first().pk}/"))
    assert browse(f"{row.pk}/").status_code == 200


def test_what_changed_meanwhile_is_not_removed(browse, series_on_tuesdays):
    row = series_on_tuesdays
    changed(browse, row, title="Del otro")
    answer = browse(f"{row.pk}/borrar/", {"made_from": row.stamp})
    assert answer.status_code == 409
    assert "así que no se ha borrado" in words(answer)
    assert title() == "Del otro"
    browse(f"{row.pk}/borrar/", {"made_from": made_from(answer)})
    assert not CalendarEvent.objects.exists()


def test_an_occurrence_that_the_series_has_no_more_can_stand_alone(browse, series_on_tuesdays):
    row, query = series_on_tuesdays, f"?original={NAME}"
    old = opened(browse, row, query)
    browse(f"{row.pk}/borrar/{query}", {"scope": "one", "made_from": row.stamp})
    looked = browse(f"{row.pk}/{query}", follow=True)
    assert "Esa vez ya no está en la serie «En el almacén»" in words(looked)
    day = {"start_date": NAME[:10], "end_date": NAME[:10], "start_time": "16:00"}
    mine = fields(**WEEKLY, made_from=old, scope="one", title="Mío") | day
    answer = browse(f"{row.pk}/{query}", mine)
    assert answer.status_code == 409
    assert 'action="/webs/webfon3/desvios/calendario/nuevo/"' in words(answer)
    assert 'value="Mío"' in words(answer)
    browse("nuevo/", mine | {"repeat": ""})
    assert CalendarEvent.objects.count() == 2


def test_a_drag_carries_what_the_calendar_showed(browse, series_on_tuesdays):
    row = series_on_tuesdays
    shown = words(browse(f"?dia={next_tuesday()}"))
    made = re.search(r'data-made="(\w+)"', shown)[1]
    assert browse(f"{row.pk}/?visto={made}").status_code == 200
    changed(browse, row, end_time="18:00")
    answer = browse(f"{row.pk}/?original={NAME}&visto={made}")
    assert answer.status_code == 409
    assert "así que no se ha movido" in words(answer)
    assert 'value="18:00"' in words(answer)
    moved = fields(**WEEKLY, made_from=made, start_time="17:00")
    assert browse(f"{row.pk}/", moved).status_code == 409


def test_another_persons_removed_event_is_not_found(browse, series_on_tuesdays, client, bruno):
    row = series_on_tuesdays
    browse(f"{row.pk}/borrar/", {"made_from": row.stamp})
    client.force_login(bruno.user)
    for path in (f"{row.pk}/", f"{row.pk}/borrar/", f"previa/?evento={row.pk}"):
        assert browse(path, fields(made_from="-")).status_code == 404
    assert browse(f"{row.pk}/").status_code == 404


def test_of_two_saves_at_the_same_moment_one_is_told(series_on_tuesdays, rf, ana):
    row, request = series_on_tuesdays, rf.post("/")
    request.user = ana.user
    seen, now = {row.uid: row.stamp}, row.edited_at
    after = {"ical": series.write(row.uid, series.read(row.ical)), "skip_holidays": True}
    store(request, ana, {row.uid: {**after, "enabled": False}}, at=now, seen=seen)
    with pytest.raises(ChangedMeanwhile):
        store(request, ana, remove(row), at=now, seen=seen)
    assert not CalendarEvent.objects.get().enabled
