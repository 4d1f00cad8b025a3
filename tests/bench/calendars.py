"""Calendars: compiling them, keeping them topped up, and what they add to a call"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from time import perf_counter
from zoneinfo import ZoneInfo

from django.conf import settings

from desvios.apply import apply, apply_pending
from desvios.calendar import series
from desvios.calendar.compile import compile_calendar
from desvios.calendar.keeping import top_up
from desvios.calendar.series import Content
from desvios.models import CalendarEvent, CompiledCalendar
from portal.models import Subscriber
from tests.asterisk.instance import Instance
from tests.asterisk.phone import Phone
from tests.bench.calls import Timed
from tests.bench.company import in_milliseconds

RULES = ["WEEKLY;BYDAY=MO,TU,WE,TH,FR", "WEEKLY;BYDAY=TU", "MONTHLY;BYDAY=1MO", "DAILY", "YEARLY"]
MANY, SERIES, ROUNDS = 200, 10, 100
COMPANY = 10_000
CHUNK = 2000


def run(instance: Instance) -> Iterator[tuple[str, str]]:
    """One person with 200 series, 10,000 with 10 each, and calls at windows of one day."""
    yield from _one_person()
    yield from _everybody()
    yield from _calls(instance)


def _one_person() -> Iterator[tuple[str, str]]:
    subscriber = Subscriber.objects.get(number="203")
    CalendarEvent.objects.bulk_create(_events(subscriber, MANY))
    now = datetime.now(UTC)
    begin = perf_counter()
    compile_calendar(subscriber, now)
    yield f"{MANY} series, all expanded for 75 days", f"{(perf_counter() - begin) * 1000:.0f} ms"
    edits = []
    for _ in range(20):
        event = subscriber.events.first()
        event.expanded_until = None
        event.save()
        begin = perf_counter()
        compile_calendar(subscriber, now)
        edits.append(perf_counter() - begin)
    yield f"the same after an edit of one of the {MANY}", in_milliseconds(edits)


def _everybody() -> Iterator[tuple[str, str]]:
    people = Subscriber.objects.filter(number__regex="^2[0-9]{4}$").order_by("pk")[:COMPANY]
    for start in range(0, COMPANY, CHUNK):
        rows = [event for each in people[start : start + CHUNK] for event in _events(each, SERIES)]
        CalendarEvent.objects.bulk_create(rows, batch_size=1000)
    CompiledCalendar.objects.bulk_create(
        CompiledCalendar(
            subscriber=each, number=each.number, version="old", until=datetime.now(UTC).date()
        )
        for each in people
    )
    begin = perf_counter()
    top_up()
    seconds = perf_counter() - begin
    yield f"{COMPANY} people with {SERIES} series each, from nothing", f"{seconds:.0f} s"
    later = datetime.now(UTC) + timedelta(days=14)
    begin = perf_counter()
    for each in people[:1000]:
        compile_calendar(each, later)
    yield "topped up two weeks later, for each person", f"{(perf_counter() - begin):.2f} ms"
    begin = perf_counter()
    apply_pending()
    yield "all day keys written to the node", f"{perf_counter() - begin:.0f} s"


def _calls(instance: Instance) -> Iterator[tuple[str, str]]:
    caller = Phone("201", instance.sip).register()
    called = Timed("203", instance.sip, behaviour=486).register()
    subscriber = Subscriber.objects.get(number="202")
    for position in (1, 5, 24):
        _windows_before_now(subscriber, position)
        seconds = []
        for _ in range(ROUNDS):
            begin = perf_counter()
            caller.call("202")
            seconds.append(called.arrived - begin)
        yield f"a call in the {position}. window of its day", in_milliseconds(seconds)
    caller.close()
    called.close()


def _windows_before_now(subscriber: Subscriber, position: int) -> None:
    """So many windows today, of which the last is in force."""
    subscriber.events.all().delete()
    now = datetime.now(UTC).replace(microsecond=0)
    midnight = now.replace(hour=0, minute=0, second=0)
    step = (now - midnight) / position
    starts = [midnight + step * number for number in range(position)]
    contents = [
        Content(title="", start=start, end=start + step / 2, destination="203")
        for start in starts[:-1]
    ]
    contents.append(
        Content(title="", start=starts[-1], end=now + timedelta(hours=1), destination="203")
    )
    for number, content in enumerate(contents):
        uid = f"w{number}"
        CalendarEvent.objects.create(
            subscriber=subscriber, uid=uid, ical=series.write(uid, content), edited_at=now
        )
    compile_calendar(subscriber, now)
    Subscriber.objects.filter(pk=subscriber.pk).bump()
    assert apply(Subscriber.objects.get(pk=subscriber.pk))


def _events(subscriber: Subscriber, count: int) -> list[CalendarEvent]:
    zone, now = ZoneInfo(settings.TIME_ZONE), datetime.now(UTC)
    events = []
    for number in range(count):
        start = datetime(2026, 1, 5, 7 + number % 12, number % 60, tzinfo=zone)
        content = Content(
            title=f"Serie {number}",
            start=start,
            end=start + timedelta(minutes=45),
            destination="203",
            rule=f"FREQ={RULES[number % len(RULES)]}",
        )
        uid = f"bench-{number}"
        text = series.write(uid, content)
        events.append(CalendarEvent(subscriber=subscriber, uid=uid, ical=text, edited_at=now))
    return events
