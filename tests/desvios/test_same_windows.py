"""What pages show, what ``decide`` says and what a node's keys hold are the same windows.

At every change of clocks of some years, in zones that differ in how they change them.
"""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from django.test import RequestFactory

from desvios.apply import apply
from desvios.calendar.changes import store
from desvios.calendar.compile import AHEAD, compile_calendar
from desvios.calendar.pages.grid import day_start
from desvios.calendar.pages.shown import shown_between
from desvios.directory import plan_of
from portal.models import HolidayCalendar, Subscriber
from portal.pbx.day_keys import DAY
from portal.pbx.routing import decide
from portal.pbx.types import LineState, Reason
from tests.desvios.random_calendars import (
    CHANGES,
    ZONES,
    clipped,
    joined,
    name_of,
    parse_day_keys,
    random_snapshots,
)

pytestmark = pytest.mark.django_db(databases="__all__")

CALENDARS = 1
"""For each change of clocks."""


@pytest.fixture
def keep(ana):
    """Make these events Ana's whole calendar, as a save does."""

    def put(snapshots, now):
        request = RequestFactory().post("/")
        request.user = ana.user
        store(request, ana, snapshots, at=now)
        return applied(ana)

    return put


def applied(ana):
    """What the node holds now."""
    current = Subscriber.objects.get(pk=ana.pk)
    assert apply(current)
    return plan_of(current)


@pytest.fixture
def live_in(settings, ana):
    """Let Ana's days begin in another zone."""

    def move(name):
        settings.TIME_ZONE = ana.time_zone = name
        ana.save()
        return ZoneInfo(name)

    return move


@pytest.fixture
def held(node):
    """The windows in the keys of the simulated node, straight from its file."""

    def read(plan):
        query = "SELECT name, value FROM keys WHERE name LIKE ?"
        with closing(sqlite3.connect(node().keys.path)) as db:
            return parse_day_keys(db.execute(query, [f"cal/201/{plan.calendar}/%"]).fetchall())

    return read


def span_of(plan, now):
    """From the first second that is compiled to the last: yesterday to the plan's last day."""
    last = datetime.strptime(plan.until, "%Y%m%d").replace(tzinfo=UTC) + timedelta(days=1)
    midnight = int(now.timestamp()) // DAY * DAY
    return midnight - DAY, int(last.timestamp())


def as_stretches(shown):
    return joined({(w.start, w.end, w.claim.destination) for each in shown for w in each.won})


def shown_in(ana, first, last):
    ends = (datetime.fromtimestamp(second, UTC) for second in (first, last))
    return clipped(as_stretches(shown_between(ana, *ends)), first, last)


def on_the_page(browser, address, change, zone):
    """The windows on the month's page, and the seconds from which to which it tells of them."""
    day = change.astimezone(zone)
    answer = browser.get(address, {"vista": "mes", "dia": f"{day:%Y-%m-%d}"})
    days = [row["day"] for row in answer.context["days"]]
    first = int(day_start(days[0].date, zone).timestamp())
    last = int(day_start(days[-1].date + timedelta(days=1), zone).timestamp())
    shown = {id(piece.shown): piece.shown for each in days for piece in each.pieces}
    return clipped(as_stretches(shown.values()), first, last), first, last


def decided(plan, second):
    allowed = {plan.forward_class: "."}
    said = decide(plan, datetime.fromtimestamp(second, UTC), LineState.IDLE, allowed)
    return said.destination if said.reason is Reason.CALENDAR else ""


def expected(windows, second):
    return next((to for start, end, to in windows if start <= second < end), "")


def edges_of(windows, first, last):
    """One second before, at, and one second after each edge."""
    edges = {edge for start, end, _to in windows for edge in (start, end)}
    seconds = {edge + n for edge in edges for n in (-1, 0, 1)}
    return sorted(second for second in seconds if first <= second < last)


@pytest.mark.parametrize("number", range(CALENDARS))
@pytest.mark.parametrize("case", CHANGES, ids=name_of)
def test_pages_decisions_and_day_keys_are_the_same_windows(
    case, number, live_in, as_ana, page, ana, keep, held, node
):
    (name, change), chance = case, Random(f"{name_of(case)} {number}")
    zone = live_in(name)
    holidays = HolidayCalendar.objects.create(name="Fiestas")
    for day in range(3):
        holidays.days.create(date=change.astimezone(zone).date() + timedelta(days=day))
    now = change - timedelta(days=chance.randint(0, 20))
    plan = keep(random_snapshots(chance, change, zone), now)
    first, last = span_of(plan, now)
    windows = held(plan)

    assert windows == shown_in(ana, first, last)
    month, begin, end = on_the_page(as_ana, page("desvios/calendario/"), change, zone)
    common = max(first, begin), min(last, end)
    assert clipped(month, *common) == clipped(windows, *common)
    seconds = edges_of(windows, first, last)
    assert [decided(plan, each) for each in seconds] == [expected(windows, s) for s in seconds]
    for second in chance.sample(seconds, min(len(seconds), 30)):
        seen = node().plan("201", datetime.fromtimestamp(second, UTC))
        assert decided(seen, second) == expected(windows, second)


@pytest.mark.parametrize("case", CHANGES, ids=name_of)
def test_a_calendar_that_was_topped_up_is_the_same_windows(case, live_in, ana, keep, held):
    (name, change), chance = case, Random(f"topped up {name_of(case)}")
    now = change - timedelta(days=AHEAD.days + chance.randint(-20, 20))
    keep(random_snapshots(chance, change, live_in(name)), now)
    later = now + timedelta(days=chance.randint(14, 40))
    compile_calendar(ana, later)
    plan = applied(ana)
    first, last = span_of(plan, later)
    assert joined(clipped(held(plan), first, last)) == shown_in(ana, first, last)


def test_the_changes_of_clocks_are_all_of_them():
    count = {name: sum(zone == name for zone, _change in CHANGES) for name in ZONES}
    assert count == dict.fromkeys(ZONES, 8) | {"Asia/Kolkata": 4}
