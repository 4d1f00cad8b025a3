"""The data of the demonstration."""

import time
import wave
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils import timezone

from agenda.lookup import names_for
from agenda.models import Contact
from desvios.directory import plan_of
from desvios.models import CalendarEvent, ForwardingRules, compiled_of
from portal.accounts.passwords import DEMO_PASSWORD as PASSWORD
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
from portal.pbx.types import CallResult, Greeting

pytestmark = pytest.mark.django_db(databases=["default", "cdr"])

COUNTED = (
    User, Subscriber, Device, ServiceClass, NumberPattern, Contact, ForwardingRules, AuditEvent,
    CalendarEvent, HolidayCalendar, Holiday, CallRecord,
)  # fmt: skip


@pytest.fixture
def demo(settings):
    """The data, loaded."""
    call_command("demo_data")


def test_outside_the_demonstration_it_refuses(settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="WEBFON_DEMO"):
        call_command("demo_data")
    assert not User.objects.exists()


def test_it_takes_less_than_three_seconds_of_work():
    began = time.process_time()
    call_command("demo_data")
    assert time.process_time() - began < 3


def test_everybody_gets_in_with_the_password_of_the_demonstration(demo):
    expected = {
        "201": "ana.lopez",
        "202": "bruno.martin",
        "203": "carla.ruiz",
        "204": "diego.sanz",
        "301": "elena.gil",
        "302": "fermin.vega",
    }
    users = {row.number: row.user for row in Subscriber.objects.select_related("user")}
    assert {number: user.username for number, user in users.items()} == expected
    admin = User.objects.get(username="admin")
    assert admin.is_superuser
    assert all(user.check_password(PASSWORD) for user in [*users.values(), admin])


def test_everything_in_it_is_valid(demo):
    for model in COUNTED[:-1]:
        for row in model.objects.all():
            row.full_clean()


def test_twice_adds_nothing_and_overwrites_nothing(demo, settings):
    counts = [model.objects.count() for model in COUNTED]
    messages = get_pbx().voicemail.messages("201@webfon")
    Subscriber.objects.filter(number="201").update(display_name="Otra")
    Contact.objects.first().delete()
    counts[COUNTED.index(Contact)] -= 1
    call_command("demo_data")
    assert [model.objects.count() for model in COUNTED] == counts
    assert get_pbx().voicemail.messages("201@webfon") == messages
    assert Subscriber.objects.get(number="201").display_name == "Otra"


def test_the_telephone_system_has_every_plan(demo):
    plans = {row.number: plan_of(row) for row in Subscriber.objects.all()}
    assert get_pbx().forwarding.read("centralita", list(plans)) == plans
    assert not Subscriber.objects.pending().exists()
    assert not ServiceClass.objects.pending().exists()


def test_each_subscriber_has_a_month_of_believable_calls(demo):
    now = timezone.now()
    for number in ("201", "202", "203", "204"):
        calls = get_pbx().call_log.calls(number, limit=1000)
        results = {call.result for call in calls if not call.outgoing}
        assert 50 <= len(calls) <= 200
        assert CallResult.ANSWERED in results
        assert {CallResult.VOICEMAIL, CallResult.FORWARDED, CallResult.BUSY} & results
        assert all(now - timedelta(days=32) < call.started_at < now for call in calls)
        assert all(8 <= timezone.localtime(call.started_at).hour < 19 for call in calls)
        assert get_pbx().call_log.calls(number, limit=5, missed_only=True)


def test_all_who_call_but_one_have_a_name(demo):
    ana = Subscriber.objects.get(number="201")
    calls = get_pbx().call_log.calls("201", limit=1000)
    numbers = {call.called if call.outgoing else call.caller for call in calls} - {""}
    assert len(names_for(ana, numbers)) == len(numbers) - 1


def test_messages_have_sound_as_long_as_they_say(demo):
    voicemail = get_pbx().voicemail
    messages = voicemail.messages("201@webfon")
    assert {message.is_new for message in messages} == {True, False}
    for message in messages:
        file = voicemail.open_sound("201@webfon", message.msg_id)
        with file, wave.open(file, "rb") as sound:
            assert sound.getnframes() // sound.getframerate() == message.seconds


def test_messages_are_of_many_kinds(demo, settings):
    ana = Subscriber.objects.get(number="201")
    messages = get_pbx().voicemail.messages("201@webfon")
    callers = {message.caller for message in messages}
    assert {message.folder for message in messages} >= {"INBOX", "Old", "Work", "Family"}
    assert "" in callers
    assert len(names_for(ana, callers - {""})) < len(callers - {""})
    assert max(message.seconds for message in messages) > 180
    spool = Path(settings.PBX["OPTIONS"]["path"]) / "spool/voicemail/webfon/201"
    assert list(spool.glob("*/msg*.WAV"))
    assert get_pbx().voicemail.greetings("201@webfon") == {Greeting.UNAVAILABLE}


def test_every_message_came_with_a_call_that_is_in_the_history(demo):
    now = timezone.now()
    for number in ("201", "203"):
        calls = get_pbx().call_log.calls(number, limit=1000)
        left = [call for call in calls if call.result is CallResult.VOICEMAIL]
        for message in get_pbx().voicemail.messages(f"{number}@webfon"):
            assert message.received_at < now
            assert any(
                call.caller == message.caller
                and timedelta(0) <= message.received_at - call.started_at < timedelta(minutes=2)
                for call in left
            )


def test_both_address_books_have_something_in_them(demo):
    books = list(Contact.objects.values_list("book", flat=True))
    assert len(books) >= 40
    assert books.count("corporate") >= 20
    for number in ("201", "202", "203", "204"):
        assert Contact.objects.filter(owner__number=number).exists()


def test_somebody_has_a_forwarding_in_force_and_the_log_tells_when_it_was_set(demo):
    diego = Subscriber.objects.get(number="204")
    assert plan_of(diego).unconditional == "600000124"
    event = AuditEvent.objects.filter(subscriber=diego).first()
    assert event.after["unconditional_number"] == "600000124"
    assert event.revision == diego.revision
    assert event.at < timezone.now()


def test_ana_has_a_calendar_that_comes_round_and_pauses_on_holidays(demo):
    ana = Subscriber.objects.get(number="201")
    titles = {str(event) for event in ana.events.all()}
    assert {"Pausa de la comida", "En el almacén", "Vacaciones"} <= titles
    windows = compiled_of(ana).windows()
    assert {"vm", "600000121", "203"} == {window.destination for window in windows}
    assert len(windows) > 40
    holidays = set(Holiday.objects.values_list("date", flat=True))
    days = {timezone.localtime(datetime.fromtimestamp(w.start, UTC)).date() for w in windows}
    paused = {day for day in holidays if min(days) <= day <= max(days)}
    assert not days & {day for day in paused if day.weekday() < 4}
