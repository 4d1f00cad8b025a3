"""Storing edits of a calendar: compiled, logged, applied, undone, kept up."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import RequestFactory

from desvios.apply import apply, apply_pending, state_on_nodes
from desvios.calendar import editing
from desvios.calendar.changes import store
from desvios.calendar.compile import AHEAD, compile_calendar
from desvios.calendar.editing import Scope
from desvios.calendar.keeping import forget_retired, recompile, top_up
from desvios.calendar.series import Content, occurrences
from desvios.directory import plan_at, plan_of
from desvios.models import CompiledCalendar, ForwardingRules, RetiredCalendar
from portal.models import AuditEvent, HolidayCalendar, Subscriber
from portal.pbx import get_pbx
from portal.pbx.routing import decide, window_at
from portal.pbx.types import LineState, Reason

pytestmark = pytest.mark.django_db(databases="__all__")

MADRID = ZoneInfo("Europe/Madrid")
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TUESDAY = datetime(2026, 11, 24, 16, tzinfo=MADRID)
AFTERNOONS = Content(
    title="Tardes",
    start=TUESDAY,
    end=TUESDAY + timedelta(hours=4),
    destination="203",
    rule="FREQ=WEEKLY;BYDAY=TU",
)


@pytest.fixture
def edit(ana):
    """Store an edit of Ana's calendar."""

    def carry_out(change, at=NOW):
        request = RequestFactory().post("/")
        request.user = ana.user
        return store(request, ana, change, at=at)

    return carry_out


def sent_to(subscriber, instant):
    window = window_at(plan_of(subscriber), instant)
    return window.destination if window else ""


def test_a_series_is_in_the_plan_from_its_first_to_its_last_second(edit, ana, carla):
    edit(editing.create(AFTERNOONS))
    end = AFTERNOONS.end
    seconds = [TUESDAY - timedelta(seconds=1), TUESDAY, end - timedelta(seconds=1), end]
    assert [sent_to(ana, each) for each in seconds] == ["", "203", "203", ""]
    decision = decide(
        plan_of(ana), TUESDAY, LineState.BUSY, {"national": ana.forward_class.regex()}
    )
    assert decision.reason is Reason.CALENDAR


def test_the_plan_on_the_node_is_the_compiled_one(edit, ana):
    edit(editing.create(AFTERNOONS))
    assert apply(ana)
    assert state_on_nodes(ana).everywhere


def test_what_is_not_compiled_yet_is_known_all_the_same(edit, ana):
    edit(editing.create(AFTERNOONS))
    in_a_year = TUESDAY + timedelta(days=7 * 52)
    assert window_at(plan_at(ana, in_a_year), in_a_year).destination == "203"


def test_switched_off_the_calendar_sends_nothing_and_loses_nothing(edit, ana):
    edit(editing.create(AFTERNOONS))
    ForwardingRules.objects.create(subscriber=ana, calendar_enabled=False)
    ana.refresh_from_db()
    assert sent_to(ana, TUESDAY) == ""
    ForwardingRules.objects.update(calendar_enabled=True)
    ana.refresh_from_db()
    assert sent_to(ana, TUESDAY) == "203"


def test_an_event_that_is_not_enabled_sends_nothing(edit, ana):
    edit(editing.create(AFTERNOONS, enabled=False))
    assert sent_to(ana, TUESDAY) == ""


def test_every_edit_is_logged_and_storing_what_was_before_undoes_it(edit, ana):
    created = edit(editing.create(AFTERNOONS))
    event = ana.events.get()
    removed = edit(editing.remove(event))
    assert not ana.events.exists()
    edit(removed.before)
    assert sent_to(ana, TUESDAY) == "203"
    edit(created.before)
    assert sent_to(ana, TUESDAY) == ""
    assert AuditEvent.objects.count() == 4


def test_an_edit_that_changes_nothing_is_no_change(edit, ana):
    edit(editing.create(AFTERNOONS))
    event = ana.events.get()
    assert edit({event.uid: editing.snapshot(event)}) is None


def second_of(event):
    return occurrences(event.ical, NOW, NOW + timedelta(days=30), MADRID)[1].original


