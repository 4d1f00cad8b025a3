"""Calendars: compiling them, keeping them topped up, and what they add to a call"""

import resource
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from time import perf_counter, process_time
from zoneinfo import ZoneInfo

import recurring_ical_events
from django.conf import settings
from django.test import Client
from django.urls import reverse

from desvios.apply import apply, apply_pending
from desvios.calendar import series
from desvios.calendar.compile import AHEAD, compile_calendar
from desvios.calendar.keeping import top_up
from desvios.calendar.pages.shown import shown_between
from desvios.calendar.series import Content
from desvios.models import CalendarEvent, CompiledCalendar, ForwardingRules
from portal.models import ServiceClass, Subscriber
from tests.asterisk.instance import Instance
from tests.asterisk.phone import Phone
from tests.bench.calls import Timed
from tests.bench.company import in_milliseconds

RULES = ["WEEKLY;BYDAY=MO,TU,WE,TH,FR", "WEEKLY;BYDAY=TU", "MONTHLY;BYDAY=1MO", "DAILY", "YEARLY"]
MANY, SERIES, ROUNDS = 200, 10, 200
POSITIONS = (1, 5, 24)
COMPANY = 10_000
CHUNK = 2000


def run(instance: Instance) -> Iterator[tuple[str, str]]:
    """One person with 200 series, 10,000 with 10 each, and calls at windows of one day."""
    yield from _one_person()
    yield from _everybody()
    yield from _calls(instance)


class Clock:
    """How long it took, and how long the processor was at it: others may be at work here."""

    def __init__(self) -> None:
        self.begin, self.busy = perf_counter(), process_time()

    def seconds(self, each: int = 1) -> str:
        """So far, for each of so many."""
        took, busy = perf_counter() - self.begin, process_time() - self.busy
        if each > 1 or took < 1:
            return f"{took / each * 1000:.1f} ms, processor {busy / each * 1000:.1f} ms"
        return f"{took:.0f} s, processor {busy:.0f} s"


def _one_person() -> Iterator[tuple[str, str]]:
    subscriber = Subscriber.objects.get(number="203")
    events = CalendarEvent.objects.bulk_create(_events(subscriber, MANY))
    now = datetime.now(UTC)
    clock = Clock()
    for event in events:
        recurring_ical_events.of(series.parse(event.ical)).between(now, now + AHEAD)
    yield f"baseline: {MANY} series by the general library", clock.seconds()
    clock = Clock()
    compile_calendar(subscriber, now)
    yield f"{MANY} series, all expanded for {AHEAD.days} days", clock.seconds()
    edits, busy = [], []
    for _ in range(40):
        event = subscriber.events.first()
        event.expanded_until = None
        event.save()
        clock = Clock()
        compile_calendar(subscriber, now)
        edits.append(perf_counter() - clock.begin)
        busy.append(process_time() - clock.busy)
    yield f"the same after an edit of one of the {MANY}", in_milliseconds(edits)
    yield "… of which the processor was busy", in_milliseconds(busy)
    yield "what the week's page shows of them", in_milliseconds(list(_weeks(subscriber, now)))
    yield from _page(subscriber)


def _weeks(subscriber: Subscriber, now: datetime) -> Iterator[float]:
    for _ in range(20):
        begin = perf_counter()
        shown_between(subscriber, now, now + timedelta(days=7))
        yield perf_counter() - begin


def _page(subscriber: Subscriber) -> Iterator[tuple[str, str]]:
    client = Client()
    client.force_login(subscriber.user)
    seconds = []
    for _ in range(20):
        begin = perf_counter()
        answer = client.get(
            reverse("desvios:calendario"), {"vista": "semana"}, HTTP_HOST="127.0.0.1"
        )
        assert answer.status_code == 200
        seconds.append(perf_counter() - begin)
    yield "the week's page with them", in_milliseconds(seconds)


def _everybody() -> Iterator[tuple[str, str]]:
    people = Subscriber.objects.filter(number__regex="^2[0-9]{4}$").order_by("pk")[:COMPANY]
    for start in range(0, COMPANY, CHUNK):
        rows = [event for each in people[start : start + CHUNK] for event in _events(each, SERIES)]
        CalendarEvent.objects.bulk_create(rows, batch_size=1000)
    today = datetime.now(UTC).date()
    CompiledCalendar.objects.bulk_create(
        CompiledCalendar(subscriber=each, number=each.number, version="old", until=today)
        for each in people
    )
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    clock = Clock()
    top_up()
    yield f"{COMPANY} people with {SERIES} series each, topped up", clock.seconds()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory
    yield "… by how much memory grew at most meanwhile", f"{memory / 1024:.0f} MB"
    later = datetime.now(UTC) + timedelta(days=14)
    clock = Clock()
    for each in people[:1000]:
        compile_calendar(each, later)
    yield "one of them alone, two weeks later", clock.seconds(each=1000)
    clock = Clock()
    apply_pending()
    yield "all day keys written to the node", clock.seconds()


def _calls(instance: Instance) -> Iterator[tuple[str, str]]:
    """Everybody sends calls to 202, who is busy: by a rule, or by a window that is in force."""
    apply_pending()  # the service classes too
    caller = Phone("201", instance.sip).register()
    called = Timed("202", instance.sip, behaviour=486).register()
    people = dict(zip((0, *POSITIONS), _people(len(POSITIONS) + 1), strict=True))
    for position, subscriber in people.items():
        _send_calls(subscriber, position)
    seconds: dict[int, list[float]] = {position: [] for position in people}
    for _ in range(ROUNDS):
        for position, subscriber in people.items():
            begin = perf_counter()
            caller.call(subscriber.number)
            assert called.arrived > begin
            seconds[position].append(called.arrived - begin)
    yield "baseline: a call sent on by a rule, no calendar", in_milliseconds(seconds.pop(0))
    for position, times in seconds.items():
        yield f"a call in the {position}. window of its day", in_milliseconds(times)
    caller.close()
    called.close()


def _people(count: int) -> list[Subscriber]:
    """New ones, whom the telephones here can call."""
    classes = ServiceClass.objects.get(code="national")
    return [
        Subscriber.objects.create(
            number=str(number), display_name="", call_class=classes, forward_class=classes
        )
        for number in range(280, 280 + count)
    ]


def _send_calls(subscriber: Subscriber, position: int) -> None:
    """By the window of this position among those of today; by an ordinary rule at 0."""
    to = {"unconditional_number": "202", "unconditional_number_enabled": not position}
    ForwardingRules.objects.create(subscriber=subscriber, **to)
    now = datetime.now(UTC).replace(microsecond=0)
    CalendarEvent.objects.bulk_create(
        CalendarEvent(
            subscriber=subscriber, uid=content.title, ical=series.write("w", content), edited_at=now
        )
        for content in _windows_before(now, position)
    )
    compile_calendar(subscriber, now)
    Subscriber.objects.filter(pk=subscriber.pk).bump()
    assert apply(Subscriber.objects.get(pk=subscriber.pk))


def _windows_before(now: datetime, count: int) -> Iterator[Content]:
    """So many today, of which the last is in force for an hour more."""
    midnight = now.replace(hour=0, minute=0, second=0)
    step = (now - midnight) / max(1, count)
    for number in range(count):
        start = midnight + step * number
        end = start + step / 2 if number < count - 1 else now + timedelta(hours=1)
        yield Content(title=f"w{number}", start=start, end=end, destination="202")


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
