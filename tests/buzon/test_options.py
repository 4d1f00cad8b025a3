"""What a subscriber chooses for the mailbox."""

import logging
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from buzon import options
from buzon.models import MailboxOptions, NoticedMessage
from desvios.apply import apply_pending
from desvios.directory import plan_of
from portal.models import AuditEvent, Subscriber
from portal.pbx import get_pbx
from portal.pbx.errors import PBXUnavailable
from portal.pbx.simulated.faults import Mode

pytestmark = pytest.mark.django_db

Notice = MailboxOptions.Notice
PIN = "2580"


def save(request, subscriber, **fields):
    chosen = options.content(Subscriber.objects.get(pk=subscriber.pk)) | fields
    return options.save(request, subscriber, **chosen)


def test_what_is_chosen_is_stored_and_written_down(ana, bruno, as_person):
    assert save(as_person(ana), ana, notice=Notice.NOTICE, email="ana@example.com")
    row = MailboxOptions.objects.get()
    assert (row.subscriber, row.notice, row.email) == (ana, Notice.NOTICE, "ana@example.com")
    event = AuditEvent.objects.get()
    assert event.subscriber == ana
    assert event.before == {"notice": "none", "email": ""}
    assert event.after == {"notice": "notice", "email": "ana@example.com"}


def test_what_is_as_it_was_is_not_written_down(ana, as_person):
    save(as_person(ana), ana, notice=Notice.NOTICE, email="ana@example.com")
    assert not save(as_person(ana), ana, notice=Notice.NOTICE, email="ana@example.com")
    assert AuditEvent.objects.count() == 1


def test_notices_count_from_when_they_are_switched_on(ana, as_person):
    before = timezone.now().replace(microsecond=0)
    save(as_person(ana), ana, notice=Notice.NOTICE, email="ana@example.com")
    first = MailboxOptions.objects.get().notices_since
    assert before <= first <= timezone.now()
    MailboxOptions.objects.update(notices_since=first - timedelta(days=1))
    save(as_person(ana), ana, notice=Notice.RECORDING)
    assert MailboxOptions.objects.get().notices_since == first - timedelta(days=1)


def test_the_language_reaches_the_telephone_system(ana, as_person):
    save(as_person(ana), ana, language="en")
    apply_pending()
    ana.refresh_from_db()
    held = get_pbx().forwarding.read("centralita", [ana.number])[ana.number]
    assert held.language == "en"
    assert held == plan_of(ana)


def test_other_choices_leave_the_plan_alone(ana, as_person):
    revision = ana.revision
    save(as_person(ana), ana, notice=Notice.NOTICE, email="ana@example.com")
    assert Subscriber.objects.get(pk=ana.pk).revision == revision


def everything_about(caplog):
    rows = [*AuditEvent.objects.all(), *MailboxOptions.objects.all(), *Subscriber.objects.all()]
    return caplog.text + "".join(str(vars(row)) for row in rows)


def test_a_pin_goes_to_the_telephone_system_and_stays_nowhere_else(
    ana, as_person, caplog, settings
):
    caplog.set_level(logging.DEBUG)
    options.set_pin(as_person(ana), ana, PIN)
    spool = settings.PBX["OPTIONS"]["path"] / "spool"
    assert any(PIN in file.read_text() for file in spool.rglob("secret.conf"))
    assert AuditEvent.objects.get().action == AuditEvent.Action.PIN
    assert PIN not in everything_about(caplog)


def test_a_pin_that_the_telephone_system_does_not_take_is_an_error(ana, as_person, caplog, node):
    node().faults.set(Mode.AWAY)
    with pytest.raises(PBXUnavailable):
        options.set_pin(as_person(ana), ana, PIN)
    assert PIN not in everything_about(caplog)


def test_administrators_see_what_could_not_be_sent(ana, admin_client):
    NoticedMessage.objects.create(
        subscriber=ana,
        mailbox=ana.mailbox,
        msg_id="1-a",
        state="failed",
        found_at=timezone.now(),
        next_try=timezone.now(),
        error="550 No such person",
    )
    MailboxOptions.objects.create(subscriber=ana, email="ana@example.com")
    shown = admin_client.get(reverse("admin:buzon_noticedmessage_changelist"))
    assert "550 No such person" in shown.content.decode()
    shown = admin_client.get(reverse("admin:buzon_mailboxoptions_changelist"))
    assert "ana@example.com" in shown.content.decode()