def test_removing_one_occurrence_leaves_the_others(edit, ana):
    edit(editing.create(AFTERNOONS))
    event = ana.events.get()
    edit(editing.remove(event, scope=Scope.ONE, original=second_of(event)))
    week = timedelta(days=7)
    assert [sent_to(ana, TUESDAY + week * n) for n in range(3)] == ["203", "", "203"]


def test_changing_this_and_following_splits_the_series(edit, ana):
    edit(editing.create(AFTERNOONS))
    event = ana.events.get()
    week = timedelta(days=7)
    later = Content(
        title="Tardes",
        start=TUESDAY + week,
        end=TUESDAY + week + timedelta(hours=1),
        destination="204",
        rule=AFTERNOONS.rule,
    )
    edit(
        editing.change(
            event,
            later,
            enabled=True,
            skip_holidays=False,
            scope=Scope.FOLLOWING,
            original=second_of(event),
        )
    )
    assert [sent_to(ana, TUESDAY + week * n) for n in range(3)] == ["203", "204", "204"]
    assert ana.events.count() == 2
    undo = AuditEvent.objects.first()
    edit(undo.before)
    assert [sent_to(ana, TUESDAY + week * n) for n in range(3)] == ["203", "203", "203"]


def test_following_from_the_first_occurrence_replaces_the_series(edit, ana):
    edit(editing.create(AFTERNOONS))
    event = ana.events.get()
    edit(editing.remove(event, scope=Scope.FOLLOWING, original=TUESDAY))
    assert not ana.events.exists()


def test_a_series_salvo_festivos_pauses_on_the_holidays_that_are_the_readers(edit, ana, bruno):
    national, other = (HolidayCalendar.objects.create(name=name) for name in ("España", "Vigo"))
    other.subscribers.add(bruno)
    national.days.create(date=date(2026, 12, 8), name="Inmaculada")
    other.days.create(date=date(2026, 12, 1), name="De otros")
    edit(editing.create(AFTERNOONS, skip_holidays=True))
    week = timedelta(days=7)
    assert [sent_to(ana, TUESDAY + week * n) for n in range(3)] == ["203", "203", ""]


def test_an_edit_of_the_holidays_reaches_the_nodes(edit, ana):
    spain = HolidayCalendar.objects.create(name="España")
    edit(editing.create(AFTERNOONS, skip_holidays=True))
    apply(ana)
    spain.days.create(date=TUESDAY.date(), name="Nuevo")
    recompile([ana])
    ana.refresh_from_db()
    assert sent_to(ana, TUESDAY) == ""
    assert not state_on_nodes(ana).everywhere
    apply_pending()
    assert state_on_nodes(ana).everywhere


def test_a_calendar_that_runs_short_is_topped_up_and_written_again(edit, ana):
    edit(editing.create(AFTERNOONS), at=NOW - timedelta(days=400))
    old = CompiledCalendar.objects.get()
    apply(ana)
    top_up()
    ana.refresh_from_db()
    new = CompiledCalendar.objects.get()
    assert new.version == old.version
    assert new.until >= datetime.now(UTC).date() + AHEAD
    assert Subscriber.objects.pending().get() == ana
    apply_pending()
    assert state_on_nodes(ana).everywhere
    top_up()
    assert not Subscriber.objects.pending().exists()


def test_day_keys_that_no_plan_names_are_removed_once_the_node_has_the_new_plan(edit, ana):
    edit(editing.create(AFTERNOONS), at=NOW - timedelta(hours=2))
    apply(ana)
    first = CompiledCalendar.objects.get()
    edit(editing.create(AFTERNOONS), at=NOW - timedelta(hours=1))
    assert RetiredCalendar.objects.get().version == first.version
    RetiredCalendar.objects.update(retired_at=NOW - timedelta(days=1))
    forget_retired()
    assert RetiredCalendar.objects.exists()  # the node still obeys the old plan
    apply(ana)
    RetiredCalendar.objects.update(retired_at=NOW - timedelta(days=1))
    forget_retired()
    assert not RetiredCalendar.objects.exists()
    assert state_on_nodes(ana).everywhere
    assert get_pbx().forwarding.read("centralita", ["201"])["201"].calendar != first.version


def test_compiling_again_gives_the_same_version(edit, ana):
    edit(editing.create(AFTERNOONS))
    version = CompiledCalendar.objects.get().version
    assert compile_calendar(ana, NOW + timedelta(days=3)).version == version
