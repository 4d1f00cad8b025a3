"""``manage.py demo_data``: the company of the demonstration. Run twice, it adds nothing."""

from datetime import datetime, timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from agenda.models import Contact
from ajustes.models import QueueRights
from desvios.apply import apply_pending
from desvios.calendar.compile import compile_calendar, zone_of
from desvios.calendar.series import write
from desvios.changes import content
from desvios.models import CalendarEvent, CompiledCalendar, ForwardingRules
from portal import access_code
from portal.accounts.passwords import DEMO_PASSWORD
from portal.management.demo import chats
from portal.management.demo.calendar import HOLIDAYS, events
from portal.management.demo.contacts import CORPORATE, PERSONAL, Entry
from portal.management.demo.messages import GREETED, MESSAGES
from portal.management.demo.people import CHANGES, CLASSES, MANNERS, PEOPLE, Person
from portal.models import (
    AuditEvent,
    Device,
    Holiday,
    HolidayCalendar,
    NumberPattern,
    ServiceClass,
    Subscriber,
)
from portal.pbx import get_pbx
from portal.pbx.models import CallRecord
from portal.pbx.types import Greeting

ACCESS_CODE = "246810"
PLANNER = "201"
"""Who has a calendar."""


class Command(BaseCommand):
    """Loads people, contacts, rules, calls and messages."""

    help = "Loads the data of the demonstration; only in demo mode."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load what is not there yet."""
        if not settings.DEMO:
            raise CommandError(
                "demo_data creates logins with a known password, so it runs only in demo mode: "
                "set WEBFON_DEMO=1."
            )
        is_first_time = not CallRecord.objects.exists()
        with transaction.atomic():
            _load()
        apply_pending()
        for number, state in MANNERS.items():
            call_command("demo_telephone", number, state)
        call_command(
            "demo_history",
            outside=[entry.number for entry in CORPORATE],
            friend=[f"{entry.owner}:{entry.number}" for entry in PERSONAL],
        )
        call_command("demo_queues", outside=[entry.number for entry in CORPORATE[:8]])
        chats.load(timezone.now())
        if is_first_time:
            _leave_messages(timezone.localtime())


def _load() -> None:
    classes = {code: _class(code) for code in CLASSES}
    hashed = make_password(DEMO_PASSWORD)
    for person in PEOPLE:
        _person(person, classes, hashed)
    User.objects.get_or_create(
        username="admin", defaults={"password": hashed, "is_staff": True, "is_superuser": True}
    )
    if not HolidayCalendar.objects.exists():
        _holidays()
    ana = Subscriber.objects.get(number=PLANNER)
    if not CompiledCalendar.objects.filter(subscriber=ana).exists():
        _plan(ana)
    if not Contact.objects.exists():
        owners = {row.number: row for row in Subscriber.objects.all()}
        entries = (*CORPORATE, *PERSONAL)
        Contact.objects.bulk_create(_contact(entry, owners) for entry in entries)
    if not QueueRights.objects.exists():
        _queues()


def _queues() -> None:
    """What the agents may do; one queue is the one that they come and go in."""
    QueueRights.objects.create(name="atencion", title="Atención al cliente")
    support = QueueRights.objects.create(name="soporte", title="Soporte técnico", penalty=1)
    support.agents.set(Subscriber.objects.filter(number__startswith="3"))
    QueueRights.objects.create(name="ventas", title="Ventas")


def _class(code: str) -> ServiceClass:
    name, patterns = CLASSES[code]
    row, is_new = ServiceClass.objects.get_or_create(code=code, defaults={"name": name})
    if is_new:
        NumberPattern.objects.bulk_create(
            NumberPattern(service_class=row, label=label, pattern=pattern)
            for label, pattern in patterns
        )
    return row


def _person(person: Person, classes: dict[str, ServiceClass], hashed: str) -> None:
    """The subscriber with login, telephones and rules, unless the number is there already."""
    named = {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "email": f"{person.username}@empresa.example",
    }
    if Subscriber.objects.filter(number=person.number).exists():
        return
    user, _is_new = User.objects.get_or_create(
        username=person.username, defaults={"password": hashed, **named}
    )
    subscriber = Subscriber.objects.create(
        user=user,
        number=person.number,
        display_name=person.display_name,
        department=person.department,
        access_pin=person.access_pin,
        access_code=access_code.protect(ACCESS_CODE),
        mailbox=f"{person.number}@webfon",
        call_class=classes[person.call_class],
        forward_class=classes[person.forward_class],
    )
    Device.objects.bulk_create(
        Device(name=name, description=description, owner=subscriber)
        for name, description in person.devices
    )
    _change(subscriber, user)


def _change(subscriber: Subscriber, user: User) -> None:
    """The rules that the person set one after another, each with its entry in the log."""
    rules = ForwardingRules(subscriber=subscriber)
    for days_ago, fields in CHANGES.get(subscriber.number, []):
        before = content(subscriber) | rules.content()
        subscriber.revision += 1
        for name, value in fields.items():
            setattr(rules, name, value)
        AuditEvent.objects.create(
            at=_office_hour(days_ago, subscriber.revision),
            actor=user,
            actor_name=user.get_username(),
            address="127.0.0.1",
            subscriber=subscriber,
            subscriber_number=subscriber.number,
            action=AuditEvent.Action.FORWARDING,
            revision=subscriber.revision,
            before={name: before[name] for name in fields},
            after=fields,
        )
    rules.full_clean()
    rules.save()
    subscriber.save(update_fields=["revision"])


def _office_hour(days_ago: int, step: int) -> datetime:
    """Some moment of a working day in the past, later for a later step."""
    day = timezone.localtime() - timedelta(days=days_ago)
    return day.replace(hour=9 + min(step, 8), minute=(17 * step) % 60)


def _holidays() -> None:
    for name, days in HOLIDAYS.items():
        calendar = HolidayCalendar.objects.create(name=name)
        Holiday.objects.bulk_create(
            Holiday(calendar=calendar, date=day, name=what) for day, what in days
        )


def _plan(subscriber: Subscriber) -> None:
    """Her calendar, as if she had filled it in some weeks ago."""
    now = timezone.now()
    zone = zone_of(subscriber)
    for planned, skip_holidays in events(timezone.localdate(now), zone):
        uid = str(uuid4())
        CalendarEvent.objects.create(
            subscriber=subscriber,
            uid=uid,
            ical=write(uid, planned),
            skip_holidays=skip_holidays,
            edited_at=now - timedelta(days=21),
        )
    compile_calendar(subscriber, now)


def _leave_messages(now: datetime) -> None:
    """What was said to the mailboxes, and what one of them says to callers."""
    for left in MESSAGES:
        call_command(
            "demo_message",
            left.caller,
            left.called,
            seconds=left.seconds,
            ago=(now - left.moment(now)) // timedelta(minutes=1),
            folder=left.folder,
            format=left.sound,
            stdout=StringIO(),
        )
    voicemail = get_pbx().voicemail
    mailbox = Subscriber.objects.get(number=GREETED).mailbox
    voice = min(voicemail.messages(mailbox), key=lambda message: message.seconds)
    with voicemail.open_sound(mailbox, voice.msg_id) as sound:
        voicemail.write_greeting(mailbox, Greeting.UNAVAILABLE, sound.read())


def _contact(entry: Entry, owners: dict[str, Subscriber]) -> Contact:
    return Contact(
        book=Contact.Book.PERSONAL if entry.owner else Contact.Book.CORPORATE,
        owner=owners[entry.owner] if entry.owner else None,
        first_name=entry.first_name,
        last_name=entry.last_name,
        second_last_name=entry.second_last_name,
        display_name=entry.display_name,
        company=entry.company,
        address=entry.address,
        postcode=entry.postcode,
        city=entry.city,
        province=entry.province,
        number=entry.number,
        number_type=entry.number_type,
    )
