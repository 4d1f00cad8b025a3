"""What callers hear, changed by whoever is logged in."""

import resource
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from buzon import greetings
from buzon.changing import Busy
from buzon.models import MailboxOptions
from buzon.sound import convert
from portal.locks import lock
from portal.models import AuditEvent
from portal.news import Topic, since
from portal.pbx import get_pbx
from portal.pbx.errors import NotFound, PBXUnavailable
from portal.pbx.simulated.backend import spool_of
from portal.pbx.spool import Spool
from portal.pbx.types import Greeting
from tests.buzon.sounds import tone

pytestmark = pytest.mark.django_db

each_greeting = pytest.mark.parametrize("greeting", Greeting)
SHORT = convert(BytesIO(tone(seconds=1.5, rate=8000, channels=1)))
LONG = convert(BytesIO(tone(seconds=3, rate=8000, channels=1)))


def recorded(subscriber):
    return get_pbx().voicemail.greetings(subscriber.mailbox)


def heard(subscriber, greeting):
    with get_pbx().voicemail.open_greeting(subscriber.mailbox, greeting) as file:
        return file.read()


@pytest.fixture
def spool(settings):
    return Spool(spool_of(settings.PBX["OPTIONS"]["path"]))


@each_greeting
def test_a_greeting_is_put_in_force_replaced_and_removed(ana, bruno, as_person, greeting):
    request, before = as_person(ana), timezone.now()
    greetings.put(request, ana, greeting, LONG)
    assert heard(ana, greeting) == LONG
    greetings.put(request, ana, greeting, SHORT)
    assert heard(ana, greeting) == SHORT
    assert since(ana.number, before) == {Topic.MAILBOX}
    greetings.remove(request, ana, greeting)
    assert recorded(ana) == recorded(bruno) == frozenset()


def test_who_changed_which_greeting_is_written_down(ana, as_person):
    request = as_person(ana)
    until = timezone.now() + timedelta(days=1)
    greetings.put(request, ana, Greeting.TEMPORARY, LONG, until)
    greetings.remove(request, ana, Greeting.TEMPORARY)
    greetings.remove(request, ana, Greeting.TEMPORARY)
    events = AuditEvent.objects.order_by("pk")
    assert {event.action for event in events} == {AuditEvent.Action.GREETING}
    assert [(event.before["recorded"], event.after["recorded"]) for event in events] == [
        (False, True),
        (True, False),
    ]
    assert events[0].after["until"] == until.isoformat()


def test_only_a_temporary_greeting_has_an_end(ana, as_person):
    request = as_person(ana)
    until = timezone.now() + timedelta(days=1)
    greetings.put(request, ana, Greeting.TEMPORARY, LONG, until)
    greetings.put(request, ana, Greeting.BUSY, LONG)
    greetings.remove(request, ana, Greeting.BUSY)
    ana.refresh_from_db()
    assert greetings.temporary_until(ana) == until
    greetings.put(request, ana, Greeting.TEMPORARY, SHORT)
    ana.refresh_from_db()
    assert greetings.temporary_until(ana) is None


def test_removing_the_temporary_greeting_forgets_its_end(ana, as_person):
    request = as_person(ana)
    greetings.put(request, ana, Greeting.TEMPORARY, LONG, timezone.now() + timedelta(days=1))
    greetings.remove(request, ana, Greeting.TEMPORARY)
    assert MailboxOptions.objects.get().temporary_until is None


@contextmanager
def disk_of(size):
    """No file may grow beyond that."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_greeting_for_which_the_disk_is_too_small_leaves_the_old_one_and_its_end(ana, as_person):
    request, soon = as_person(ana), timezone.now() + timedelta(days=1)
    greetings.put(request, ana, Greeting.TEMPORARY, SHORT, soon)
    large = convert(BytesIO(tone(seconds=179, rate=8000, channels=1)))
    with disk_of(len(large) - 100_000), pytest.raises(PBXUnavailable):
        greetings.put(request, ana, Greeting.TEMPORARY, large)
    assert heard(ana, Greeting.TEMPORARY) == SHORT
    assert MailboxOptions.objects.get().temporary_until == soon
    last = AuditEvent.objects.order_by("pk").last()
    assert last.after == {"greeting": "temp", "recorded": True}


@each_greeting
def test_what_was_recorded_at_a_telephone_is_put_in_force(ana, as_person, spool, greeting):
    spool.write_draft(ana.mailbox, greeting, LONG)
    assert recorded(ana) == frozenset()
    greetings.take_draft(as_person(ana), ana, greeting)
    assert heard(ana, greeting) == LONG
    with pytest.raises(NotFound):
        get_pbx().voicemail.open_draft(ana.mailbox, greeting)


def test_what_was_recorded_at_a_telephone_may_be_thrown_away(ana, as_person, spool):
    greetings.put(as_person(ana), ana, Greeting.BUSY, LONG)
    spool.write_draft(ana.mailbox, Greeting.BUSY, SHORT)
    greetings.drop_draft(ana, Greeting.BUSY)
    assert heard(ana, Greeting.BUSY) == LONG
    with pytest.raises(NotFound):
        greetings.take_draft(as_person(ana), ana, Greeting.BUSY)


def test_silence_at_a_telephone_is_not_put_in_force(ana, as_person, spool):
    spool.write_draft(ana.mailbox, Greeting.BUSY, tone(level=0, rate=8000, channels=1))
    with pytest.raises(ValidationError, match="no se oye nada"):
        greetings.take_draft(as_person(ana), ana, Greeting.BUSY)
    assert recorded(ana) == frozenset()
    assert not AuditEvent.objects.exists()


def test_another_ones_draft_is_not_taken(ana, bruno, as_person, spool):
    spool.write_draft(bruno.mailbox, Greeting.BUSY, LONG)
    with pytest.raises(NotFound):
        greetings.take_draft(as_person(ana), ana, Greeting.BUSY)
    with get_pbx().voicemail.open_draft(bruno.mailbox, Greeting.BUSY) as file:
        assert file.read() == LONG


def test_two_do_not_change_a_mailbox_at_once(ana, as_person):
    with lock(f"mailbox-{ana.mailbox}", timeout=0, own_connection=True), pytest.raises(Busy):
        greetings.put(as_person(ana), ana, Greeting.BUSY, LONG)
    assert recorded(ana) == frozenset()
