"""Undoing a change of the calendar, where calls may not go everywhere any more."""

from datetime import timedelta

import pytest
from django.utils import timezone

from desvios.calendar import editing
from desvios.calendar.changes import store
from desvios.calendar.editing import Scope
from desvios.calendar.series import Content
from desvios.calendar.wording import day_and_year
from desvios.models import CalendarEvent
from portal.models import AuditEvent, ServiceClass

pytestmark = pytest.mark.django_db(databases="__all__")

MOBILE = "600123123"


@pytest.fixture
def edit(ana, rf):
    """Store an edit of Ana's calendar."""

    def carry_out(change):
        request = rf.post("/")
        request.user = ana.user
        return store(request, ana, change, at=timezone.now())

    return carry_out


@pytest.fixture
def removed(edit, ana, carla):
    """A series whose third time goes to a mobile, removed; undo brings it back."""
    start = timezone.localtime().replace(hour=14, minute=0, second=0, microsecond=0)
    start += timedelta(days=1)
    content = Content(
        title="Comida",
        start=start.replace(tzinfo=ana.zone),
        end=start.replace(tzinfo=ana.zone) + timedelta(hours=1),
        destination="203",
        rule="FREQ=DAILY",
    )
    edit(editing.create(content))
    third = content.start + timedelta(days=2)
    other = Content(title="Comida", start=third, end=third + timedelta(hours=1), destination=MOBILE)
    row = CalendarEvent.objects.get()
    edit(
        editing.change(
            row, other, enabled=True, skip_holidays=False, scope=Scope.ONE, original=third
        )
    )
    edit(editing.remove(CalendarEvent.objects.get()))
    return third


def undo(as_ana, page):
    path = page(f"desvios/deshacer/{AuditEvent.objects.first().pk}/")
    return as_ana.post(path, follow=True).content.decode()


def test_a_series_comes_back_with_its_changed_occurrence(removed, as_ana, page):
    assert "Cambio deshecho" in undo(as_ana, page)
    assert MOBILE in CalendarEvent.objects.get().ical


def test_an_occurrence_that_may_not_go_there_any_more_is_named(removed, as_ana, page):
    ServiceClass.objects.get().patterns.filter(label="Móviles").delete()
    text = undo(as_ana, page)
    assert "No se puede deshacer." in text
    assert f"«Comida» del {day_and_year(removed.date())}:" in text
    assert "no permite desviar al" in text
    assert not CalendarEvent.objects.exists()


def test_a_series_that_may_not_go_there_any_more_is_named(removed, as_ana, page):
    ServiceClass.objects.get().patterns.filter(label="Internos").delete()
    text = undo(as_ana, page)
    assert "No se puede deshacer. «Comida»:" in text
    assert not CalendarEvent.objects.exists()
