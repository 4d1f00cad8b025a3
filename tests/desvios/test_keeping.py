"""What the link does for calendars: topping them up, and clearing the nodes of what is over."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from desvios.apply import apply, apply_pending
from desvios.calendar import editing, keeping
from desvios.calendar.compile import AHEAD, compile_calendar, compile_calendars
from desvios.calendar.keeping import forget_retired, top_up
from desvios.calendar.series import Content
from desvios.models import CalendarEvent, CompiledCalendar, RetiredCalendar
from portal.models import HolidayCalendar, Subscriber
from portal.pbx import get_pbx
from portal.pbx.day_keys import to_day_keys

pytestmark = pytest.mark.django_db(databases="__all__")

NODE = "centralita"
NOW = datetime.now(UTC)
LONG_AGO = NOW - timedelta(days=1)


def afternoons(hour=16):
    start = datetime(2026, 11, 24, hour, tzinfo=ZoneInfo("Europe/Madrid"))
    return Content(
        title="Tardes",
        start=start,
        end=start + timedelta(hours=2),
        destination="vm",
        rule="FREQ=WEEKLY;BYDAY=TU",
    )


def plan_event(subscriber, content, **more):
    ((uid, after),) = editing.create(content).items()
    return CalendarEvent.objects.create(
        subscriber=subscriber, uid=uid, edited_at=NOW, **{**after, **more}
    )


def with_calendar(subscriber, content=None):
    """The subscriber with a calendar that the node has."""
    plan_event(subscriber, content or afternoons())
    compiled = compile_calendar(subscriber, NOW)
    subscriber.refresh_from_db()
    assert apply(subscriber)
    return compiled


def day_keys_on_node(number, compiled):
    """Those of its day keys that the node holds."""
    wanted = to_day_keys(number, compiled.version, compiled.windows())
    node = get_pbx().forwarding.nodes[NODE]
    return node.ask(lambda: node.keys.get(list(wanted)))


def test_day_keys_of_a_deleted_subscriber_are_removed_from_the_nodes(ana, bruno):
    compiled, others = with_calendar(ana), with_calendar(bruno)
    assert day_keys_on_node("201", compiled)
    ana.delete()
    apply_pending()
    forget_retired()
    assert day_keys_on_node("201", compiled)  # a call may still be looking for its day
    RetiredCalendar.objects.update(retired_at=LONG_AGO)
    forget_retired()
    assert not day_keys_on_node("201", compiled)
    assert not RetiredCalendar.objects.exists()
    assert list(CompiledCalendar.objects.all()) == [others]
    assert day_keys_on_node(bruno.number, others)


def test_the_number_of_a_deleted_subscriber_can_be_given_again(ana):
    compiled = with_calendar(ana)
    ana.delete()
    again = Subscriber.objects.create(
        number="201",
        display_name="Otra",
        call_class=ana.call_class,
        forward_class=ana.forward_class,
    )
    new = with_calendar(again, afternoons(9))
    forget_retired()
    RetiredCalendar.objects.update(retired_at=LONG_AGO)
    forget_retired()
    assert not day_keys_on_node("201", compiled)
    assert day_keys_on_node("201", new)


def test_day_keys_of_a_number_that_was_given_up_are_removed(ana):
    compiled = with_calendar(ana)
    Subscriber.objects.filter(pk=ana.pk).update(number="299")
    ana.refresh_from_db()
    compile_calendar(ana, NOW)
    Subscriber.objects.filter(pk=ana.pk).bump()
    apply_pending()
    RetiredCalendar.objects.update(retired_at=LONG_AGO)
    forget_retired()
    assert not day_keys_on_node("201", compiled)
    assert day_keys_on_node("299", CompiledCalendar.objects.get())


def test_what_must_wait_does_not_hold_up_others(ana, bruno, monkeypatch):
    compiled, others = with_calendar(ana), with_calendar(bruno)
    for subscriber, days in ((ana, 2), (bruno, 1)):
        plan_event(subscriber, afternoons(20))
        compile_calendar(subscriber, NOW)
        RetiredCalendar.objects.filter(number=subscriber.number).update(
            retired_at=NOW - timedelta(days=days)
        )
    Subscriber.objects.filter(pk=bruno.pk).bump()
    bruno.refresh_from_db()
    assert apply(bruno)  # the node still obeys Ana's old plan
    monkeypatch.setattr(keeping, "AT_ONCE", 1)
    forget_retired()
    assert day_keys_on_node("201", compiled)
    assert day_keys_on_node(bruno.number, others)
    forget_retired()
    assert not day_keys_on_node(bruno.number, others)
    waiting = RetiredCalendar.objects.get()
    assert waiting.number == "201"
    assert waiting.retired_at >= timezone.now() - keeping.GRACE


def test_many_are_topped_up_with_as_many_queries_as_one(
    ana, bruno, carla, django_assert_max_num_queries
):
    for subscriber in (ana, bruno, carla):
        with_calendar(subscriber)
    CompiledCalendar.objects.update(until=NOW.date())
    with django_assert_max_num_queries(14):
        top_up()
    assert CompiledCalendar.objects.filter(until__gte=NOW.date() + AHEAD).count() == 3
    assert Subscriber.objects.pending().count() == 3


def test_those_who_were_deleted_are_not_topped_up(ana):
    with_calendar(ana)
    CompiledCalendar.objects.update(until=NOW.date())
    ana.delete()
    top_up()
    assert CompiledCalendar.objects.get().until == NOW.date()


def test_compiled_together_each_has_its_own_holidays(ana, bruno):
    tuesday = afternoons().start.date() + timedelta(days=7)
    local = HolidayCalendar.objects.create(name="Local")
    local.subscribers.add(ana)
    local.days.create(date=tuesday, name="Fiesta")
    national = HolidayCalendar.objects.create(name="Nacional")
    national.days.create(date=tuesday + timedelta(days=7), name="Fiesta")
    for subscriber in (ana, bruno):
        plan_event(subscriber, afternoons(), skip_holidays=True)
    begin = datetime(2026, 11, 23, tzinfo=UTC)
    hers, his = compile_calendars([ana, bruno], begin)
    days = [
        [datetime.fromtimestamp(window.start, UTC).day for window in compiled.windows()[:3]]
        for compiled in (hers, his)
    ]
    assert days == [[24, 15, 22], [24, 1, 15]]


def test_many_events_are_remembered_and_give_the_same_windows_as_few(ana, bruno):
    begin = datetime(2026, 11, 23, tzinfo=UTC)
    for hour in range(24):
        plan_event(ana, afternoons(hour))
    later = begin + timedelta(days=20)
    compile_calendar(ana, begin)
    assert all(event.expanded for event in ana.events.all())
    remembered = compile_calendar(ana, later).windows()
    CalendarEvent.objects.update(expanded=[], expanded_until=None)
    assert compile_calendar(ana, later).windows() == remembered
