"""Events as people make them, compiled and applied by the portal, on a real Asterisk."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from django.test import RequestFactory

from desvios.apply import apply
from desvios.calendar import editing
from desvios.calendar.changes import store
from desvios.calendar.compile import won_between
from desvios.calendar.editing import Scope
from desvios.calendar.series import Content
from desvios.directory import plan_of
from portal.models import Subscriber
from portal.pbx import get_pbx
from portal.pbx.day_keys import DAY
from tests.asterisk.across import keep_calling
from tests.asterisk.exchange import FAMILY
from tests.desvios.random_calendars import (
    CHANGES,
    joined,
    name_of,
    parse_day_keys,
    random_snapshots,
)
from tests.pbx.contract.conftest import NODE, options

pytestmark = [pytest.mark.asterisk, pytest.mark.django_db(databases="__all__")]

MADRID = ZoneInfo("Europe/Madrid")
HOUR = timedelta(hours=1)
DECISIONS = 45
EDITS = 12


@pytest.fixture
def portal(settings, asterisk, exchange, ana, bruno, carla):
    """The portal with this Asterisk as its node; leaves nothing of 201 there."""
    node = {
        name: str(value) if name == "spool" else value for name, value in options(asterisk).items()
    }
    settings.PBX = {
        "BACKEND": "portal.pbx.asterisk.backend.build",
        "OPTIONS": {"nodes": [node], "timeout": 5.0},
    }
    get_pbx.cache_clear()
    exchange.put({f"class/{ana.forward_class.code}": ana.forward_class.regex()})
    yield
    plan = plan_of(Subscriber.objects.get(pk=ana.pk))
    get_pbx().forwarding.remove(NODE, [plan])
    if plan.calendar:
        get_pbx().forwarding.forget_calendar(NODE, "201", plan.calendar, plan.windows)


@pytest.fixture
def edit(portal, ana):
    """Store an edit and bring it to Asterisk, as a page does; the plan in force afterwards."""

    def carry_out(change, at=None):
        request = RequestFactory().post("/")
        request.user = ana.user
        store(request, ana, change, at=at or datetime.now(UTC))
        assert apply(ana)
        return plan_of(Subscriber.objects.get(pk=ana.pk))

    return carry_out


def event(start, end, destination="203", rule=""):
    return Content(title="x", start=start, end=end, destination=destination, rule=rule)


def now_in(zone):
    return datetime.now(zone).replace(microsecond=0)


def day_keys(exchange, plan):
    """Every day key that AstDB holds for the plan's days and one more, by asking for each name."""
    first = datetime.fromtimestamp(plan.windows[0].start if plan.windows else 0, UTC).date()
    days = [first + timedelta(days=n) for n in range(-1, 80)]
    names = [f"cal/201/{plan.calendar}/{day:%Y%m%d}/{part}" for day in days for part in range(3)]
    exchange.ami.events.clear()
    exchange.ami.pipeline([("DBGet", {"Family": FAMILY, "Key": name}) for name in names])
    exchange.ami.act("Ping")
    found = [e for e in exchange.ami.events if e["Event"] == "DBGetResponse"]
    return [(each["Key"], each["Val"]) for each in found]


def decided(exchange, seconds):
    """Where Asterisk sends a call to 201 at each of these seconds by the calendar, else ``""``."""
    said = exchange.decide([("201", second, "idle") for second in seconds])
    parts = [text.split("|") for text in said]
    return [to if reason == "calendar" else "" for _action, to, reason in parts]


def at_edges(window):
    return [edge + n for edge in window for n in (-1, 0, 1)]


def test_a_removed_occurrence_rings_and_the_others_do_not(edit, exchange, ana, phone):
    caller, own, other = phone("202"), phone("201"), phone("203")
    start = now_in(MADRID) - HOUR
    edit(
        editing.create(
            event(
                start - timedelta(days=3), start + 2 * HOUR - timedelta(days=3), rule="FREQ=DAILY"
            )
        )
    )
    assert caller.call("201").code == 200
    assert (len(own.calls), len(other.calls)) == (0, 1)

    (series,) = ana.events.all()
    edit(editing.remove(series, scope=Scope.ONE, original=start))
    assert caller.call("201").code == 200
    assert (len(own.calls), len(other.calls)) == (1, 1)
    second, day = int(start.timestamp()), timedelta(days=1)
    tomorrow = int((start + day).timestamp())
    assert decided(exchange, [second, tomorrow - 1, tomorrow]) == ["", "", "203"]


def test_of_two_events_that_overlap_the_later_start_has_the_calls(edit, exchange, ana, phone):
    caller, long, short = phone("202"), phone("203"), phone("204")
    start = now_in(MADRID) - HOUR
    edit(editing.create(event(start - HOUR, start + 3 * HOUR, "203")))
    edit(editing.create(event(start, start + 2 * HOUR, "204")))
    assert caller.call("201").code == 200
    assert (len(long.calls), len(short.calls)) == (0, 1)
    begin, end = int(start.timestamp()), int((start + 2 * HOUR).timestamp())
    assert decided(exchange, at_edges((begin, end))) == ["203", "204", "204", "204", "203", "203"]

    inner = ana.events.last()
    edit(editing.remove(inner))
    assert caller.call("201").code == 200
    assert (len(long.calls), len(short.calls)) == (1, 1)


