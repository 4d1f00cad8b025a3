"""What the pages show, what ``decide`` says and what is compiled are the same stretches of time."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desvios.calendar.compile import won_between
from desvios.calendar.editing import create
from desvios.calendar.pages.shown import shown_between
from desvios.calendar.repetition import NTH, WEEKDAYS, Kind, Repetition, from_rule, to_rule
from desvios.calendar.series import Content
from desvios.calendar.windows import to_windows
from desvios.models import CalendarEvent
from portal.pbx.routing import decide
from portal.pbx.types import ForwardingPlan, LineState, Reason

pytestmark = pytest.mark.django_db(databases="__all__")

ZONES = ["Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "Asia/Tokyo"]

CHANGES_OF_CLOCKS = [
    datetime(2026, 10, 25, 1, tzinfo=UTC),  # Madrid, back
    datetime(2027, 3, 28, 1, tzinfo=UTC),  # Madrid, forth
    datetime(2026, 11, 1, 6, tzinfo=UTC),  # New York, back
    datetime(2027, 3, 14, 7, tzinfo=UTC),  # New York, forth
    datetime(2027, 4, 3, 15, tzinfo=UTC),  # Lord Howe, back by half an hour
    datetime(2026, 10, 3, 15, 30, tzinfo=UTC),  # Lord Howe, forth by half an hour
    datetime(2027, 6, 15, 12, tzinfo=UTC),  # none
]


@st.composite
def repetitions(draw):
    """A repetition as the form could ask for it."""
    kind = draw(st.sampled_from([kind for kind in Kind if kind is not Kind.OTHER]))
    if kind is Kind.NONE:
        return Repetition()
    weekdays = draw(st.sets(st.sampled_from(WEEKDAYS), min_size=1))
    nth = kind is Kind.MONTHLY_BY_WEEKDAY
    return Repetition(
        kind=kind,
        every=draw(st.integers(1, 3)),
        weekdays=tuple(d for d in WEEKDAYS if d in weekdays) if kind is Kind.WEEKLY else (),
        nth=draw(st.sampled_from(NTH)) if nth else 1,
        weekday=draw(st.sampled_from(WEEKDAYS)) if nth else "MO",
        **draw(
            st.sampled_from([{}, {"count": 4}, {"until": date(2027, 12, 31)}]),
        ),
    )


@st.composite
def contents(draw, near):
    """An event that begins within some days of a moment."""
    zone = ZoneInfo(draw(st.sampled_from(ZONES)))
    day = near.astimezone(zone).date() + timedelta(days=draw(st.integers(-9, 2)))
    rule = draw(repetitions())
    if draw(st.booleans()):
        end = day + timedelta(days=1)
        return Content(title="x", start=day, end=end, destination="vm", rule=to_rule(rule, day))
    hour = time(draw(st.integers(0, 23)), draw(st.sampled_from([0, 15, 30])))
    start = datetime.combine(day, hour, tzinfo=zone)
    end = start + timedelta(minutes=draw(st.integers(1, 1400)))
    destination = draw(st.sampled_from(["vm", "202", "203"]))
    return Content(
        title="x", start=start, end=end, destination=destination, rule=to_rule(rule, start)
    )


calendars = st.sampled_from(CHANGES_OF_CLOCKS).flatmap(
    lambda near: st.tuples(st.just(near), st.lists(contents(near), min_size=1, max_size=4))
)


@given(calendars)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_pages_and_calls_agree_to_the_second(ana, calendar):
    near, planned = calendar
    CalendarEvent.objects.all().delete()
    for content in planned:
        ((uid, after),) = create(content).items()
        CalendarEvent.objects.create(subscriber=ana, uid=uid, edited_at=timezone.now(), **after)
    first, last = near - timedelta(days=3), near + timedelta(days=4)
    won = won_between(ana, ana.events.all(), first, last)
    shown = sorted(
        (max(w.start, first.timestamp()), min(w.end, last.timestamp()), w.claim.destination)
        for each in shown_between(ana, first, last)
        for w in each.won
        if w.start < last.timestamp() and w.end > first.timestamp()
    )
    assert shown == [(w.start, w.end, w.claim.destination) for w in won]

    plan = ForwardingPlan(
        subscriber="201",
        mailbox="201@default",
        forward_class="all",
        calendar="1",
        windows=to_windows(won),
    )
    edges = {edge for start, end, _to in shown for edge in (start, end)}
    for second in {edge + n for edge in edges for n in (-1, 0, 1)}:
        if not first.timestamp() <= second < last.timestamp():
            continue
        said = decide(plan, datetime.fromtimestamp(second, UTC), LineState.IDLE, {"all": "."})
        expected = [to for start, end, to in shown if start <= second < end]
        found = [said.destination] if said.reason is Reason.CALENDAR else []
        assert found == expected


@given(repetitions(), st.sampled_from(ZONES), st.integers(0, 400))
def test_the_form_gives_back_the_repetition_that_it_was_given(repetition, zone, days):
    start = datetime(2026, 1, 1, 10, tzinfo=ZoneInfo(zone)) + timedelta(days=days)
    rule = to_rule(repetition, start)
    back = from_rule(rule, start)
    assert to_rule(back, start) == rule
    assert (back.kind, back.every, back.count, back.until) == (
        repetition.kind,
        repetition.every,
        repetition.count,
        repetition.until,
    )