def test_an_event_past_midnight_is_one_window_in_the_keys_of_several_days(edit, exchange, phone):
    caller, own, other = phone("202"), phone("201"), phone("203")
    start = now_in(MADRID) - HOUR
    plan = edit(editing.create(event(start, start + 30 * HOUR)))
    assert caller.call("201").code == 200
    assert (len(own.calls), len(other.calls)) == (0, 1)

    keys = day_keys(exchange, plan)
    begin, end = int(start.timestamp()), int((start + 30 * HOUR).timestamp())
    midnights = range(-(-begin // DAY) * DAY, end, DAY)
    assert len(keys) == len(midnights) + 1
    assert parse_day_keys(keys) == [(begin, end, "203")]
    assert decided(exchange, at_edges((begin, end))) == ["", "203", "203", "203", "", ""]
    assert set(decided(exchange, at_edges(midnights))) == {"203"}


def test_a_whole_day_lasts_from_midnight_to_midnight_of_the_person(edit, exchange, phone):
    caller, own, other = phone("202"), phone("201"), phone("203")
    today = now_in(MADRID).date()
    edit(editing.create(event(today, today + timedelta(days=1))))
    assert caller.call("201").code == 200
    assert (len(own.calls), len(other.calls)) == (0, 1)
    edges = [midnight_of(today + timedelta(days=n)) for n in (0, 1)]
    assert decided(exchange, at_edges(edges)) == ["", "203", "203", "203", "", ""]


def test_a_whole_day_tomorrow_does_not_begin_today(edit, exchange, phone):
    caller, own = phone("202"), phone("201")
    tomorrow = now_in(MADRID).date() + timedelta(days=1)
    edit(editing.create(event(tomorrow, tomorrow + timedelta(days=1))))
    assert caller.call("201").code == 200
    assert len(own.calls) == 1


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2027, 3, 28), 23), (date(2027, 10, 31), 25), (date(2027, 6, 6), 24)]
)
def test_a_whole_day_has_the_hours_that_its_clocks_give_it(edit, exchange, day, hours):
    edges = [midnight_of(day), midnight_of(day + timedelta(days=1))]
    assert edges[1] - edges[0] == hours * 3600
    whole = event(day, day + timedelta(days=1))
    edit(editing.create(whole), at=datetime.combine(day, datetime.min.time(), UTC) - 99 * HOUR)
    assert decided(exchange, at_edges(edges)) == ["", "203", "203", "203", "", ""]
    assert set(decided(exchange, range(edges[0], edges[1], 1800))) == {"203"}


def midnight_of(day):
    return int(datetime(day.year, day.month, day.day, tzinfo=MADRID).timestamp())


def test_an_event_that_is_edited_during_calls_sends_each_to_its_old_or_new_number(edit, ana, phone):
    """Whoever calls once the page says it is active reaches the new one."""
    caller, parties = phone("202"), {number: phone(number) for number in ("201", "203", "204")}
    start = now_in(MADRID) - HOUR
    edit(editing.create(event(start, start + 3 * HOUR, "203")))
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(keep_calling, caller, "201", parties, time.time() + 2.5, 0.01)
        applied = [(0.0, 0.0, "203")]
        while not running.done() and len(applied) < EDITS:
            to = "204" if len(applied) % 2 else "203"
            begun = time.time()
            content = event(start, start + 3 * HOUR, to)
            edit(editing.change(ana.events.get(), content, enabled=True, skip_holidays=False))
            applied.append((begun, time.time(), to))
            time.sleep(0.05)
    placed = running.result()
    for call in placed:
        before = [to for _begun, done, to in applied if done < call.begun][-1]
        during = {to for begun, done, to in applied if begun < call.ended and done >= call.begun}
        assert call.reached in {(to,) for to in {before, *during}}
    assert {call.reached for call in placed} == {("203",), ("204",)}
    assert len(applied) == EDITS


@pytest.mark.parametrize("case", CHANGES, ids=name_of)
def test_what_astdb_holds_and_asterisk_decides_are_the_windows_of_the_events(
    case, edit, exchange, settings, ana
):
    (name, change), chance = case, Random(f"asterisk {name_of(case)}")
    settings.TIME_ZONE = ana.time_zone = name
    ana.save()
    now = change - timedelta(days=chance.randint(0, 5))
    plan = edit(random_snapshots(chance, change, ZoneInfo(name)), at=now)
    windows = parse_day_keys(day_keys(exchange, plan))
    last = datetime.strptime(plan.until, "%Y%m%d").replace(tzinfo=UTC) + timedelta(days=1)
    first = datetime(now.year, now.month, now.day, tzinfo=UTC) - timedelta(days=1)
    won = won_between(ana, ana.events.filter(enabled=True), first, last)
    assert windows == joined((w.start, w.end, w.claim.destination) for w in won)

    seconds = sorted({second for start, end, _to in windows for second in at_edges((start, end))})
    near = int(change.timestamp())
    seconds.sort(key=lambda second: abs(second - near))
    some = [near - 1, near, near + 1, *seconds[:DECISIONS]]
    expected = [next((to for s, e, to in windows if s <= each < e), "") for each in some]
    assert decided(exchange, some) == expected
